"""How many planted copies each fingerprint finds again: the copy asks, its source should be among the nearest."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.catalog import Store
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.model import Match, Recipe
from lookalike.search import Engine

DEFAULT_SEARCH = "default search"


@dataclass(frozen=True, slots=True)
class PlantedCopies:
    """Copies planted, and found by each recipe, by transform.

    Attributes:
        planted: transform -> how many copies there are.
        found: recipe or ``default search`` -> transform -> how many of them have their source among the nearest.
        k: how many nearest were looked at.
    """

    planted: dict[str, int]
    found: dict[str, dict[str, int]]
    k: int

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return {"planted": self.planted, "found": self.found, "k": self.k}


def find_planted_copies(
    store: Store,
    recipes: Sequence[Recipe],
    make_engine: Callable[[int], Engine],
    *,
    k: int,
    search: Callable[[str, int], Sequence[Match]],
) -> PlantedCopies:
    """Ask with every picture that has an attribute ``copy_of``, the file name of its source; by each recipe, and
    with *search*, the default one: from a path to so many matches.
    """
    records = store.contents(store.present_contents())
    by_name = {os.path.basename(path): record.id for record in records for path in record.paths}
    copies = [
        (record.id, by_name[source], str(record.attributes.get("transform", "")))
        for record in records
        if (source := record.attributes.get("copy_of")) in by_name
    ]
    found: dict[str, dict[str, int]] = {}
    for recipe in recipes:
        index = RecipeIndex.load(store, recipe, make_engine(recipe.distance_bits))
        hits: dict[str, int] = defaultdict(int)
        for copy, source, transform in copies:
            nearest, _ = index.nearest(store.fingerprint(copy, recipe), k + 1)  # the copy itself is one of them
            hits[transform] += source in nearest
        found[str(recipe)] = dict(hits)
    hits = defaultdict(int)
    paths = {record.id: record.paths[0] for record in records}
    for copy, source, transform in copies:
        hits[transform] += source in [match.id for match in search(paths[copy], k)]
    found[DEFAULT_SEARCH] = dict(hits)
    return PlantedCopies(dict(Counter(transform for _, _, transform in copies)), found, k)
