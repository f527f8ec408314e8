"""A weighed question to one recipe's index: the parts of a code count as the asker says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import RecipeError
from lookalike.fingerprints.code_parts import check_weights, parts_of
from lookalike.jobs.ask_orientations import TurnedRanking
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.weigh_parts import weigh_parts
from lookalike.model import Fingerprint, Ids, Recipe
from lookalike.search import pack_words


def check_question(recipes: Sequence[Recipe], weights: Mapping[str, float] | None) -> None:
    """Raise RecipeError where *weights* came and can't be used with *recipes*."""
    if weights is None:
        return
    if len(recipes) != 1:
        raise RecipeError(f"weights are of the parts of one recipe, and {len(recipes)} are asked: ask look alone")
    check_weights(recipes[0], weights)


def ask_weighed(
    index: RecipeIndex, query: Fingerprint, weights: Mapping[str, float], k: int, allow: Ids | None
) -> tuple[TurnedRanking, NDArray[np.float64]]:
    """The *k* contents nearest by weight, with bits of the whole code; and their scores, float64 (n,)."""
    recipe = query.recipe
    found = weigh_parts(
        index.words,
        pack_words(query.codes, recipe.width_bits)[0],
        parts_of(recipe),
        check_weights(recipe, weights),
        k,
        None if allow is None else index.rows_of(allow),
    )
    upright = np.zeros(len(found.rows), np.int64)
    return TurnedRanking(index.owners[found.rows], found.distances.sum(axis=1)[:, None], upright), found.scores
