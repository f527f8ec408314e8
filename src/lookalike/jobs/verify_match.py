"""The finer check behind a match by parts: both pictures laid over each other where they overlap, pixel by pixel."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.errors import ImageError
from lookalike.images import Limits, Source, load_picture
from lookalike.jobs.alignment import Alignment
from lookalike.jobs.overlap import Overlap, extent_of, find_overlap
from lookalike.model import Picture

SIDE = 112  # samples along either side of the overlap
BLOCKS = 12  # along either side; what is written over a copy spoils some blocks and leaves the others as they are
SHIFTS = 2  # samples that a block may lie off: an alignment by parts is good to some hundredths of the overlap
LEAST_CONTRAST = 3.0  # grey levels of standard deviation; flatter blocks say nothing
FEWEST_BLOCKS = 16
QUANTILE = 0.4  # the blocks that agree least may be written over
LEAST_AGREEMENT = 0.72  # measured, docs/parts.md


@dataclass(frozen=True, slots=True)
class Verification:
    """What the pixels say.

    Attributes:
        agreement: -1 to 1: the middle one of the correlations of blocks; 0 where too few blocks have anything in them.
        verified: whether it is enough to claim that one shows what the other does.
        overlap: where they show the same.
    """

    agreement: float
    verified: bool
    overlap: Overlap


def verify_match(query: Picture, match: Picture, alignment: Alignment) -> Verification:
    """Compare the pixels of *query* and *match* where they overlap as *alignment* lays the match in the query."""
    query_extent, match_extent = extent_of(query.width, query.height), extent_of(match.width, match.height)
    overlap = find_overlap(alignment, match_extent, query_extent)
    box = overlap.region
    corners = np.array(
        [
            [box.left * match_extent[0], box.top * match_extent[1]],
            [(box.left + box.width) * match_extent[0], box.top * match_extent[1]],
            [box.left * match_extent[0], (box.top + box.height) * match_extent[1]],
        ]
    )
    one = sample(match, match_extent, corners)
    other = sample(query, query_extent, alignment.of(corners))
    agreement = agreement_of(one, other)
    return Verification(agreement, agreement >= LEAST_AGREEMENT, overlap)


def verify_file(query: Picture, source: Source, alignment: Alignment, limits: Limits) -> Verification | None:
    """`verify_match` against the picture in a file; None where that can't be read any more: nothing is proved then."""
    with contextlib.suppress(ImageError):
        return verify_match(query, load_picture(source, limits=limits, channels="luminance"), alignment)
    return None


def sample(picture: Picture, extent: tuple[float, float], corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """SIDE x SIDE grey levels of the parallelogram with the *corners* upper left, upper right, lower left, in units."""
    image = picture.image if picture.image.mode == "L" else picture.image.convert("L")
    pixels = corners * (np.array(image.size) / np.array(extent))
    across, down = pixels[1] - pixels[0], pixels[2] - pixels[0]
    # Shrunk first, so that each sample is an average; samples of a shrunk picture lie about a pixel apart.
    size = [
        max(1, min(length, round(length * SIDE / max(1.0, float(np.hypot(*edge))))))
        for length, edge in zip(image.size, (across, down), strict=True)
    ]
    small = image.resize((size[0], size[1]), Image.Resampling.BOX)
    factor = np.array(size) / np.array(image.size)
    begin, right, below = pixels[0] * factor, across * factor / SIDE, down * factor / SIDE
    laid = small.transform(
        (SIDE, SIDE),
        Image.Transform.AFFINE,
        (right[0], below[0], begin[0], right[1], below[1], begin[1]),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(laid, np.float64)


def agreement_of(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """A low one of the correlations of blocks, each where it fits best within SHIFTS samples; -1 to 1.

    A block counts where either picture has something in it: a print that only one of two shirts has tells them apart.
    """
    step = (SIDE - 2 * SHIFTS) // BLOCKS
    span = step * BLOCKS
    middle = slice(SHIFTS, SHIFTS + span)
    ramps = ramps_of(step)
    fixed = levelled(blocks_of(one[middle, middle], step), ramps)
    shown = levelled(blocks_of(other[middle, middle], step), ramps)
    told = np.maximum(fixed.std(axis=1), shown.std(axis=1)) >= LEAST_CONTRAST
    if told.sum() < FEWEST_BLOCKS:
        return 0.0
    fixed = normalised(fixed[told])
    best = np.full(len(fixed), -1.0)
    for down in range(2 * SHIFTS + 1):
        for across in range(2 * SHIFTS + 1):
            moved = blocks_of(other[down : down + span, across : across + span], step)[told]
            np.maximum(best, (fixed * normalised(levelled(moved, ramps))).sum(axis=1), out=best)
    return float(np.quantile(best, QUANTILE))


def blocks_of(levels: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """(blocks, step * step) of a square."""
    blocks = levels.reshape(BLOCKS, step, BLOCKS, step).transpose(0, 2, 1, 3)
    return blocks.reshape(BLOCKS * BLOCKS, step * step)


def ramps_of(step: int) -> NDArray[np.float64]:
    """float64 (step * step, 3): level, slope across and slope down, of length 1 each."""
    down, across = np.mgrid[:step, :step] - (step - 1) / 2
    ramps = np.stack([np.ones(step * step), across.ravel(), down.ravel()], axis=1)
    return np.asarray(ramps / np.sqrt((ramps**2).sum(axis=0)), np.float64)


def levelled(blocks: NDArray[np.float64], ramps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Blocks without their mean and slope: light that falls off towards a corner does so in all pictures."""
    return np.asarray(blocks - (blocks @ ramps) @ ramps.T, np.float64)


def normalised(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each block of length 1; a plain one correlates with nothing."""
    lengths = np.sqrt((blocks**2).sum(axis=1, keepdims=True))
    whole: NDArray[np.float64] = np.divide(blocks, lengths, out=np.zeros_like(blocks), where=lengths > 0)
    return whole
