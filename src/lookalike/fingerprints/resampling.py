"""Lanczos thumbnails equal to Pillow's, several at once and faster.

Pillow's 8-bit resize is integer arithmetic: weights of 22 fractional bits, a pass along one axis rounded to bytes, then
a pass along the other (src/libImaging/Resample.c, Pillow 13.0). Sums of bytes times such weights stay below 2**53, so
a float64 matrix product of them is exact in any order of additions: BLAS does the work, and the bytes are Pillow's
own. That is two to three times as fast as Pillow's scalar loops, and one pass over the rows serves all widths.

Two guards keep it Pillow's answer for certain. A weight that lies so near a half that another sine function could
round it the other way makes the pair of sizes Pillow's job. And once a process, a sample is compared with the
installed Pillow: should a future one calculate otherwise, everything becomes Pillow's job.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

LANCZOS_RADIUS = 3.0  # lobes of the window, Resample.c
WEIGHT_SCALE = float(1 << 22)  # PRECISION_BITS of Resample.c: 32 - 8 - 2
UNSURE = 1e-7  # of a weight unit; double arithmetic on weights below 1 errs by less than 2**22 * 1e-14 = 4e-8
OUTPUTS_A_BAND = 16  # columns calculated together; for 256 of 400 pixels 16 took half the time of 32, 64 more
NARROW = 40  # widths 8, 9 and 32 in one product over all inputs took 0.6 ms, one after the other 0.9; 40 is a guess
LINES_AT_ONCE = 256  # rows or columns: keeps their float64 copy near the processor, and small for huge pictures
SAMPLES = (
    (9, 8),
    (32, 64),
    (100, 20),
    (52, 30),
    (52, 29),
    (52, 28),
)  # of 61 x 47; the last three straddle the order's limit
PLANS_KEPT = 128  # a picture needs two for each thumbnail; folders hold few sizes


@dataclass(frozen=True, slots=True)
class Band:
    """Neighbouring outputs and the inputs that they read."""

    outputs: slice
    inputs: slice
    weights: NDArray[np.float64]  # (inputs, outputs), multiples of 2**-22


def resize_to_many(
    image: Image.Image, pixels: Pixels, sizes: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Pixels]:
    """Each size's thumbnail, uint8 (height, width), equal to ``image.resize(size, LANCZOS)``.

    Args:
        image: a picture of mode ``L``.
        pixels: the same as uint8, shape (height, width).
        sizes: (width, height) of the thumbnails.
    """
    thumbnails: dict[tuple[int, int], Pixels] = {}
    heights_by_width: dict[int, list[int]] = {}
    for width, height in sizes:
        if not _is_planned(pixels.shape, (width, height)):
            thumbnails[width, height] = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))
        elif _is_vertical_first(pixels.shape, (width, height)):
            thumbnails[width, height] = _resize_widths(_resize_height(pixels, height), [width])[width]
        else:
            heights_by_width.setdefault(width, []).append(height)
    for width, narrow in _resize_widths(pixels, list(heights_by_width)).items():
        for height in heights_by_width[width]:
            thumbnails[width, height] = _resize_height(narrow, height)
    return thumbnails


def _is_vertical_first(shape: tuple[int, ...], size: tuple[int, int]) -> bool:
    """Since 13.0 Pillow begins with the height where that loses more than twice the pixels that the width does.

    github.com/python-pillow/Pillow/pull/9549
    """
    lost_height, lost_width = shape[0] - size[1], shape[1] - size[0]
    return lost_height > 0 and lost_height > 2 * lost_width


def _is_planned(shape: tuple[int, ...], size: tuple[int, int]) -> bool:
    return _equals_pillow() and None not in (plan_bands(shape[1], size[0]), plan_bands(shape[0], size[1]))


@cache
def _equals_pillow() -> bool:
    """Whether the installed Pillow resizes as this file does; tried once on noise, larger, smaller, both orders."""
    pixels = np.random.default_rng(9549).integers(0, 256, (47, 61), dtype=np.uint8)
    image = Image.fromarray(pixels)
    for width, height in SAMPLES:
        if _is_vertical_first(pixels.shape, (width, height)):
            ours = _resize_widths(_resize_height(pixels, height), [width])[width]
        else:
            ours = _resize_height(_resize_widths(pixels, [width])[width], height)
        if not np.array_equal(ours, np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))):
            return False
    return True


@lru_cache(maxsize=PLANS_KEPT)
def plan_bands(num_inputs: int, num_outputs: int) -> tuple[Band, ...] | None:
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
    whole = np.copysign(np.floor(magnitudes + 0.5), weights) / WEIGHT_SCALE
    return tuple(_make_band(first, starts, ends, whole) for first in range(0, num_outputs, OUTPUTS_A_BAND))


def _lanczos(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = np.sinc(positions) * np.sinc(positions / LANCZOS_RADIUS)
    weights[(positions < -LANCZOS_RADIUS) | (positions >= LANCZOS_RADIUS)] = 0.0
    return weights


def _make_band(first: int, starts: NDArray[np.int64], ends: NDArray[np.int64], whole: NDArray[np.float64]) -> Band:
    last = min(first + OUTPUTS_A_BAND, len(starts))
    lowest, highest = int(starts[first]), int(ends[last - 1])
    weights = np.zeros((highest - lowest, last - first))
    for output in range(first, last):
        start, end = int(starts[output]), int(ends[output])
        weights[start - lowest : end - lowest, output - first] = whole[output, : end - start]
    return Band(slice(first, last), slice(lowest, highest), weights)


def _bands(num_inputs: int, num_outputs: int) -> tuple[Band, ...]:
    bands = plan_bands(num_inputs, num_outputs)
    if bands is None:
        raise RuntimeError(f"no plan from {num_inputs} to {num_outputs} pixels: ask _is_planned first")
    return bands


def _resize_widths(pixels: Pixels, widths: list[int]) -> dict[int, Pixels]:
    """The horizontal pass: uint8 (height, width) for each of *widths*."""
    height, old_width = pixels.shape
    results = {width: pixels if width == old_width else np.empty((height, width), np.uint8) for width in widths}
    narrow = tuple(sorted(width for width in widths if width != old_width and width <= NARROW))
    wide = [width for width in widths if width != old_width and width > NARROW]
    if not (narrow or wide):
        return results
    # One scratch for all blocks: fresh megabytes for each would be paged in again and again.
    lines = np.empty((min(height, LINES_AT_ONCE), old_width))
    together = np.empty((len(lines), sum(narrow)))
    sums = np.empty((len(lines), max(wide, default=0)))
    for top in range(0, height, LINES_AT_ONCE):
        part = slice(top, min(top + LINES_AT_ONCE, height))
        count = part.stop - part.start
        lines[:count] = pixels[part]
        if narrow:
            np.matmul(lines[:count], _weights_together(old_width, narrow), out=together[:count])
            rounded = _rounded(together[:count])
            for width, last in zip(narrow, accumulate(narrow), strict=True):
                results[width][part] = rounded[:, last - width : last]
        for width in wide:
            for band in _bands(old_width, width):
                np.matmul(lines[:count, band.inputs], band.weights, out=sums[:count, band.outputs])
            results[width][part] = _rounded(sums[:count, :width])
    return results


@lru_cache(maxsize=PLANS_KEPT)
def _weights_together(num_inputs: int, widths: tuple[int, ...]) -> NDArray[np.float64]:
    """float64 (num_inputs, sum of *widths*): narrow thumbnails read nearly every input, so one product makes all."""
    weights = np.zeros((num_inputs, sum(widths)))
    for width, last in zip(widths, accumulate(widths), strict=True):
        for band in _bands(num_inputs, width):
            weights[band.inputs, last - width : last][:, band.outputs] = band.weights
    return weights


def _resize_height(pixels: Pixels, height: int) -> Pixels:
    """The vertical pass: uint8 (height, width)."""
    old_height, width = pixels.shape
    if height == old_height:
        return pixels
    result = np.empty((height, width), np.uint8)
    lines = np.empty((old_height, min(width, LINES_AT_ONCE)))
    sums = np.empty((height, lines.shape[1]))
    for left in range(0, width, LINES_AT_ONCE):
        columns = slice(left, min(left + LINES_AT_ONCE, width))
        count = columns.stop - columns.start
        lines[:, :count] = pixels[:, columns]
        for band in _bands(old_height, height):
            np.matmul(band.weights.T, lines[band.inputs, :count], out=sums[band.outputs, :count])
        result[:, columns] = _rounded(sums[:, :count])
    return result


def _rounded(sums: NDArray[np.float64]) -> Pixels:
    """Half up, then clipped to a byte: ``(sum + 2**21) >> 22`` and ``clip8`` of Resample.c. Overwrites *sums*."""
    sums += 0.5
    np.clip(sums, 0.0, 255.0, out=sums)
    return sums.astype(np.uint8)
