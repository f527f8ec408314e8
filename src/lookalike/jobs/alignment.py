"""How one picture lies in another: fitted to parts that both have."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints._spots import Aligner

MOST_ALIKE = 18  # bits between parts that an alignment is fitted to
MOST_BITS = 22  # beyond, two parts say nothing for each other: unrelated codes are nearer once in a hundred times


@dataclass(frozen=True, slots=True)
class Alignment:
    """query x = xx * x + xy * y + x0, query y = yx * x + yy * y + y0, in units of 1/4096 of each one's longer side."""

    xx: float
    xy: float
    x0: float
    yx: float
    yy: float
    y0: float

    @classmethod
    def between(cls, corners: NDArray[np.float64], shown: NDArray[np.float64]) -> Alignment:
        """That which lays the *corners* of a picture, upper left, upper right and lower left of a rectangle, where they
        are *shown* in the query; both float64 (3, 2).
        """
        across = (shown[1] - shown[0]) / (corners[1, 0] - corners[0, 0])
        down = (shown[2] - shown[0]) / (corners[2, 1] - corners[0, 1])
        origin = shown[0] - across * corners[0, 0] - down * corners[0, 1]
        return cls(*(float(one) for pair in zip(across, down, origin, strict=True) for one in pair))

    @property
    def zoom(self) -> float:
        """How much larger it is shown."""
        return math.sqrt(abs(self.xx * self.yy - self.xy * self.yx))

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
    aligner: Aligner, part: int, places: NDArray[np.float32], codes: NDArray[np.uint64], held: int
) -> tuple[Alignment, NDArray[np.int64]]:
    """The best alignment found from one pair of parts on, and by how many bits each part held differs under it.

    Fitted by least squares in up to three rounds (``native/spot_alignment.cpp``): of place and size, from five parts on
    of slant and stretch as well. 64 bits for parts that the query doesn't show.

    Args:
        aligner: of the query's parts.
        part: of the query, to begin with.
        places: of the picture held, float32 (n, 3).
        codes: of the same parts, uint64 (n,).
        held: which of them equals *part*.
    """
    laid, bits = aligner.align(part, places, codes, held, MOST_ALIKE, MOST_BITS)
    xx, xy, x0, yx, yy, y0 = laid.tolist()
    return Alignment(xx, xy, x0, yx, yy, y0), bits
