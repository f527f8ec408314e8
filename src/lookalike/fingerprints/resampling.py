"""Lanczos thumbnails equal to Pillow's, several at once and faster.

Pillow's 8-bit resize is integer arithmetic: weights of 22 fractional bits, a pass along one axis rounded to bytes, then
a pass along the other (src/libImaging/Resample.c, Pillow 13.0). The weights are calculated here as Pillow does it; the
sums are made by native loops (native/pixels.hpp), which are several times as fast as Pillow's.

Two guards keep it Pillow's answer for certain. A weight that lies so near a half that another sine function could
round it the other way makes the pair of sizes Pillow's job. And once a process, a sample is compared with the
installed Pillow: should a future one calculate otherwise, everything becomes Pillow's job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.fingerprints import _pixels

Pixels = NDArray[np.uint8]

LANCZOS_RADIUS = 3.0  # lobes of the window, Resample.c
WEIGHT_SCALE = float(1 << 22)  # PRECISION_BITS of Resample.c: 32 - 8 - 2
UNSURE = 1e-7  # of a weight unit; double arithmetic on weights below 1 errs by less than 2**22 * 1e-14 = 4e-8
SAMPLES = (
    (9, 8),
    (32, 64),
    (100, 20),
    (52, 30),
    (52, 29),
    (52, 28),
)  # of 61 x 47; the last three straddle the order's limit
PLANS_KEPT = 128  # a picture needs two for each thumbnail; folders hold few sizes


class Taps(NamedTuple):
    """Which inputs each output reads along one axis, and how they are weighed: what ``_pixels.mix_rows`` takes.

    Attributes:
        starts, counts: int32, shape (outputs,): output *i* reads ``counts[i]`` inputs from ``starts[i]`` on.
        weights: int32, shape (outputs, largest count), in units of 2**-22.
    """

    starts: NDArray[np.int32]
    counts: NDArray[np.int32]
    weights: NDArray[np.int32]


def resize_to_many(
    image: Callable[[], Image.Image], pixels: Pixels, sizes: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Pixels]:
    """Each size's thumbnail, uint8 (height, width), equal to ``image().resize(size, LANCZOS)``.

    Args:
        image: gives the picture in mode ``L``; asked only where Pillow must resize it.
        pixels: the same as uint8, shape (height, width).
        sizes: (width, height) of the thumbnails.
    """
    thumbnails: dict[tuple[int, int], Pixels] = {}
    narrowed = _Narrowed(np.ascontiguousarray(pixels))
    for width, height in sizes:
        if not is_planned(pixels.shape[0], pixels.shape[1], width, height):
            thumbnails[width, height] = np.asarray(image().resize((width, height), Image.Resampling.LANCZOS))
        else:
            thumbnails[width, height] = _resize(narrowed, (width, height))
    return thumbnails


class _Narrowed:
    """A picture at several widths, each made once."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self.by_width: dict[int, Pixels] = {pixels.shape[1]: pixels}

    def at(self, width: int) -> Pixels:
        """The horizontal pass: uint8 (height, width)."""
        if width not in self.by_width:
            self.by_width[width] = _pixels.mix_columns(self.pixels, *taps_for(self.pixels.shape[1], width))
        return self.by_width[width]


def _resize(narrowed: _Narrowed, size: tuple[int, int]) -> Pixels:
    width, height = size
    if is_vertical_first(narrowed.pixels.shape, size):
        return _Narrowed(_resize_height(narrowed.pixels, height)).at(width)
    return _resize_height(narrowed.at(width), height)


def _resize_height(pixels: Pixels, height: int) -> Pixels:
    """The vertical pass: uint8 (height, width)."""
    if height == pixels.shape[0]:
        return pixels
    return _pixels.mix_rows(pixels, *taps_for(pixels.shape[0], height))


def is_vertical_first(shape: tuple[int, ...], size: tuple[int, int]) -> bool:
    """Since 13.0 Pillow begins with the height where that loses more than twice the pixels that the width does.

    github.com/python-pillow/Pillow/pull/9549
    """
    lost_height, lost_width = shape[0] - size[1], shape[1] - size[0]
    return lost_height > 0 and lost_height > 2 * lost_width


@lru_cache(maxsize=PLANS_KEPT)
def is_planned(rows: int, columns: int, width: int, height: int) -> bool:
    """Whether thumbnails of this size are made here; they are Pillow's job otherwise."""
    return _equals_pillow() and None not in (plan_taps(columns, width), plan_taps(rows, height))


@cache
def _equals_pillow() -> bool:
    """Whether the installed Pillow resizes as this file does; tried once on noise, larger, smaller, both orders."""
    pixels = np.random.default_rng(9549).integers(0, 256, (47, 61), dtype=np.uint8)
    image = Image.fromarray(pixels)
    for size in SAMPLES:
        expected = np.asarray(image.resize(size, Image.Resampling.LANCZOS))
        if not np.array_equal(_resize(_Narrowed(pixels), size), expected):
            return False
    return True


@lru_cache(maxsize=PLANS_KEPT)
def plan_taps(num_inputs: int, num_outputs: int) -> Taps | None:
    """How each of *num_outputs* is summed from *num_inputs* along one axis; None where a weight's rounding is unsure.

    Follows precompute_coeffs and normalize_coeffs_8bpc of Resample.c step by step.
    """
    scale = num_inputs / num_outputs
    stretch = max(scale, 1.0)
    support = LANCZOS_RADIUS * stretch
    centers = (np.arange(num_outputs) + 0.5) * scale
    # int() of C truncates, and so does astype; negative starts are clipped to 0 either way.
    starts = np.maximum((centers - support + 0.5).astype(np.int64), 0)
    ends = np.minimum((centers + support + 0.5).astype(np.int64), num_inputs)
    offsets = np.arange(int((ends - starts).max()))
    inputs = starts[:, None] + offsets
    weights = _lanczos((inputs - centers[:, None] + 0.5) * (1.0 / stretch))
    weights[inputs >= ends[:, None]] = 0.0
    weights *= WEIGHT_SCALE / weights.sum(axis=1, keepdims=True)
    magnitudes = np.abs(weights)
    fractions = magnitudes - np.floor(magnitudes)
    if (np.abs(fractions - 0.5) < UNSURE).any():
        return None
    whole = np.copysign(np.floor(magnitudes + 0.5), weights).astype(np.int32)
    return Taps(starts.astype(np.int32), (ends - starts).astype(np.int32), whole)


def _lanczos(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = np.sinc(positions) * np.sinc(positions / LANCZOS_RADIUS)
    weights[(positions < -LANCZOS_RADIUS) | (positions >= LANCZOS_RADIUS)] = 0.0
    return weights


def taps_for(num_inputs: int, num_outputs: int) -> Taps:
    """`plan_taps` where `is_planned` has said that there are any."""
    taps = plan_taps(num_inputs, num_outputs)
    if taps is None:
        raise RuntimeError(f"no plan from {num_inputs} to {num_outputs} pixels: ask is_planned first")
    return taps
