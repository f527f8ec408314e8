"""Where the list of a search ends: after the k best, at a radius, or where chance begins."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import SearchError
from lookalike.jobs.query_worth import QueryWorth
from lookalike.search import whole_number
from lookalike.worth import combined_probability
from lookalike.worth.radius import EXPECTED_AT_MOST

MOST_LEVEL = 650.0  # -ln of rarer chances than any that floating point tells

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


def end_search(distances: NDArray[np.int64], worth: QueryWorth, k: int, radius: Radius, tries: int = 1) -> SearchEnd:
    """Of contents in their order, the first *k* within *radius*.

    ``auto`` ends one recipe's list where more than one chance match is expected (`Weight.radius_bits`). Several
    recipes let in what is expected by chance at most once, all of them together, and what is equal under all.

    Args:
        distances: bits, int64 (contents, recipes), best first.
        worth: of the recipes, in the order of the columns.
        k: how many at most.
        radius: see `read_radius`.
        tries: how many ways the query was laid.
    """
    bits = worth.weights[0].radius_bits(tries) if radius == "auto" else radius
    if radius == "auto" and len(worth.weights) > 1:
        inside = are_beyond_chance(distances, worth, tries)
        bits = None
    elif bits is None:
        inside = np.ones(len(distances), np.bool_)
    else:
        inside = distances[:, 0] <= bits
    places = np.flatnonzero(inside)[:k]
    return SearchEnd(places, bits, int(np.count_nonzero(~inside[:k])))


def are_beyond_chance(distances: NDArray[np.int64], worth: QueryWorth, tries: int = 1) -> NDArray[np.bool_]:
    """Which contents say more than chance does (`QueryWorth.expected` at most `EXPECTED_AT_MOST`), or are equal.

    What is expected falls as -ln p, added up, rises: one limit for the sum serves a million contents.
    """
    known = [(column, one) for column, one in enumerate(worth.weights) if one.model is not None]
    if not known:
        return np.ones(len(distances), np.bool_)
    total = np.zeros(len(distances))
    for column, weight in known:
        levels = -np.log([weight.probability(bits) for bits in range(weight.width_bits + 1)])
        total += levels[distances[:, column]]
    pictures = min(weight.pictures for _, weight in known)
    low, high = 0.0, MOST_LEVEL
    while high - low > 1e-9:
        middle = (low + high) / 2
        together = combined_probability([math.exp(-middle)] + [1.0] * (len(known) - 1), worth.scale)
        low, high = (low, middle) if pictures * tries * together <= EXPECTED_AT_MOST else (middle, high)
    beyond: NDArray[np.bool_] = (total >= high) | ~distances.any(axis=1)
    return beyond
