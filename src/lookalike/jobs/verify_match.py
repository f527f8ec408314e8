"""The finer check behind a match by parts: both pictures laid over each other where they overlap, pixel by pixel."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import NamedTuple

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
LEAST_AGREEMENT = 0.75  # measured, docs/parts.md

# Where words cover most of a copy, what they leave is a band across it or down. A band is easier to find by chance, so
# that it has to agree by more. Measured as well.
NARROWEST_BAND = 4  # blocks
FEWEST_BAND_BLOCKS = 32  # that have something in them
BAND_PENALTY = 0.17

ROUNDS = 3
FOLLOWED_AGREEMENT = 0.6


@dataclass(frozen=True, slots=True)
class Verification:
    """What the pixels say.

    Attributes:
        agreement: -1 to 1, see `agreement_of`.
        verified: whether it is enough to claim that one shows what the other does.
        overlap: where they show the same.
    """

    agreement: float
    verified: bool
    overlap: Overlap


class Blocks(NamedTuple):
    """How blocks of two pictures agree, row by row.

    Attributes:
        told: bool (blocks,): which have anything in them.
        correlations: float64 (blocks,): -1 to 1; -1 where nothing is told.
        shifts: float64 (blocks, 2): samples across and down by which each lies off.
    """

    told: NDArray[np.bool_]
    correlations: NDArray[np.float64]
    shifts: NDArray[np.float64]


def verify_match(query: Picture, match: Picture, alignment: Alignment) -> Verification:
    """Compare the pixels of *query* and *match* where they overlap as *alignment* lays the match in the query.

    Few parts fix an alignment roughly. While most blocks don't agree, it is fitted to those that do, twice at most.
    """
    query_extent, match_extent = extent_of(query.width, query.height), extent_of(match.width, match.height)
    box = find_overlap(alignment, match_extent, query_extent).region
    corners = np.array(
        [
            [box.left * match_extent[0], box.top * match_extent[1]],
            [(box.left + box.width) * match_extent[0], box.top * match_extent[1]],
            [box.left * match_extent[0], (box.top + box.height) * match_extent[1]],
        ]
    )
    one = sample(match, match_extent, corners)
    shown = alignment.of(corners)
    agreement, best = -1.0, shown
    for _ in range(ROUNDS):
        blocks = compare_blocks(one, sample(query, query_extent, shown))
        reached = agreement_of(blocks)
        if reached > agreement:
            agreement, best = reached, shown
        moved = follow(blocks, shown)
        if agreement >= LEAST_AGREEMENT or moved is None:
            break
        shown = moved
    overlap = find_overlap(Alignment.between(corners, best), match_extent, query_extent)
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


def compare_blocks(one: NDArray[np.float64], other: NDArray[np.float64]) -> Blocks:
    """Each block of *one* where it fits *other* best within SHIFTS samples.

    A block is told where either picture has something in it: a print that only one of two shirts has tells them apart.
    """
    step = (SIDE - 2 * SHIFTS) // BLOCKS
    span = step * BLOCKS
    middle = slice(SHIFTS, SHIFTS + span)
    ramps = ramps_of(step)
    fixed = levelled(blocks_of(one[middle, middle], step), ramps)
    shown = levelled(blocks_of(other[middle, middle], step), ramps)
    told = np.maximum(fixed.std(axis=1), shown.std(axis=1)) >= LEAST_CONTRAST
    best = np.full(len(told), -1.0)
    shifts = np.zeros((len(told), 2))
    if told.sum() < FEWEST_BLOCKS:
        return Blocks(told, best, shifts)
    fixed = normalised(fixed[told])
    for down in range(2 * SHIFTS + 1):
        for across in range(2 * SHIFTS + 1):
            moved = blocks_of(other[down : down + span, across : across + span], step)[told]
            correlations = np.full(len(told), -1.0)
            correlations[told] = (fixed * normalised(levelled(moved, ramps))).sum(axis=1)
            better = correlations > best
            best[better] = correlations[better]
            shifts[better] = across - SHIFTS, down - SHIFTS
    return Blocks(told, best, shifts)


def agreement_of(blocks: Blocks) -> float:
    """A low one of the correlations of blocks; 0 where too few have anything in them. Of a band that agrees better than
    all of it, less BAND_PENALTY.
    """
    if blocks.told.sum() < FEWEST_BLOCKS:
        return 0.0
    whole = float(np.quantile(blocks.correlations[blocks.told], QUANTILE))
    counted = BANDS & blocks.told
    numbers = counted.sum(axis=1)
    enough = numbers >= FEWEST_BAND_BLOCKS
    if whole >= LEAST_AGREEMENT or not enough.any():
        return whole
    ordered = np.sort(np.where(counted[enough], blocks.correlations, np.inf), axis=1)
    places = (QUANTILE * (numbers[enough] - 1)).astype(np.int64)
    return max(whole, float(np.take_along_axis(ordered, places[:, None], axis=1).max()) - BAND_PENALTY)


def follow(blocks: Blocks, shown: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The corners *shown*, moved as the blocks that agree lie off, by least squares; None where too few do."""
    agreeing = blocks.told & (blocks.correlations >= FOLLOWED_AGREEMENT)
    if agreeing.sum() < FEWEST_BLOCKS:
        return None
    step = (SIDE - 2 * SHIFTS) // BLOCKS
    middles = (SHIFTS + (np.mgrid[:BLOCKS, :BLOCKS][::-1].reshape(2, -1).T + 0.5) * step) / SIDE
    places = np.column_stack([np.ones(agreeing.sum()), middles[agreeing]])
    slopes = np.linalg.lstsq(places, blocks.shifts[agreeing] / SIDE, rcond=None)[0]
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    moved = corners + np.column_stack([np.ones(3), corners]) @ slopes
    return np.asarray(shown[0] + moved @ (shown[1:] - shown[0]), np.float64)


def bands_of(narrowest: int) -> NDArray[np.bool_]:
    """Which blocks lie in each band across and down, bool (bands, blocks), but the one that all lie in."""
    lines = np.arange(BLOCKS)
    ends = [(begin, end) for begin in lines for end in lines + 1 if narrowest <= end - begin < BLOCKS]
    across = [np.repeat((begin <= lines) & (lines < end), BLOCKS) for begin, end in ends]
    down = [np.tile((begin <= lines) & (lines < end), BLOCKS) for begin, end in ends]
    return np.array(across + down)


BANDS = bands_of(NARROWEST_BAND)


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
