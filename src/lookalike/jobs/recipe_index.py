"""One recipe's codes in one engine, answering in contents rather than rows.

Most recipes give one code a content; ``crop_resistant`` gives several, and then a content is as near as its nearest
part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.jobs.recipe_rows import RecipeRows, load_recipe_rows
from lookalike.model import SLOT_CODE_BYTES, SLOT_PLACE_BYTES, Codes, Distances, Fingerprint, Ids, Recipe
from lookalike.search import Engine, IdRange, Words

RECALL_QUERIES = 50  # steps of 0.02 / k in the recall, for a fraction of a second


@dataclass(frozen=True, slots=True)
class RecipeIndex:
    """An engine filled with one recipe's codes; row *r* holds ``words[r]`` of content ``owners[r]``, rising.

    Of a recipe with slots each filled slot is a row, and ``places[r]`` tells where it is; the engine is one for codes
    of ``recipe.distance_bits``.
    """

    recipe: Recipe
    engine: Engine
    owners: Ids
    words: Words
    most_parts: int
    places: NDArray[np.uint32] | None = None

    @classmethod
    def load(cls, store: Store, recipe: Recipe, engine: Engine) -> RecipeIndex:
        """Fill *engine*, which must be empty, with the codes of every present content."""
        return cls.of_rows(recipe, engine, load_recipe_rows(store, recipe))

    @classmethod
    def of_rows(cls, recipe: Recipe, engine: Engine, rows: RecipeRows) -> RecipeIndex:
        """Fill *engine*, which must be empty, with *rows*."""
        places = None
        if recipe.slots:
            rows, places = open_slots(rows, recipe.slots)
        engine.adopt(IdRange(0, len(rows.owners)), rows.words)
        return cls(recipe, engine, rows.owners, rows.words, rows.most_parts, places)

    def codes_of(self, rows: NDArray[np.int64]) -> Codes:
        """The packed codes of some rows: uint8 (n, bytes)."""
        return self.words[rows].view(np.uint8)[:, : (self.recipe.distance_bits + 7) // 8]

    def nearest(self, query: Fingerprint, k: int, allow: Ids | None = None) -> tuple[Ids, Distances]:
        """The *k* contents nearest to *query*: ids and distances, by distance, then id.

        *allow* holds the only content ids that may be answered, rising; None allows all.
        """
        rows = None if allow is None else self.rows_of(allow)
        # Among the nearest k * most_parts rows of one part there are at least k contents, so none of the k nearest
        # contents can be missing from the union over the query's parts.
        found, distances = self.engine.nearest(query.compared, k * self.most_parts, rows)
        held = found >= 0  # approximate engines fill up with -1
        owners, bits = self.owners[found[held]], distances[held]
        order = np.lexsort((bits, owners))
        owners, bits = owners[order], bits[order]
        first = np.ones(len(owners), dtype=np.bool_)
        first[1:] = owners[1:] != owners[:-1]
        owners, bits = owners[first], bits[first]
        order = np.lexsort((owners, bits))[:k]
        return owners[order], bits[order]

    def rows_of(self, contents: Ids) -> NDArray[np.int64]:
        """The rows that belong to *contents* (rising)."""
        begins = np.searchsorted(self.owners, contents, side="left")
        counts = np.searchsorted(self.owners, contents, side="right") - begins
        # Row numbers run on within a content: a ramp over all rows, set back at each content's first.
        rows = np.arange(counts.sum(), dtype=np.int64)
        rows += np.repeat(begins - (np.cumsum(counts) - counts), counts)
        return rows

    def measure_recall(self, k: int) -> float | None:
        """The share of true neighbours that an approximate engine finds of its own codes; None if it is exact."""
        if self.engine.exact or not len(self.owners):
            return None
        sample = np.linspace(0, len(self.owners) - 1, min(RECALL_QUERIES, len(self.owners))).astype(np.int64)
        return self.engine.measured_recall(self.codes_of(sample), k)


def open_slots(rows: RecipeRows, slots: int) -> tuple[RecipeRows, NDArray[np.uint32]]:
    """A row for each filled slot of the codes in *rows*, and its place as the slot has it."""
    slot_bytes = SLOT_CODE_BYTES + SLOT_PLACE_BYTES
    packed = rows.words.view(np.uint8)[:, : slots * slot_bytes].reshape(-1, slot_bytes)
    places = packed[:, SLOT_CODE_BYTES:].copy().view(">u4")[:, 0].astype(np.uint32)
    filled = np.flatnonzero(places)
    words = packed[:, :SLOT_CODE_BYTES].copy().view(np.uint64)[filled]
    return RecipeRows(rows.owners[filled // slots], words), places[filled]
