"""usearch's graph index behind the same promise: approximate, a peer to measure against.

Source: https://github.com/unum-cloud/usearch, metric ``hamming`` over ``b1`` (packed bits), version 2.16 and later.
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from lookalike.optional import Extra
from lookalike.search.graph import GraphEngine
from lookalike.search.rows import Positions, Words


@final
class UsearchEngine(GraphEngine):
    """Approximate neighbours by ``usearch.index.Index``, a graph that is walked greedily.

    ``links`` is connectivity, ``candidates`` expansion_search and ``candidates_when_built`` expansion_add; usearch's
    defaults are 16, 64 and 128.
    """

    needs: ClassVar[Extra | None] = Extra("usearch", "usearch")
    module: ClassVar[str] = "usearch.index"

    def _build(self, words: Words) -> Any:
        index = self._library.Index(
            ndim=words.shape[1] * 64,
            metric=self._library.MetricKind.Hamming,
            dtype=self._library.ScalarKind.B1,
            connectivity=self._links,
            expansion_add=self._candidates_when_built,
            expansion_search=self._candidates,
            enable_key_lookups=False,
        )
        index.add(np.arange(len(words)), np.ascontiguousarray(words).view(np.uint8), threads=self.threads)
        return index

    def _found(self, index: Any, queries: Words, count: int) -> tuple[Positions, NDArray[np.number[Any]]]:
        # usearch walks with as many candidates as neighbours are asked for where those are more.
        found = index.search(np.ascontiguousarray(queries).view(np.uint8), count, threads=self.threads)
        positions = np.atleast_2d(found.keys).astype(np.int64)
        distances = np.atleast_2d(found.distances)
        # What lies behind the number found in each row is left over memory.
        missing = np.isnan(distances)
        return np.where(missing, -1, positions), np.where(missing, 0, distances)

    def _index_bytes(self, index: Any) -> int:
        return int(index.memory_usage)
