"""FAISS's binary graph index behind the same promise: approximate, a peer to measure against.

Source: https://github.com/facebookresearch/faiss, IndexBinaryHNSW, version 1.10 and later; the graph: Malkov and
Yashunin 2016, https://arxiv.org/abs/1603.09320. It can't forget a row, so removing makes the next question build anew.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from lookalike.optional import Extra, import_extra
from lookalike.search.approximate import ApproximateEngine
from lookalike.search.checks import whole_number
from lookalike.search.rows import Positions, Words


@final
class FaissHnswEngine(ApproximateEngine):
    """Approximate neighbours by ``faiss.IndexBinaryHNSW``, a graph that is walked greedily."""

    needs: ClassVar[Extra | None] = Extra("faiss", "faiss")

    def __init__(
        self,
        width_bits: int,
        threads: int = 1,
        *,
        links: int = 32,
        candidates: int = 128,
        candidates_when_built: int = 128,
    ) -> None:
        """See ``Engine``.

        Args:
            width_bits: width of the codes.
            threads: threads that build and that share the queries of one call.
            links: edges of a row, twice as many on the lowest level; 32 is FAISS's default.
            candidates: rows kept while a query walks (efSearch), at least as many as neighbours are asked for. FAISS's
                default of 16 misses half of the neighbours of spread-out codes.
            candidates_when_built: the same while a row is added (efConstruction).

        Raises:
            MissingExtra: faiss isn't installed (extra ``faiss``).
            SearchError: a number out of range.
        """
        super().__init__(width_bits, threads)
        self._links = whole_number(links, "links", least=2)
        self._candidates = whole_number(candidates, "candidates", least=1)
        self._candidates_when_built = whole_number(candidates_when_built, "candidates_when_built", least=1)
        self._faiss: ModuleType = import_extra("faiss", extra="faiss")

    def _build(self, words: Words) -> Any:
        self._faiss.omp_set_num_threads(self.threads)  # OpenMP keeps this number for each calling thread
        # FAISS's widths are multiples of 8; ours are padded to whole words, and equal padding adds no distance.
        index = self._faiss.IndexBinaryHNSW(words.shape[1] * 64, self._links)
        index.hnsw.efConstruction = self._candidates_when_built
        index.add(np.ascontiguousarray(words).view(np.uint8))
        return index

    def _found(self, index: Any, queries: Words, count: int) -> tuple[Positions, NDArray[np.number[Any]]]:
        self._faiss.omp_set_num_threads(self.threads)
        # Only ever raised: other threads may be walking, and version 1.10 takes no parameters for one search.
        index.hnsw.efSearch = max(index.hnsw.efSearch, self._candidates, count)
        distances, positions = index.search(np.ascontiguousarray(queries).view(np.uint8), count)
        return positions, distances  # position -1 where the walk found no more

    def _index_bytes(self, index: Any) -> int:
        # The codes, and on the lowest level 2 x links edges of 4 bytes; higher levels add 1 row in *links*, and each
        # row has a level of 4 bytes and an offset of 8 (faiss/impl/HNSW.h).
        edges = 2 * self._links + self._links // max(1, self._links - 1)
        return int(index.ntotal * (index.code_size + edges * 4 + 12))
