"""usearch's graph index behind the same promise: approximate, a peer to measure against.

Source: https://github.com/unum-cloud/usearch, metric ``hamming`` over ``b1`` (packed bits), version 2.16 and later.
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
class UsearchEngine(ApproximateEngine):
    """Approximate neighbours by ``usearch.index.Index``, a graph that is walked greedily."""

    needs: ClassVar[Extra | None] = Extra("usearch", "usearch")

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
            links: edges of a row (connectivity); usearch's default is 16.
            candidates: rows kept while a query walks (expansion_search); usearch's default is 64.
            candidates_when_built: the same while a row is added (expansion_add); usearch's default is 128.

        Raises:
            MissingExtra: usearch isn't installed (extra ``usearch``).
            SearchError: a number out of range.
        """
        super().__init__(width_bits, threads)
        self._links = whole_number(links, "links", least=2)
        self._candidates = whole_number(candidates, "candidates", least=1)
        self._candidates_when_built = whole_number(candidates_when_built, "candidates_when_built", least=1)
        self._usearch: ModuleType = import_extra("usearch.index", extra="usearch")

    def _build(self, words: Words) -> Any:
        index = self._usearch.Index(
            ndim=words.shape[1] * 64,
            metric=self._usearch.MetricKind.Hamming,
            dtype=self._usearch.ScalarKind.B1,
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
