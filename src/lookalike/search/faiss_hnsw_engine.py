"""FAISS's binary graph index behind the same promise: approximate, a peer to measure against.

Source: https://github.com/facebookresearch/faiss, IndexBinaryHNSW, version 1.10 and later. It can't forget a
row, so removing makes the next question build anew.
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from lookalike.optional import Extra
from lookalike.search.graph import GraphEngine
from lookalike.search.rows import Positions, Words


@final
class FaissHnswEngine(GraphEngine):
    """Approximate neighbours by ``faiss.IndexBinaryHNSW``, a graph that is walked greedily.

    ``links`` is M, twice as many on the lowest level; FAISS's default is 32. ``candidates`` is efSearch, raised to the
    number of neighbours asked for; FAISS's default of 16 misses half of the neighbours of spread-out codes.
    ``candidates_when_built`` is efConstruction.
    """

    needs: ClassVar[Extra | None] = Extra("faiss", "faiss")
    module: ClassVar[str] = "faiss"

    def _build(self, words: Words) -> Any:
        self._library.omp_set_num_threads(self.threads)  # OpenMP keeps this number for each calling thread
        # FAISS's widths are multiples of 8; ours are padded to whole words, and equal padding adds no distance.
        index = self._library.IndexBinaryHNSW(words.shape[1] * 64, self._links)
        index.hnsw.efConstruction = self._candidates_when_built
        index.add(np.ascontiguousarray(words).view(np.uint8))
        return index

    def _found(self, index: Any, queries: Words, count: int) -> tuple[Positions, NDArray[np.number[Any]]]:
        self._library.omp_set_num_threads(self.threads)
        # Only ever raised: other threads may be walking, and version 1.10 takes no parameters for one search.
        index.hnsw.efSearch = max(index.hnsw.efSearch, self._candidates, count)
        distances, positions = index.search(np.ascontiguousarray(queries).view(np.uint8), count)
        return positions, distances  # position -1 where the walk found no more

    def _index_bytes(self, index: Any) -> int:
        # The codes, and on the lowest level 2 x links edges of 4 bytes; higher levels add 1 row in *links*, and each
        # row has a level of 4 bytes and an offset of 8 (faiss/impl/HNSW.h).
        edges = 2 * self._links + self._links // max(1, self._links - 1)
        return int(index.ntotal * (index.code_size + edges * 4 + 12))
