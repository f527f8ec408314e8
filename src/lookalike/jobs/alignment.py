"""How one picture lies in another: fitted to parts that both have."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints.asked_parts import NOWHERE, AskedParts

ROUNDS = 3
MOST_ALIKE = 18  # bits between parts that an alignment is fitted to
MOST_BITS = 22  # beyond, two parts say nothing for each other: unrelated codes are nearer once in a hundred times
SCALES_APART = 16  # steps: sigma differs by less than the root of two
FOR_AFFINE = 5  # parts; fewer fix place and size only


@dataclass(frozen=True, slots=True)
class Alignment:
    """query x = xx * x + xy * y + x0, query y = yx * x + yy * y + y0, in units of 1/4096 of each one's longer side."""

    xx: float
    xy: float
    x0: float
    yx: float
    yy: float
    y0: float

    @property
    def zoom(self) -> float:
        """How much larger it is shown."""
        return math.sqrt(abs(self.xx * self.yy - self.xy * self.yx))

    @property
    def plausible(self) -> bool:
        """Whether it is no more than cropped, resized, a little turned and stretched."""
        if not (self.xx > 0.02 and self.yy > 0.02):
            return False
        return abs(self.xy) + abs(self.yx) < 0.3 * (self.xx + self.yy) and 0.5 < self.xx / self.yy < 2.0

    def of(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (n, 2) in the query."""
        return np.stack(
            [
                self.xx * points[:, 0] + self.xy * points[:, 1] + self.x0,
                self.yx * points[:, 0] + self.yy * points[:, 1] + self.y0,
            ],
            axis=1,
        )


def align(
    asked: AskedParts, part: int, places: NDArray[np.float64], codes: NDArray[np.uint64], held: int
) -> tuple[Alignment, NDArray[np.int64]] | None:
    """The best alignment found from one pair of parts on, and by how many bits each part held differs under it.

    64 bits for parts that the query doesn't show. None where nothing fits.
    """
    seed = asked.places[part].astype(np.float64)
    zoom = float(np.exp2((seed[2] - places[held, 2]) / 32))
    fit = Alignment(zoom, 0, seed[0] - zoom * places[held, 0], 0, zoom, seed[1] - zoom * places[held, 1])
    apart = np.bitwise_count(codes[:, None] ^ asked.codes[None, :])
    alike = apart <= MOST_ALIKE
    best: tuple[Alignment, NDArray[np.int64]] | None = None
    best_score = -1
    for turn in range(ROUNDS):
        shown = np.empty((len(places), 3))
        shown[:, :2] = fit.of(places[:, :2])
        shown[:, 2] = places[:, 2] + 32 * np.log2(fit.zoom)
        steps = np.abs(shown[:, 2, None] - asked.places[None, :, 2])
        off = np.hypot(shown[:, 0, None] - asked.places[None, :, 0], shown[:, 1, None] - asked.places[None, :, 1])
        sigma = np.exp2(shown[:, 2] / 32)
        reach = 1.2 * sigma + 0.06 * np.hypot(shown[:, 0] - seed[0], shown[:, 1] - seed[1]) if turn == 0 else sigma
        near = alike & (steps < SCALES_APART) & (off < reach[:, None])
        apart_there = np.where(near, apart, NOWHERE)
        nearest = apart_there.argmin(axis=1)
        bits = np.minimum(asked.compare(shown, codes), apart_there[np.arange(len(places)), nearest])
        score = int(np.maximum(0, MOST_BITS - bits).sum())
        if score <= best_score:
            break
        best, best_score = (fit, bits), score
        pairs = np.flatnonzero(near.any(axis=1))
        refitted = fit_to(places[pairs, :2], asked.places[nearest[pairs], :2].astype(np.float64))
        if refitted is None or not refitted.plausible:
            break
        fit = refitted
    return best


def fit_to(held: NDArray[np.float64], shown: NDArray[np.float64]) -> Alignment | None:
    """The least squares fit between points (n, 2); None where they are too few or all at one place."""
    if len(held) < 2:
        return None
    middle, shown_middle = held.mean(axis=0), shown.mean(axis=0)
    from_middle, from_shown = held - middle, shown - shown_middle
    spread = (from_middle**2).sum(axis=0)
    if spread.sum() < 1:
        return None
    if len(held) >= FOR_AFFINE:
        gram = from_middle.T @ from_middle
        if np.linalg.det(gram) > 1e-3 * spread.sum() ** 2:
            (xx, xy), (yx, yy) = (from_shown.T @ from_middle) @ np.linalg.inv(gram)
            shift = shown_middle - np.array([xx * middle[0] + xy * middle[1], yx * middle[0] + yy * middle[1]])
            return Alignment(float(xx), float(xy), float(shift[0]), float(yx), float(yy), float(shift[1]))
    zoom = float((from_middle * from_shown).sum() / spread.sum())
    shift = shown_middle - zoom * middle
    return Alignment(zoom, 0.0, float(shift[0]), 0.0, zoom, float(shift[1]))
