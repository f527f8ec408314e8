"""Ask an index for a query in all the ways it may lie: each content answers for the way in which it is nearest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints import TRANSFORMS
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.model import Codes, Distances, Ids, Orientations
from lookalike.worth import ChanceModel, score_contents


class TurnedNeighbors(NamedTuple):
    """Contents found.

    Attributes:
        ids: int64 (n,). distances: uint16 (n,), bits. By distance, then id.
        transforms: int64 (n,): places in ``TRANSFORMS`` of the way in which each is nearest; the first of several.
    """

    ids: Ids
    distances: Distances
    transforms: NDArray[np.int64]

    def first(self, count: int) -> TurnedNeighbors:
        """At most the *count* nearest."""
        return TurnedNeighbors(self.ids[:count], self.distances[:count], self.transforms[:count])


def ask_nearest(index: RecipeIndex, query: Orientations, k: int, allow: Ids | None = None) -> TurnedNeighbors:
    """The *k* contents nearest to *query* in any orientation, in one call of the engine.

    *allow* holds the only content ids that may be answered, rising; None allows all.
    """
    codes, places = _distinct_codes(query)
    rows = None if allow is None else index.rows_of(allow)
    # As in RecipeIndex.nearest: no code's nearest k contents lie beyond its k * most_parts nearest rows.
    found, distances = index.engine.nearest(codes, k * index.most_parts, rows)
    asked = np.repeat(places, found.shape[1])
    if len(codes) == 1 and index.most_parts == 1 and index.engine.exact:  # each content came once, in order
        return TurnedNeighbors(index.owners[found[0]], distances[0], asked)
    held = found.ravel() >= 0  # approximate engines fill up with -1
    return _nearest_ways(index.owners[found.ravel()[held]], distances.ravel()[held], asked[held]).first(k)


def ask_within(index: RecipeIndex, query: Orientations, radius_bits: int, allow: Ids | None = None) -> TurnedNeighbors:
    """Every content at most *radius_bits* bits from *query* in any orientation."""
    codes, places = _distinct_codes(query)
    rows = None if allow is None else index.rows_of(allow)
    found = index.engine.within(codes, radius_bits, rows)
    asked = np.repeat(places, np.diff(found.offsets))
    return _nearest_ways(index.owners[found.ids], found.distances, asked)


def _distinct_codes(query: Orientations) -> tuple[Codes, NDArray[np.int64]]:
    """The codes to ask for, and the first transform that has each: colours have one code for all eight."""
    first: dict[bytes, int] = {}
    for place, transform in enumerate(TRANSFORMS):
        for code in query[transform].compared if transform in query else ():
            first.setdefault(code.tobytes(), place)
    codes = np.frombuffer(b"".join(first), dtype=np.uint8).reshape(len(first), -1)
    return codes, np.fromiter(first.values(), np.int64, len(first))


def _nearest_ways(owners: Ids, distances: Distances, places: NDArray[np.int64]) -> TurnedNeighbors:
    """Of rows that came for several codes, each content's nearest."""
    order = np.lexsort((places, distances, owners))
    owners, distances, places = owners[order], distances[order], places[order]
    first = np.ones(len(owners), dtype=np.bool_)
    first[1:] = owners[1:] != owners[:-1]
    owners, distances, places = owners[first], distances[first], places[first]
    order = np.lexsort((owners, distances))
    return TurnedNeighbors(owners[order], distances[order], places[order])


class TurnedRanking(NamedTuple):
    """Contents by several recipes.

    Attributes:
        ids: int64 (n,). distances: int64 (n, recipes), bits.
        transforms: int64 (n,), see `TurnedNeighbors`.
    """

    ids: Ids
    distances: NDArray[np.int64]
    transforms: NDArray[np.int64]

    def at(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> TurnedRanking:
        """Those at *places*, or where *places* is true."""
        return TurnedRanking(self.ids[places], self.distances[places], self.transforms[places])


def merge_rankings(
    rankings: Sequence[TurnedRanking],
    widths: Sequence[int],
    k: int | None,
    models: Sequence[ChanceModel | None] | None = None,
) -> TurnedRanking:
    """The *k* first (None: all) of several rankings, one an orientation, by score (`score_contents`), then id.

    A content that is in several keeps the way in which its score is least, the first of equal ones.
    """
    ids, distances, places = (np.concatenate(column) for column in zip(*rankings, strict=True))
    scores = score_contents(distances, widths, models)
    order = np.lexsort((places, scores, ids))
    ids, distances, places, scores = ids[order], distances[order], places[order], scores[order]
    first = np.ones(len(ids), dtype=np.bool_)
    first[1:] = ids[1:] != ids[:-1]
    ids, distances, places, scores = ids[first], distances[first], places[first], scores[first]
    order = np.lexsort((ids, scores))[:k]
    return TurnedRanking(ids[order], distances[order], places[order])
