"""What approximate engines share: they find some of the nearest, and whatever else is asked, a scan answers exactly."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import SearchError
from lookalike.model import Distances
from lookalike.search.base import NO_NEIGHBOR, Engine
from lookalike.search.checks import packed, whole_number
from lookalike.search.reference import scan_nearest, scan_pairs, scan_within
from lookalike.search.rows import Positions, Rows, Words

POSITION_BITS = 47
LOWEST_BITS = (1 << POSITION_BITS) - 1


class ApproximateEngine(Engine):
    """``nearest`` may miss some neighbours, every distance it states is true; ``measured_recall`` says how many it
    misses on your codes. ``nearest`` with *allow*, ``within`` and ``pairs`` scan, and are exact.
    """

    exact: ClassVar[bool] = False

    @final
    def measured_recall(self, sample: ArrayLike, k: int = 9) -> float:
        """The share of the *k* places that hold a true neighbour, 0 to 1, over queries uint8 (q, bytes_per_code).

        A neighbour is true if it is no farther than the k-th nearest of an exact scan, so that equally distant rows
        count alike.

        Raises:
            SearchError: nothing is held, or there are no queries.
        """
        words = packed(sample, self.width_bits, "queries")
        rows = self._rows
        if not len(rows) or not len(words):
            raise SearchError(f"recall needs codes held and queries; there are {len(rows)} and {len(words)}")
        count = min(whole_number(k, "k", least=1), len(rows))
        _, found = self._nearest(rows, words, count, None)
        _, true = scan_nearest(rows.words, words, count, None)
        return float(np.mean(found <= true[:, -1:]))

    @final
    def _nearest(
        self, rows: Rows, queries: Words, count: int, allowed: Positions | None
    ) -> tuple[Positions, Distances]:
        if allowed is not None:
            return scan_nearest(rows.words, queries, count, allowed)
        positions, apart = self._found(rows.index(self._build), queries, count)
        # By distance, then position, in one sort: distances have 16 bits and positions fewer than 47. Places where
        # nothing was found have the farthest distance and come last.
        keys = np.where(positions < 0, NO_NEIGHBOR, apart).astype(np.int64) << POSITION_BITS
        keys |= positions & LOWEST_BITS
        keys.sort(axis=1)
        distances = (keys >> POSITION_BITS).astype(np.uint16)
        return np.where(distances == NO_NEIGHBOR, np.int64(-1), keys & LOWEST_BITS), distances

    @final
    def _within(
        self, rows: Rows, queries: Words, radius_bits: int, allowed: Positions | None
    ) -> tuple[NDArray[np.int64], Positions, Distances]:
        return scan_within(rows.words, queries, radius_bits, allowed)

    @final
    def _pairs(self, rows: Rows, radius_bits: int) -> tuple[Positions, Positions, Distances]:
        return scan_pairs(rows.words, radius_bits)

    @abstractmethod
    def _build(self, words: Words) -> Any:
        """The library's own index over all rows; its items are positions."""

    @abstractmethod
    def _found(self, index: Any, queries: Words, count: int) -> tuple[Positions, NDArray[np.number[Any]]]:
        """Positions and distances in bits, both (q, count), in any order; position -1 where fewer were found."""
