"""Where the list of a search ends: after the k best, at a radius, or where chance begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import SearchError
from lookalike.jobs.query_worth import QueryWorth
from lookalike.search import whole_number
from lookalike.worth.radius import EXPECTED_AT_MOST

Radius: TypeAlias = int | Literal["auto"] | None


class SearchEnd(NamedTuple):
    """Which of the ranked contents are listed.

    Attributes:
        places: of the contents that are, int64.
        radius_bits: the radius under the first recipe; None where there was none.
        left_out: of the best *k*, those beyond it.
    """

    places: NDArray[np.int64]
    radius_bits: int | None
    left_out: int


def read_radius(radius: object) -> Radius:
    """*radius* as a number of bits, ``auto`` or None.

    Raises:
        SearchError: it is something else.
    """
    if radius is None:
        return None
    if isinstance(radius, str):
        if radius == "auto":
            return "auto"
        raise SearchError(f"a radius is a whole number of bits or 'auto'; {radius!r} came")
    return whole_number(radius, "radius_bits", least=0)


def end_search(distances: NDArray[np.int64], worth: QueryWorth, k: int, radius: Radius) -> SearchEnd:
    """Of contents in their order, the first *k* within *radius*.

    ``auto`` ends one recipe's list where more than one chance match is expected (`Weight.radius_bits`). Several
    recipes let in what is expected by chance at most once, all of them together, and what is equal under all.

    Args:
        distances: bits, int64 (contents, recipes), best first.
        worth: of the recipes, in the order of the columns.
        k: how many at most.
        radius: see `read_radius`.
    """
    bits = worth.weights[0].radius_bits() if radius == "auto" else radius
    if radius == "auto" and len(worth.weights) > 1:
        inside = np.array([is_beyond_chance(row, worth) for row in distances.tolist()], np.bool_)
        bits = None
    elif bits is None:
        inside = np.ones(len(distances), np.bool_)
    else:
        inside = distances[:, 0] <= bits
    places = np.flatnonzero(inside)[:k]
    return SearchEnd(places, bits, int(np.count_nonzero(~inside[:k])))


def is_beyond_chance(row: Sequence[int], worth: QueryWorth) -> bool:
    """Whether a content at these distances says more than chance does, or nothing is known of chance."""
    expected = worth.expected(row)
    return expected is None or expected <= EXPECTED_AT_MOST or not any(row)
