"""Engines that stay in memory from one search to the next, for whoever asks more than once.

An index is that of one state of the catalog. When the state has changed, what changed is put in place in memory, as
`recipe_rows` does with a file; where that is too much or the way is unknown, it is loaded anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from lookalike.catalog import Store
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.recipe_rows import LARGEST_SHARE, MANY_CHANGED, RecipeRows, patch_rows
from lookalike.model import Recipe
from lookalike.search import Engine


@dataclass(slots=True)
class Held:
    """One recipe's index, and the state of the catalog that it is from."""

    token: bytes = b""
    index: RecipeIndex | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class ResidentIndexes:
    """One index a recipe and engine, over one catalog file; any number of threads and stores of it may share them."""

    def __init__(self) -> None:
        self._held: dict[tuple[Recipe, str], Held] = {}
        self._lock = threading.Lock()

    def load(self, store: Store, recipe: Recipe, make_engine: Callable[[int], Engine], engine_name: str) -> RecipeIndex:
        """The index of *recipe* as the catalog is in the moment that *store* is reading."""
        token = store.state_token()
        with self._lock:
            held = self._held.setdefault((recipe, engine_name), Held())
        index = held.index
        if index is not None and held.token == token:  # the token is written last: it never runs ahead of the index
            return index
        with held.lock:  # one thread brings it up to date, the others wait for it
            if held.index is None or held.token != token:
                fresh = follow(store, held, recipe, make_engine) or RecipeIndex.load(
                    store, recipe, make_engine(recipe.distance_bits)
                )
                held.token = b""
                held.index = fresh
                held.token = token
            return held.index

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._held.clear()


def follow(store: Store, held: Held, recipe: Recipe, make_engine: Callable[[int], Engine]) -> RecipeIndex | None:
    """The index of *held* brought up to date; None where it must be loaded."""
    old = held.index
    if old is None or recipe.slots:  # opened slots aren't put together again
        return None
    changed = store.codes_changed(recipe, held.token, max(MANY_CHANGED, len(old.owners) // LARGEST_SHARE))
    if changed is None:
        return None
    if not len(changed.contents):
        return old
    rows = patch_rows(RecipeRows(old.owners, old.words), changed, recipe.width_bits)
    return RecipeIndex.of_rows(recipe, make_engine(recipe.distance_bits), rows)
