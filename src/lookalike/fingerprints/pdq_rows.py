"""PDQ's steps from pixels to frequencies along one axis, as one small matrix: each step is linear.

Source: "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm", Facebook, 2019 (hashing.pdf of
github.com/facebook/ThreatExchange): two passes of a box filter of half a cell, one pixel of each of 64 cells, and the
frequencies 1 to 16 of the type-II cosine transform. Along the other axis it is the same, so that the frequencies of a
picture are rows @ luminance @ columns.T.

The published implementations shrink large pictures in three ways before that: not at all, to 512 pixels on the longer
side, and to 512 x 512. A window of an even number of pixels leans half a pixel, so that this decides up to 12 of 256
bits. The mean of the three lies within 10 bits of every published code and within 2 of their majority, which none of
the three does.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]

CELLS = 64
FREQUENCIES = 16
WINDOWS_A_SIDE = 2 * CELLS  # two passes of half a cell smooth over a cell
SHRUNK_SIDE = 512  # pixels; larger pictures are shrunk by two of three implementations
AXES_KEPT = 128  # matrices of 48 x 1,000 numbers, two a picture size


@lru_cache(maxsize=AXES_KEPT)
def frequency_rows(length: int, other: int) -> tuple[Rows, ...]:
    """Along an axis of *length* pixels, the other one having *other*: float64 (16, length) for each way to shrink.

    One where no implementation would shrink the picture, three elsewhere.
    """
    longer = max(length, other)
    whole = _rows_of(length)
    if longer <= SHRUNK_SIDE:
        return (whole,)
    in_shape = max(1, round(length * SHRUNK_SIDE / longer))
    return whole, _shrunk_rows(length, in_shape), _shrunk_rows(length, SHRUNK_SIDE)


@lru_cache(maxsize=AXES_KEPT)
def _rows_of(length: int) -> Rows:
    """float64 (16, length): the frequencies of the smoothed and sampled pixels."""
    samples = ((np.arange(CELLS) + 0.5) * length / CELLS).astype(np.int64)
    frequencies = np.arange(1, FREQUENCIES + 1)[:, None]
    cosines = np.cos(np.pi / (2 * CELLS) * frequencies * (2 * np.arange(CELLS) + 1))
    rows = np.zeros((FREQUENCIES, length))
    for cell, sample in enumerate(samples):  # a picture of fewer pixels than cells has some pixels sampled twice
        rows[:, sample] += cosines[:, cell]
    for _ in range(2):
        rows = _smooth(rows)
    return rows


def _smooth(rows: Rows) -> Rows:
    """*rows* of what a pass of the box filter makes of the pixels: each weight is spread over its window."""
    length = rows.shape[1]
    window = -(-length // WINDOWS_A_SIDE)
    ahead = (window + 2) // 2  # the published window: of an even number of pixels, one more lies ahead than behind
    positions = np.arange(length)
    starts = np.maximum(positions - (window - ahead), 0)
    ends = np.minimum(positions + ahead, length)
    steps = np.stack(
        [
            np.bincount(starts, share, length + 1) - np.bincount(ends, share, length + 1)
            for share in rows / (ends - starts)
        ]
    )
    spread: Rows = steps.cumsum(axis=1)[:, :-1]
    return spread


def _shrunk_rows(length: int, shrunk: int) -> Rows:
    """The rows for *shrunk* pixels, each the average of what it covers of *length* pixels; as they are if not fewer."""
    if shrunk >= length:
        return _rows_of(length)
    sums = np.pad(np.cumsum(_rows_of(shrunk), axis=1), ((0, 0), (1, 0)))
    edges = np.arange(length + 1) * (shrunk / length)
    at_edges = np.stack([np.interp(edges, np.arange(shrunk + 1), row) for row in sums])
    return np.diff(at_edges, axis=1)
