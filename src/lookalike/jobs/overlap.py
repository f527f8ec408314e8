"""Which regions of two pictures show the same, as one lies in the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.fingerprints.spot_places import UNITS
from lookalike.jobs.alignment import Alignment
from lookalike.model import Region

SMALLEST = 1 / UNITS


@dataclass(frozen=True, slots=True)
class Overlap:
    """The same thing in both, as fractions of each one's width and height.

    Attributes:
        region: of the match. query_region: of the query.
    """

    region: Region
    query_region: Region


def extent_of(width: int, height: int) -> tuple[float, float]:
    """Width and height in 1/4096 of the longer side."""
    longer = max(width, height)
    return UNITS * width / longer, UNITS * height / longer


def find_overlap(alignment: Alignment, match: tuple[float, float], query: tuple[float, float]) -> Overlap:
    """Where pictures of these extents overlap: upright rectangles, also where one is a little turned."""
    shown = alignment.of(np.array([[0.0, 0.0], [match[0], 0.0], [0.0, match[1]], [match[0], match[1]]]))
    matrix = np.array([[alignment.xx, alignment.xy], [alignment.yx, alignment.yy]])
    corners = np.array([[0.0, 0.0], [query[0], 0.0], [0.0, query[1]], [query[0], query[1]]])
    seen = np.linalg.solve(matrix, (corners - [alignment.x0, alignment.y0]).T).T
    return Overlap(_rectangle(seen, match), _rectangle(shown, query))


def _rectangle(corners: np.ndarray, extent: tuple[float, float]) -> Region:
    """The middle of the turned rectangle's edges, cut to the picture."""
    sides = []
    for axis in (0, 1):
        values = np.sort(corners[:, axis]) / extent[axis]
        low, high = (float(np.clip(value, 0, 1)) for value in (values[:2].mean(), values[2:].mean()))
        sides.append((min(low, 1 - SMALLEST), max(high - low, SMALLEST)))
    (left, width), (top, height) = sides
    return Region(round(left, 4), round(top, 4), round(width, 4), round(height, 4))
