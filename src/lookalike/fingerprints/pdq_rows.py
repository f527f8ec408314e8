"""PDQ's steps from pixels to frequencies along one axis, as one small matrix: each step is linear.

Source: "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm", Facebook, 2019 (hashing.pdf of
github.com/facebook/ThreatExchange): two passes of a box filter of half a cell, one pixel of each of 64 cells, and the
frequencies 1 to 16 of the type-II cosine transform. Along the other axis it is the same, so that the frequencies of a
picture are rows @ luminance @ columns.T. A cell is a sum of few pixels, so that down the picture the cells come first
and their frequencies then.

The published implementations shrink large pictures in three ways before that: not at all, to 512 pixels on the longer
side, and to 512 x 512. A window of an even number of pixels leans half a pixel, so that this decides up to 12 of 256
bits. The mean of the three lies within 10 bits of every published code and within 2 of their majority, which none of
the three does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]

CELLS = 64
FREQUENCIES = 16
WINDOWS_A_SIDE = 2 * CELLS  # two passes of half a cell smooth over a cell
SHRUNK_SIDE = 512  # pixels; larger pictures are shrunk by two of three implementations
AXES_KEPT = 128  # of each kind, two a picture size: some hundred kB each

COSINES = np.cos(np.pi / (2 * CELLS) * np.arange(1, FREQUENCIES + 1)[:, None] * (2 * np.arange(CELLS) + 1))
"""float64 (16, 64): the frequencies of 64 cells."""

# Weights are sums and differences of numbers up to 1, at most 10^5 of them: below this they are rounding.
LEAST_WEIGHT = 1e-11


class Bands(NamedTuple):
    """The pixels along an axis that each cell sums up, cells that begin at the same pixel next to each other.

    Attributes:
        starts, counts: int32 (n,), which pixels. places: int32 (n,), the number of the cell.
        weights: float64 (n, most), the first *counts* of each row.
    """

    starts: NDArray[np.int32]
    counts: NDArray[np.int32]
    places: NDArray[np.int32]
    weights: NDArray[np.float64]


@lru_cache(maxsize=AXES_KEPT)
def frequency_rows(length: int, other: int) -> tuple[Rows, ...]:
    """Along an axis of *length* pixels, the other one having *other*: float64 (16, length) for each way to shrink."""
    return tuple(COSINES @ cells for cells in _cells_of_ways(length, other))


@lru_cache(maxsize=AXES_KEPT)
def cell_bands(length: int, other: int, both_ways: bool = False) -> Bands:
    """As sums of pixels: 64 cells for each way to shrink; with *both_ways* as many of the axis turned round."""
    ways = _cells_of_ways(length, other)
    cells = np.concatenate([*ways, *(one[:, ::-1] for one in ways)] if both_ways else ways)
    counted = np.abs(cells) > LEAST_WEIGHT
    starts = counted.argmax(axis=1)
    counts = length - counted[:, ::-1].argmax(axis=1) - starts
    order = np.argsort(starts, kind="stable")
    starts, counts = starts[order], counts[order]
    weights = np.zeros((len(cells), counts.max()))
    for number, (place, start, count) in enumerate(zip(order, starts, counts, strict=True)):
        weights[number, :count] = cells[place, start : start + count]
    return Bands(starts.astype(np.int32), counts.astype(np.int32), order.astype(np.int32), weights)


def _cells_of_ways(length: int, other: int) -> tuple[Rows, ...]:
    """float64 (64, length), the cells, for each way to shrink: one where no implementation would, three elsewhere."""
    longer = max(length, other)
    whole = _cells_of(length)
    if longer <= SHRUNK_SIDE:
        return (whole,)
    in_shape = max(1, round(length * SHRUNK_SIDE / longer))
    return whole, _shrunk_cells(length, in_shape), _shrunk_cells(length, SHRUNK_SIDE)


def _cells_of(length: int) -> Rows:
    """float64 (64, length): the smoothed and sampled pixels."""
    samples = ((np.arange(CELLS) + 0.5) * length / CELLS).astype(np.int64)
    rows = np.zeros((CELLS, length))
    rows[np.arange(CELLS), samples] = 1.0
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


def _shrunk_cells(length: int, shrunk: int) -> Rows:
    """The cells of *shrunk* pixels, each the average of what it covers of *length* pixels; as they are if not fewer."""
    if shrunk >= length:
        return _cells_of(length)
    sums = np.pad(np.cumsum(_cells_of(shrunk), axis=1), ((0, 0), (1, 0)))
    edges = np.arange(length + 1) * (shrunk / length)
    at_edges = np.stack([np.interp(edges, np.arange(shrunk + 1), row) for row in sums])
    return np.diff(at_edges, axis=1)
