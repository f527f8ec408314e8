"""What distances are worth to one query: the catalog's chance model of each recipe, and the crowd the query lies in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.jobs.measure_chance import measure_chance
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.recipe_rows import RecipeRows
from lookalike.model import Fingerprint, Ids
from lookalike.worth import (
    EXPECTED_AT_MOST,
    ChanceModel,
    combined_probability,
    default_radius_bits,
    fixed_radius_bits,
    shared_scale,
)


@dataclass(frozen=True, slots=True)
class Weight:
    """What one recipe's distances are worth to one query.

    Attributes:
        recipe: its text. algorithm: its name. width_bits: of its codes.
        model: None where the catalog is too small to tell.
        pictures: how many may be answered.
        density: how many times more chance neighbours the query has than an average picture.
    """

    recipe: str
    algorithm: str
    width_bits: int
    model: ChanceModel | None
    pictures: int
    density: float = 1.0

    def probability(self, distance: int) -> float:
        """The chance that an unrelated picture is as near to the query; 1 where nothing is known."""
        return 1.0 if self.model is None else min(1.0, self.model.probability(distance) * self.density)

    def expected(self, distance: int, tries: int = 1) -> float | None:
        """Unrelated pictures expected to be as near by chance."""
        if self.model is None:
            return None
        return self.model.expected(distance, self.pictures, tries=tries, density=self.density)

    def radius_bits(self, tries: int = 1, expected_at_most: float = EXPECTED_AT_MOST) -> int | None:
        """The distance up to which chance brings so many; where nothing was measured what the algorithm's authors
        say, None if they don't.
        """
        if self.model is None:
            return fixed_radius_bits(self.algorithm)
        return default_radius_bits(
            self.model, self.pictures, expected_at_most=expected_at_most, tries=tries, density=self.density
        )


@dataclass(frozen=True, slots=True)
class QueryWorth:
    """The weights of all recipes asked, in their order, and how much they repeat each other (`shared_scale`)."""

    weights: tuple[Weight, ...]
    scale: float = 1.0

    def expected(self, distances: Sequence[int], tries: int = 1) -> float | None:
        """Unrelated pictures expected to be as near under all recipes together; None where no recipe's is known."""
        known = [(w, bits) for w, bits in zip(self.weights, distances, strict=True) if w.model is not None]
        if not known:
            return None
        if len(known) == 1:
            return known[0][0].expected(known[0][1], tries)
        together = combined_probability([weight.probability(bits) for weight, bits in known], self.scale)
        return min(weight.pictures for weight, _ in known) * min(1.0, tries * together)


def weigh_query(
    store: Store,
    indexes: Sequence[RecipeIndex],
    queries: Sequence[Fingerprint],
    allow: Ids | None = None,
    *,
    together: bool = True,
) -> QueryWorth:
    """What distances to *queries*, one picture's fingerprints, are worth.

    With *allow*, the contents that fit a filter, chance has only those to draw from. Unless they are to be weighed
    *together*, how much the recipes repeat each other isn't measured.
    """
    weights = []
    sampled: list[tuple[Ids, NDArray[np.float64]]] = []
    together = together and len(indexes) > 1  # one alone repeats nothing
    for index, query in zip(indexes, queries, strict=True):
        recipe, crowd = index.recipe, index.crowd
        pictures = crowd.held if allow is None else len(allow)
        model = measure_chance(store, recipe, RecipeRows(index.owners, index.words), crowd.held)
        density = 1.0
        if model is not None and crowd.held:
            ids, distances = crowd.ids, crowd.distances(query)
            equal = int(distances.argmin())
            if distances[equal] == 0:  # the first equal one is taken to be the query itself
                ids, distances = np.delete(ids, equal), np.delete(distances, equal)
            density = model.density(distances)
            if together:
                sampled.append((ids, -np.log(model.probabilities(distances))))
        weights.append(Weight(str(recipe), recipe.algorithm, recipe.distance_bits, model, pictures, density))
    return QueryWorth(tuple(weights), shared_scale(aligned(sampled)) if together else 1.0)


def aligned(sampled: Sequence[tuple[Ids, NDArray[np.float64]]]) -> list[NDArray[np.float64]]:
    """The levels of the contents that all of *sampled* (ids, rising, and levels) have."""
    if len(sampled) < 2:
        return [levels for _, levels in sampled]
    common = sampled[0][0]
    for ids, _ in sampled[1:]:
        common = np.intersect1d(common, ids, assume_unique=True)
    return [levels[np.searchsorted(ids, common)] for ids, levels in sampled]
