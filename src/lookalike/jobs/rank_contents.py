"""Contents by several recipes at once, in one order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints import TRANSFORMS
from lookalike.jobs.ask_orientations import TurnedRanking, ask_nearest, merge_rankings
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.model import Fingerprint, Ids, Orientations
from lookalike.worth import ChanceModel, score_contents


def rank_together(
    indexes: Sequence[RecipeIndex],
    queries: Sequence[Fingerprint],
    k: int | None,
    allow: Ids | None,
    models: Sequence[ChanceModel | None] | None = None,
) -> tuple[Ids, NDArray[np.int64]]:
    """Contents that every recipe covers, the best *k* scores (None: all), then by id: ids (n,), distances (n, recipes).

    The score is the sum of distance / width or, with *models*, of log10 of how often chance comes as near. An exact
    engine is asked for all contents, so that nothing can be missed. An approximate one covers what it finds.
    """
    found = [
        index.nearest(query, max(1, len(index.owners)), allow) for index, query in zip(indexes, queries, strict=True)
    ]
    common = found[0][0]
    for ids, _ in found[1:]:
        common = np.intersect1d(common, ids, assume_unique=True)
    common = np.sort(common)
    distances = np.empty((len(common), len(found)), dtype=np.int64)
    for column, (ids, bits) in enumerate(found):
        order = np.argsort(ids)
        distances[:, column] = bits[order][np.searchsorted(ids[order], common)]
    scores = score_contents(distances, [index.recipe.distance_bits for index in indexes], models)
    order = np.lexsort((common, scores))[:k]
    return common[order], distances[order]


def rank_turned(
    indexes: Sequence[RecipeIndex],
    queries: Sequence[Orientations],
    k: int | None,
    allow: Ids | None,
    models: Sequence[ChanceModel | None] | None = None,
) -> TurnedRanking:
    """The *k* nearest contents (None: all), each in the way to lay the query that is best for all recipes together."""
    if len(indexes) == 1:
        found = ask_nearest(indexes[0], queries[0], max(1, len(indexes[0].owners)) if k is None else k, allow)
        return TurnedRanking(found.ids, found.distances[:, None].astype(np.int64), found.transforms)
    rankings = []
    for place, transform in enumerate(TRANSFORMS):
        if transform in queries[0]:
            ids, distances = rank_together(indexes, [query[transform] for query in queries], k, allow, models)
            rankings.append(TurnedRanking(ids, distances, np.full(len(ids), place)))
    return merge_rankings(rankings, [index.recipe.distance_bits for index in indexes], k, models)
