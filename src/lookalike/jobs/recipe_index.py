"""One recipe's codes in one engine, answering in contents rather than rows.

Most recipes give one code a content; ``crop_resistant`` gives several, and then a content is as near as its nearest
part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.jobs.recipe_rows import RecipeRows, load_recipe_rows
from lookalike.model import SLOT_CODE_BYTES, SLOT_PLACE_BYTES, Codes, Distances, Fingerprint, Ids, Recipe
from lookalike.search import Engine, IdRange, Words, pack_words

CROWD_SAMPLE = 2000  # contents whose distances say how crowded a query's neighbourhood is; 0.1 ms
RECALL_QUERIES = 50  # steps of 0.02 / k in the recall, for a fraction of a second


class Crowd(NamedTuple):
    """Contents evenly spread over an index, with their codes side by side: reading them from all over it takes longer
    than comparing them.

    Attributes:
        held: contents in the whole index.
        ids: int64 (n,): contents, rising.
        words: uint64 (rows, words of a code): all their codes.
        starts: int64 (n,): where each content's begin; None where each has one.
    """

    held: int
    ids: Ids
    words: Words
    starts: NDArray[np.int64] | None

    def distances(self, query: Fingerprint) -> Distances:
        """Bits between *query* and each content, the nearest codes of both: uint16 (n,)."""
        if not len(self.ids):
            return np.empty(0, np.uint16)
        nearest = None
        for code in pack_words(query.compared, query.recipe.distance_bits):
            differing = np.bitwise_count(self.words ^ code)
            # One word is its own sum, which numpy takes its time for.
            bits = differing[:, 0] if differing.shape[1] == 1 else differing.sum(axis=1, dtype=np.uint16)
            nearest = bits if nearest is None else np.minimum(nearest, bits)
        if nearest is None:
            return np.full(len(self.ids), np.iinfo(np.uint16).max, np.uint16)
        found = nearest if self.starts is None else np.minimum.reduceat(nearest, self.starts)
        return found.astype(np.uint16)


@dataclass(frozen=True)
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

    @cached_property
    def crowd(self) -> Crowd:
        """A sample of the contents, the same for all queries."""
        owners = self.owners
        if self.most_parts == 1:  # saves looking through a million
            held = len(owners)
            rows, starts = crowd_places(held), None
            return Crowd(held, owners[rows], self.words[rows], starts)
        begins = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
        places = crowd_places(len(begins))
        ends = np.append(begins[1:], len(owners))
        counts = ends[places] - begins[places]
        starts = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(begins[places] - starts, counts)
        return Crowd(len(begins), owners[begins[places]], self.words[rows], starts)

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


def crowd_places(held: int) -> NDArray[np.int64]:
    """Places, evenly spread, of the contents that are looked at."""
    return np.unique(np.linspace(0, held - 1, min(CROWD_SAMPLE, held)).astype(np.int64))


def open_slots(rows: RecipeRows, slots: int) -> tuple[RecipeRows, NDArray[np.uint32]]:
    """A row for each filled slot of the codes in *rows*, and its place as the slot has it."""
    slot_bytes = SLOT_CODE_BYTES + SLOT_PLACE_BYTES
    packed = rows.words.view(np.uint8)[:, : slots * slot_bytes].reshape(-1, slot_bytes)
    places = packed[:, SLOT_CODE_BYTES:].copy().view(">u4")[:, 0].astype(np.uint32)
    filled = np.flatnonzero(places)
    words = packed[:, :SLOT_CODE_BYTES].copy().view(np.uint64)[filled]
    return RecipeRows(rows.owners[filled // slots], words), places[filled]
