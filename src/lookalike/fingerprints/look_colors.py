"""Colours for `look`: how much of the garment lies near each of some 250 places of CIE Lab, in whole numbers.

A pixel counts as much as the network thinks it part of the garment. It counts to all places near its own colour, so
that a shade between two places is near both, and shades that look alike get like histograms.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints.look_network import SIDE

if TYPE_CHECKING:
    from lookalike.fingerprints.resampling import Pixels

LEVELS = 16  # a channel: steps of 16 in sRGB are 6 in Lab, less than NEAR
LIGHTNESSES = np.arange(10.0, 100.0, 15.0)
TINTS = np.arange(-75.0, 90.0, 18.0)
REACHED = 10.8  # places further than this from every sRGB colour are left out
NEAR = 9.0  # standard deviation of a pixel's share, in Lab units; 2.3 are just noticeable
SHARE_UNIT = 4095
WEIGHT_UNIT = 255
LEAST_WEIGHT = 2  # so that a picture in which no garment is seen has colours too
TOTAL = 1_000_000
SPREAD = 8  # pixels to a cell of the foreground


def color_vector(picture: Pixels, foreground: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square roots of the shares, 0 to 1000, whole numbers in float64 (places,).

    *picture* is uint8 (64, 64, 3), *foreground* float64 (8, 8) as the network gives it.
    """
    weights = spread_matrix() @ _weigh(foreground) @ spread_matrix().T  # whole numbers: 255 * 256 at most
    colors = (picture >> 4).astype(np.int64)
    place = colors[:, :, 0] * (LEVELS * LEVELS) + colors[:, :, 1] * LEVELS + colors[:, :, 2]
    counts = np.bincount(place.ravel(), weights.ravel(), LEVELS**3)
    used = np.flatnonzero(counts)
    shares = counts[used] @ share_table()[used]  # below 2**53: exact in any order
    roots: NDArray[np.float64] = np.rint(np.sqrt(np.floor(shares * (TOTAL / 64) / (shares.sum() / 64))))
    return roots


def _weigh(foreground: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights 2 to 257 of cells, out of the logarithm of their odds times 64."""
    return weight_table()[np.clip(foreground, -256, 255).astype(np.int64) + 256]


@cache
def weight_table() -> NDArray[np.float64]:
    """Of odds' logarithms times 64, from -256 to 255: the chance by the square of the odds."""
    odds = np.arange(-256, 256) / 64.0
    weights: NDArray[np.float64] = np.rint(WEIGHT_UNIT / (1.0 + np.exp(-2.0 * odds))) + LEAST_WEIGHT
    return weights


@cache
def spread_matrix() -> NDArray[np.float64]:
    """float64 (64, 8): bilinear weights from cells to pixels, in sixteenths."""
    middles = (2 * np.arange(SIDE) + 1 - SPREAD) / (2.0 * SPREAD)  # in cells; multiples of 1/16
    cells = np.arange(SIDE // SPREAD)
    away = np.abs(np.clip(middles, 0, len(cells) - 1)[:, None] - cells)
    spread: NDArray[np.float64] = 16 * np.maximum(0.0, 1.0 - away)
    return spread


@cache
def share_table() -> NDArray[np.float64]:
    """float64 (4096, places): how a colour's 4,095 parts fall to the places, whole numbers."""
    return np.rint(exact_shares())


def exact_shares() -> NDArray[np.float64]:
    """The same before rounding."""
    levels = np.arange(LEVELS) * (256 // LEVELS) + 128 // LEVELS
    colors = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    lab = to_lab(colors.astype(np.float64))
    places = np.stack(np.meshgrid(LIGHTNESSES, TINTS, TINTS, indexing="ij"), axis=-1).reshape(-1, 3)
    squares = np.zeros((len(lab), len(places)))
    for axis in range(3):
        squares += (places[None, :, axis] - lab[:, None, axis]) ** 2
    kept = squares.min(axis=0) < REACHED * REACHED
    nearness = np.exp(squares[:, kept] / (-2 * NEAR * NEAR))
    shares: NDArray[np.float64] = SHARE_UNIT * nearness / nearness.sum(axis=1, keepdims=True)
    return shares


def to_lab(colors: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE Lab, float64 (n, 3), of sRGB colours 0 to 255, float64 (n, 3); IEC 61966-2-1, white D65."""
    channels = colors / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    relative = linear @ (to_xyz / to_xyz.sum(axis=1, keepdims=True)).T
    bent = np.where(relative > (6 / 29) ** 3, np.cbrt(relative), relative / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * bent[:, 1] - 16, 500 * (bent[:, 0] - bent[:, 1]), 200 * (bent[:, 1] - bent[:, 2])], axis=1)
