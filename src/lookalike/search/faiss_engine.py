"""FAISS's flat binary index behind the same promise: exact, a peer to measure against.

Source: https://github.com/facebookresearch/faiss, IndexBinaryFlat, version 1.10 and later.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from lookalike.model import Distances
from lookalike.optional import Extra, import_extra
from lookalike.search.base import Engine
from lookalike.search.rows import Positions, Rows, Words

# Counting keeps (width + 1) x k positions a query; beyond this many it's cheaper to take everything and sort.
MOST_COUNTED = 1 << 22

# Queries that are answered by one range search when everything within a radius may come back.
QUERIES_A_CALL = 64


@final
class FaissEngine(Engine):
    """Exact neighbours by ``faiss.IndexBinaryFlat``.

    Raises:
        MissingExtra: faiss isn't installed (extra ``faiss``).
    """

    needs: ClassVar[Extra | None] = Extra("faiss", "faiss")

    def __init__(self, width_bits: int, threads: int = 1) -> None:
        super().__init__(width_bits, threads)
        self._faiss: ModuleType = import_extra("faiss", extra="faiss")

    def _nearest(
        self, rows: Rows, queries: Words, count: int, allowed: Positions | None
    ) -> tuple[Positions, Distances]:
        index = self._index(rows, allowed)
        if count * (rows.words.shape[1] * 64 + 1) > MOST_COUNTED:
            return self._nearest_of_all(index, queries, count, allowed)
        distances, positions = index.search(_bytes(queries), count)
        return (positions if allowed is None else allowed[positions]), distances.astype(np.uint16)

    def _nearest_of_all(
        self, index: Any, queries: Words, count: int, allowed: Positions | None
    ) -> tuple[Positions, Distances]:
        found = [self._range(index, queries[at : at + 1], self.width_bits, allowed) for at in range(len(queries))]
        return np.stack([near[:count] for _, near, _ in found]), np.stack([bits[:count] for _, _, bits in found])

    def _within(
        self, rows: Rows, queries: Words, radius_bits: int, allowed: Positions | None
    ) -> tuple[NDArray[np.int64], Positions, Distances]:
        return self._range(self._index(rows, allowed), queries, radius_bits, allowed)

    def _pairs(self, rows: Rows, radius_bits: int) -> tuple[Positions, Positions, Distances]:
        index = self._index(rows, None)
        parts = []
        for begin in range(0, len(rows), QUERIES_A_CALL):
            offsets, seconds, distances = self._range(
                index, rows.words[begin : begin + QUERIES_A_CALL], radius_bits, None
            )
            firsts = np.repeat(np.arange(begin, begin + len(offsets) - 1), np.diff(offsets))
            later = seconds > firsts  # FAISS answers each pair twice, and each row with itself
            order = np.lexsort((seconds[later], firsts[later]))
            parts.append((firsts[later][order], seconds[later][order], distances[later][order]))
        firsts, seconds, distances = (np.concatenate(column) for column in zip(*parts, strict=True))
        return firsts, seconds, distances

    def _range(
        self, index: Any, queries: Words, radius_bits: int, allowed: Positions | None
    ) -> tuple[NDArray[np.int64], Positions, Distances]:
        # FAISS's radius is strict (distance < radius); ours is inclusive.
        limits, distances, positions = index.range_search(_bytes(queries), radius_bits + 1)
        offsets = limits.astype(np.int64)
        positions = positions if allowed is None else allowed[positions]
        query = np.repeat(np.arange(len(queries)), np.diff(offsets))
        order = np.lexsort((positions, distances, query))  # FAISS promises no order
        return offsets, positions[order], distances[order].astype(np.uint16)

    def _index(self, rows: Rows, allowed: Positions | None) -> Any:
        self._faiss.omp_set_num_threads(self.threads)  # OpenMP keeps this number for each calling thread
        return rows.index(self._build) if allowed is None else self._build(rows.words[allowed])

    def _build(self, words: Words) -> Any:
        # FAISS's widths are multiples of 8; ours are padded to whole words, and equal padding adds no distance.
        index = self._faiss.IndexBinaryFlat(words.shape[1] * 64)
        index.use_heap = False  # counting, not a heap: then the first of several equally distant rows is answered
        index.add(_bytes(words))
        return index

    def _index_bytes(self, index: Any) -> int:
        return int(index.ntotal * index.code_size)


def _bytes(words: Words) -> NDArray[np.uint8]:
    return np.ascontiguousarray(words).view(np.uint8)
