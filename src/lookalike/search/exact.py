"""The engine that Lookalike uses: exact, by the native kernel, in whichever way is cheaper for the question.

A scan looks at every code, as fast as memory delivers them. A multi-index looks into a few buckets, which is less work
where the radius is small. A planner chooses between them; all answers are the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import WidthMismatch
from lookalike.model import Distances, Ids
from lookalike.search import _native
from lookalike.search.base import Engine
from lookalike.search.checks import packed, whole_number
from lookalike.search.covering import Covering, Found, Ragged
from lookalike.search.joining import PAIRS_A_STEP, CollapsedPairs, Join, few_enough, sorted_pairs
from lookalike.search.journal import Usable
from lookalike.search.planned import WORDS_A_CALL, PlannedEngine
from lookalike.search.rows import Positions, Rows, Words


class HammingIndex(PlannedEngine):
    """Exact neighbours with the fastest instructions that this processor has.

    ``LOOKALIKE_KERNEL`` (portable, avx2, avx512, neon) forces others, to compare or to rule out a fault.
    """

    def iter_pairs(self, radius_bits: int, batch_pairs: int = PAIRS_A_STEP) -> Iterator[tuple[Ids, Ids, Distances]]:
        """Every two codes held that are at most *radius_bits* bits apart, each pair once, in bounded memory.

        Yields:
            ids_a, ids_b (int64) and distances (uint16) of at most *batch_pairs* pairs; ids_a < ids_b. Batches come
            in no particular order. What is held when the first batch is asked for is what all are about.

        Raises:
            SearchError: a negative radius, or *batch_pairs* below 1.
        """
        radius = self._radius(radius_bits)
        most = whole_number(batch_pairs, "batch_pairs", least=1)
        rows = self._rows
        return (
            (rows.ids[first], rows.ids[second], distances)
            for first, second, distances in Join(rows.words, None, radius, self.threads).row_pairs(most)
        )

    def collapsed_pairs(self, radius_bits: int) -> CollapsedPairs:
        """The same pairs, but between distinct codes, beside the ids that hold each: equal codes aren't multiplied out.

        Raises:
            SearchError: a negative radius, or more than 2^27 pairs of distinct codes.
        """
        radius = self._radius(radius_bits)
        rows = self._rows
        join = Join(rows.words, None, radius, self.threads)
        first, second, distances = sorted_pairs(few_enough(join.code_pairs()))
        return CollapsedPairs(join.left.offsets, rows.ids[join.left.rows], first, second, distances)

    def pairs_between(self, other: Engine | ArrayLike, radius_bits: int) -> tuple[Ids, Ids, Distances]:
        """Every code held here and code of *other* that are at most *radius_bits* bits apart.

        Args:
            other: an engine of the same width, or codes uint8 (n, bytes_per_code).
            radius_bits: the largest distance, inclusive.

        Returns:
            ids here (int64), ids of the other engine or row numbers of the codes (int64), and distances (uint16), each
            (number of pairs,), ordered by both.

        Raises:
            WidthMismatch: codes of another width.
            SearchError: a negative radius, anything else about the codes, or more than 2^27 pairs.
        """
        radius = self._radius(radius_bits)
        rows = self._rows
        if isinstance(other, Engine):
            if other.width_bits != self.width_bits:
                raise WidthMismatch(
                    f"this engine holds codes of {self.width_bits} bits, the other one of {other.width_bits}: "
                    "compare codes of one recipe"
                )
            others = other._rows
            other_ids, words = others.ids, others.words
        else:
            words = packed(other, self.width_bits, "codes")
            other_ids = np.arange(len(words))
        join = Join(rows.words, words, radius, self.threads)
        first, second, distances = sorted_pairs(few_enough(join.row_pairs()))
        return rows.ids[first], other_ids[second], distances

    def _nearest(
        self, rows: Rows, queries: Words, count: int, allowed: Positions | None
    ) -> tuple[Positions, Distances]:
        def scan(asked: Words, usable: Positions | None) -> Ragged:
            alone = len(asked) == 1 and usable is None and self.threads == 1
            tails = self._tailing.tails(rows) if alone else None
            if tails is None:
                positions, distances = _native.nearest(rows.words, asked, count, self.threads, usable)
            else:
                positions, distances = tails.nearest(asked, count)
            return np.arange(len(asked) + 1) * positions.shape[1], positions.ravel(), distances.ravel()

        def ask(covering: Covering, asked: Words, most_rows: float, usable: Usable | None) -> Found:
            look = self._planner.rows_a_look
            return covering.index.nearest(asked, count, most_rows, look, self.threads, usable)

        _, positions, distances = self._answer(rows, queries, allowed, ("nearest", count), scan, ask)
        return positions.reshape(len(queries), count), distances.reshape(len(queries), count)

    def _within(
        self, rows: Rows, queries: Words, radius_bits: int, allowed: Positions | None
    ) -> tuple[NDArray[np.int64], Positions, Distances]:
        def scan(asked: Words, usable: Positions | None) -> Ragged:
            return _native.within(rows.words, asked, radius_bits, self.threads, usable)

        def ask(covering: Covering, asked: Words, most_rows: float, usable: Usable | None) -> Found:
            look = self._planner.rows_a_look
            return covering.index.within(asked, radius_bits, most_rows, look, self.threads, usable)

        return self._answer(rows, queries, allowed, ("within", radius_bits), scan, ask)

    def _pairs(self, rows: Rows, radius_bits: int) -> tuple[Positions, Positions, Distances]:
        if self._choice != "scan":
            return sorted_pairs(few_enough(Join(rows.words, None, radius_bits, self.threads).row_pairs()))
        step = max(1, WORDS_A_CALL // max(1, rows.words.size))
        parts = [
            _native.pairs(rows.words, radius_bits, begin, begin + step, self.threads)
            for begin in range(0, len(rows), step)
        ]
        return (
            np.concatenate([firsts for firsts, _, _ in parts]),
            np.concatenate([seconds for _, seconds, _ in parts]),
            np.concatenate([distances for _, _, distances in parts]),
        )

    def _radius(self, radius_bits: int) -> int:
        return min(whole_number(radius_bits, "radius_bits", least=0), self.width_bits)
