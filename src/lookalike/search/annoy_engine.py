"""Spotify's Annoy behind the same promise: the classic way, approximate.

Source: https://github.com/spotify/annoy, version 1.17.3, metric ``hamming``. Its index can't change once built, so
adding or removing makes the next question build it anew.
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import SearchError
from lookalike.model import Distances, Ids
from lookalike.optional import Extra, import_extra
from lookalike.search.approximate import ApproximateEngine
from lookalike.search.checks import unpacked, whole_number
from lookalike.search.rows import Positions, Words


@final
class AnnoyEngine(ApproximateEngine):
    """Approximate neighbours by ``annoy.AnnoyIndex``, a forest of random trees: the classic way.

    Annoy can neither filter nor search within a radius; see ``ApproximateEngine`` for what a scan answers instead.
    """

    needs: ClassVar[Extra | None] = Extra("annoy", "annoy")

    def __init__(
        self, width_bits: int, threads: int = 1, *, n_trees: int = 200, search_k: int = -1, seed: int | None = None
    ) -> None:
        """See ``Engine``.

        Args:
            width_bits: width of the codes.
            threads: threads that build; the trees, and so the answers, differ with their number. Queries use one.
            n_trees: more give a higher recall, a larger index and a longer build; 200 is the classic way's number.
            search_k: nodes to look at for each query; -1 leaves Annoy's own n_trees x k.
            seed: of Annoy's random numbers; None leaves Annoy's own.

        Raises:
            MissingExtra: annoy isn't installed (extra ``annoy``).
            SearchError: a number out of range.
        """
        super().__init__(width_bits, threads)
        self._n_trees = whole_number(n_trees, "n_trees", least=1)
        self._search_k = whole_number(search_k, "search_k", least=-1)
        self._seed = None if seed is None else whole_number(seed, "seed", least=0)
        self._annoy = import_extra("annoy", extra="annoy")

    def nearest_to_item(self, id_: int, n: int) -> tuple[Ids, Distances]:
        """What the classic code asks: ``AnnoyIndex.get_nns_by_item(item, n)``, the item itself included.

        Ids int64 and distances uint16, both of at most *n* entries, as many as Annoy finds. Equal to a plain Annoy
        index over the same bits in order of id, with the same seed, trees, search_k and number of building threads.

        Raises:
            SearchError: the id isn't held, or *n* is out of range.
        """
        wanted = whole_number(n, "n", least=1)
        rows = self._rows
        positions, _ = rows.positions_of(np.array([whole_number(id_, "id", least=0)], np.int64))
        if not len(positions):
            raise SearchError(f"id {id_} isn't held: add it first")
        index = rows.index(self._build)
        found, distances = index.get_nns_by_item(int(positions[0]), wanted, self._search_k, include_distances=True)
        return rows.ids[np.array(found, np.int64)], np.array(distances).astype(np.uint16)

    def _found(self, index: Any, queries: Words, count: int) -> tuple[Positions, NDArray[np.number[Any]]]:
        positions = np.full((len(queries), count), -1, np.int64)
        distances = np.zeros((len(queries), count), np.uint16)
        for row, bits in enumerate(unpacked(queries, self.width_bits)):
            found, apart = index.get_nns_by_vector(bits.tolist(), count, self._search_k, include_distances=True)
            positions[row, : len(found)] = found
            distances[row, : len(found)] = apart
        return positions, distances

    def _build(self, words: Words) -> Any:
        index = self._annoy.AnnoyIndex(self.width_bits, "hamming")
        if self._seed is not None:
            index.set_seed(self._seed)
        for position, bits in enumerate(unpacked(words, self.width_bits)):
            # Annoy makes a bit of each value: 1 above 0.5, else 0. An integer in place of bits would be a single 1.
            # It allocates up to the highest item, so items are positions, never ids.
            index.add_item(position, bits.tolist())
        index.build(self._n_trees, self.threads)
        return index

    def _index_bytes(self, index: Any) -> int:
        # Annoy doesn't say. A row's node is its bits and 16 bytes of links; the trees take 13 to 14 bytes a row and
        # tree, measured on saved indexes of 64 to 256 bits, 900 to 20,000 rows and 50 to 200 trees.
        node = (self.width_bits + 63) // 64 * 8 + 16
        return int(index.get_n_items() * (node + 14 * index.get_n_trees()))
