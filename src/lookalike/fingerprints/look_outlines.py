"""Outlines for `look`: histograms of gradient orientations (Dalal and Triggs 2005), in whole numbers.

Each pixel of a 64 x 64 luminance votes for the two of nine orientations next to its own, with the square root of its
gradient, since cloth has soft edges. Votes are added up over 8 x 8 and 16 x 16 cells, and each cell is divided by its
own length and a share of the picture's average, so that empty cells stay empty.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints.look_network import SIDE

if TYPE_CHECKING:
    from lookalike.fingerprints.resampling import Pixels

ORIENTATIONS = 9
CELLS = (8, 16)  # a side
LENGTH = sum(cells * cells * ORIENTATIONS for cells in CELLS)
STEP = 2  # levels of 255; soft edges of pale cloth have few
STEPS = 128  # gradients reach from -128 to 128 steps
WIDTH = 2 * STEPS + 1
VOTE = 25.0  # votes of a pixel at a gradient of one step; the largest pixel has 336
UNIT = 127
AVERAGE_TENTHS = 3  # of the average length, added to a cell's own


def outline_picture(picture: Pixels) -> NDArray[np.float64]:
    """Whole numbers 0 to 254, float64 (2880,), of *picture*, uint8 (64, 64, 3), added to those of its mirror twin."""
    colors = picture.astype(np.int32)
    grey = (colors[:, :, 0] * 77 + colors[:, :, 1] * 150 + colors[:, :, 2] * 29) >> 8
    return _outlines(grey) + _outlines(np.ascontiguousarray(grey[:, ::-1]))


def _outlines(grey: NDArray[np.int32]) -> NDArray[np.float64]:
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    down[1:-1] = grey[2:] - grey[:-2]
    place = (_steps(down) + STEPS) * WIDTH + _steps(across) + STEPS
    votes = vote_table()[place]  # (64, 64, 9)
    fine, coarse = CELLS[1], CELLS[0]
    size = SIDE // fine
    histograms = votes.reshape(fine, size, fine, size, ORIENTATIONS).sum(axis=(1, 3), dtype=np.int64)
    coarser = histograms.reshape(coarse, 2, coarse, 2, ORIENTATIONS).sum(axis=(1, 3))
    return np.concatenate([_normalised(coarser), _normalised(histograms)])


def _steps(differences: NDArray[np.int32]) -> NDArray[np.int32]:
    """Rounded away from zero at halves, so that a picture and its negative have the same orientations."""
    steps: NDArray[np.int32] = np.sign(differences) * ((np.abs(differences) + STEP // 2) // STEP)
    return steps


def _normalised(histograms: NDArray[np.int64]) -> NDArray[np.float64]:
    lengths = np.rint(np.sqrt((histograms * histograms).sum(axis=2).astype(np.float64))).astype(np.int64)
    divisors = 10 * lengths + AVERAGE_TENTHS * (int(lengths.sum()) // lengths.size) + 10
    shares: NDArray[np.float64] = (histograms * (10 * UNIT) // divisors[:, :, None]).ravel().astype(np.float64)
    return shares


@cache
def vote_table() -> NDArray[np.int32]:
    """int32 (257 * 257, 9): the votes of a gradient of so many steps down and across."""
    return np.rint(exact_votes()).astype(np.int32)


def exact_votes() -> NDArray[np.float64]:
    """The votes before they are rounded."""
    down, across = np.meshgrid(*[np.arange(-STEPS, STEPS + 1, dtype=np.float64)] * 2, indexing="ij")
    length = VOTE * np.sqrt(np.sqrt(across * across + down * down))
    turned = np.mod(np.arctan2(down, across), np.pi) / np.pi * ORIENTATIONS
    lower = np.floor(turned)
    votes = np.zeros((down.size, ORIENTATIONS))
    rows = np.arange(down.size)
    for orientation, share in ((lower, 1 - (turned - lower)), (lower + 1, turned - lower)):
        votes[rows, orientation.ravel().astype(np.int64) % ORIENTATIONS] += (share * length).ravel()
    return votes
