"""The engine that Lookalike uses: exact, by the native kernel, in whichever way is cheaper for the question.

A scan looks at every code, as fast as memory delivers them. A multi-index looks into a few buckets, which is less work
where the radius is small. A planner chooses between them; all answers are the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import SearchError, WidthMismatch
from lookalike.model import Distances, Ids
from lookalike.search import _native
from lookalike.search.base import Engine
from lookalike.search.checks import packed, whole_number
from lookalike.search.covering import Covering, Found, Ragged, first_of_each, joined, merged, placed
from lookalike.search.joining import PAIRS_A_STEP, CollapsedPairs, Join, PositionPairs, sorted_pairs
from lookalike.search.journal import Usable
from lookalike.search.planner import Planner, Question, substring_widths
from lookalike.search.rows import Positions, Rows, Words

# How many words one call of the kernel compares, so that Ctrl-C is heard between calls: a tenth of a
# second with AVX-512, about one with the portable level (measured with 64-bit codes on Zen 4).
WORDS_A_CALL = 1 << 30

# The first queries of many, which show the planner what the others will cost.
TRIAL_QUERIES = 16

# Fewer words to compare are scanned within the 8 microseconds that planning takes.
FEWEST_WORDS_TO_PLAN = 1 << 16
PLANNED_QUERIES = 16

# What `pairs` hands over at most: sorted, 2^27 pairs take some 7 GB. Far fewer make a list that nobody reads.
MOST_PAIRS = 1 << 27

# A budget, in rows looked at, that no index ends, and from which a single row can still be subtracted.
WITHOUT_LIMIT = 1e15

IndexChoice = Literal["auto", "scan", "multi"]
Scan = Callable[[Words, Positions | None], Ragged]
Ask = Callable[[Covering, Words, float, Usable | None], Found]


class HammingIndex(Engine):
    """Exact neighbours with the fastest instructions that this processor has.

    ``LOOKALIKE_KERNEL`` (portable, avx2, avx512, neon) forces others, to compare or to rule out a fault.
    """

    def __init__(self, width_bits: int = 64, threads: int = 1, *, index: IndexChoice = "auto") -> None:
        """See ``Engine``.

        Args:
            width_bits: width of the codes.
            threads: threads that a question may use.
            index: ``auto`` scans until questions have paid for an index and uses it where it is cheaper; ``scan`` never
                builds one; ``multi`` builds it for the first question and always uses it, to measure or to compare.

        Raises:
            SearchError: a number out of range, an unknown *index*, or ``LOOKALIKE_KERNEL`` names what this processor
                can't do.
        """
        super().__init__(width_bits, threads)
        if index not in ("auto", "scan", "multi"):
            raise SearchError(f"index must be 'auto', 'scan' or 'multi'; {index!r} came")
        self._choice = index
        self._planner = Planner()
        self._covering: Covering | None = None
        self._building = threading.Lock()
        try:
            _native.level_in_use()
        except ValueError as error:
            raise SearchError(str(error)) from error

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
        first, second, distances = sorted_pairs(_few_enough(join.code_pairs()))
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
        first, second, distances = sorted_pairs(_few_enough(join.row_pairs()))
        return rows.ids[first], other_ids[second], distances

    def _nearest(
        self, rows: Rows, queries: Words, count: int, allowed: Positions | None
    ) -> tuple[Positions, Distances]:
        def scan(asked: Words, usable: Positions | None) -> Ragged:
            positions, distances = _native.nearest(rows.words, asked, count, self.threads, usable)
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
            return sorted_pairs(_few_enough(Join(rows.words, None, radius_bits, self.threads).row_pairs()))
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

    def _answer(
        self, rows: Rows, queries: Words, allowed: Positions | None, question: Question, scan: Scan, ask: Ask
    ) -> Ragged:
        """Each portion of the queries by whichever way is cheaper; what one portion cost decides about the next."""
        scanned = len(rows) if allowed is None else len(allowed)
        words_a_query = scanned * rows.words.shape[1]
        if self._choice == "scan" or (
            self._choice == "auto" and words_a_query * min(len(queries), PLANNED_QUERIES) < FEWEST_WORDS_TO_PLAN
        ):
            return joined([scan(portion, allowed) for portion in _portions(queries, words_a_query)])
        answers = []
        left = len(queries)
        for portion in _portions(queries, words_a_query, first=TRIAL_QUERIES):
            scan_ns = self._planner.scan_ns(scanned, rows.words.shape[1], len(portion))
            covering, rows = self._cover(rows, question, scan_ns, len(portion), left)
            left -= len(portion)
            if covering is not None and (
                self._choice == "multi" or self._expected_ns(rows, covering, question, len(portion)) < scan_ns
            ):
                answers.append(self._through_index(covering, rows, portion, allowed, question, scan_ns, scan, ask))
                continue
            answers.append(scan(portion, allowed))
            self._planner.relax(question)
            if question[0] == "nearest":
                radii = _farthest(answers[-1])
                self._planner.note_model(question, self._model_ns(rows, covering, radii, len(portion)))
        return joined(answers)

    def _through_index(
        self,
        covering: Covering,
        rows: Rows,
        portion: Words,
        allowed: Positions | None,
        question: Question,
        scan_ns: float,
        scan: Scan,
        ask: Ask,
    ) -> Ragged:
        planner = self._planner
        most_rows = planner.most_rows(scan_ns) if self._choice == "auto" else WITHOUT_LIMIT
        done, spent, answer = covering.answer(
            rows,
            allowed,
            lambda usable: ask(covering, portion, most_rows, usable),
            lambda positions: scan(portion, positions),
        )
        if question[0] == "nearest" and rows.noted:  # newer rows have added theirs
            answer = first_of_each(answer, question[1])
        unfinished = 0.0
        if not done.all():
            unfinished = float(np.mean(~done))
            answer = merged(answer, placed(scan(portion[~done], allowed), ~done))
        if self._choice == "auto":
            radii = _farthest(answer) if question[0] == "nearest" else [question[1]]
            planner.learn(
                question,
                model_ns=self._model_ns(rows, covering, radii, len(portion)),
                spent_ns=planner.work_ns(spent) + scan_ns * unfinished,
            )
        return answer

    def _cover(
        self, rows: Rows, question: Question, scan_ns: float, asked: int, left: int
    ) -> tuple[Covering | None, Rows]:
        """The index that serves these rows, built where that is due, and the rows as its journal knows them."""
        covering = self._covering
        if covering is not None and rows.journal is covering.journal:
            if not covering.outgrown(rows):
                return covering, rows
        elif self._choice == "auto":
            saved_ns = scan_ns - self._expected_ns(rows, None, question, asked)
            build_ns = self._planner.build_ns(substring_widths(self.width_bits, len(rows)), len(rows))
            if not self._planner.pays(saved_ns * asked, saved_ns * left, build_ns):
                return None, rows
        return self._build(rows)

    def _build(self, rows: Rows) -> tuple[Covering | None, Rows]:
        """Indexes the newest rows, if nobody does already; None where *rows* aren't those."""
        if self._building.acquire(blocking=self._choice == "multi"):
            try:
                with self._writing:
                    self._rows = newest = self._rows.journaled()
                index = _native.MultiIndex(newest.words, self.threads)
                if newest.journal is not None:
                    self._covering = Covering(newest.journal, index, newest.words, tuple(index.widths))
                self._planner.forget()
            finally:
                self._building.release()
        newest, covering = self._rows, self._covering
        if covering is not None and newest.journal is covering.journal and newest.words is rows.words:
            return covering, newest
        return None, rows

    def _expected_ns(self, rows: Rows, covering: Covering | None, question: Question, queries: int) -> float:
        """What the index would cost a query: unknown for the k nearest until a scan has shown how far they are."""
        if question[0] == "nearest":
            return self._planner.expected_ns(question, None)
        return self._planner.expected_ns(question, self._model_ns(rows, covering, [question[1]], queries))

    def _model_ns(self, rows: Rows, covering: Covering | None, radii_bits: list[int], queries: int) -> float:
        widths = substring_widths(self.width_bits, len(rows)) if covering is None else covering.widths
        return self._planner.index_ns(widths, len(rows), radii_bits, queries)

    def _bytes_besides(self, rows: Rows) -> int:
        covering = self._covering
        return 0 if covering is None else covering.bytes_used(rows)

    def _radius(self, radius_bits: int) -> int:
        return min(whole_number(radius_bits, "radius_bits", least=0), self.width_bits)


def _portions(queries: Words, words_a_query: int, *, first: int | None = None) -> list[Words]:
    """Queries in portions that keep each call of the kernel short; where many come, *first* ones before all others."""
    size = max(1, WORDS_A_CALL // max(1, words_a_query))
    begin = 0 if first is None or len(queries) < 4 * first else min(first, size)
    ahead = [queries[:begin]] if begin else []
    return ahead + [queries[at : at + size] for at in range(begin, len(queries), size)]


def _farthest(answer: Ragged) -> list[int]:
    """The last distance of each query, of a few of many: the k nearest of a query are at least one."""
    offsets, _, distances = answer
    step = -(-(len(offsets) - 1) // TRIAL_QUERIES)
    farthest: list[int] = distances[offsets[1::step] - 1].tolist()
    return farthest


def _few_enough(batches: Iterator[PositionPairs]) -> list[PositionPairs]:
    """All batches.

    Raises:
        SearchError: they have more pairs than fit in memory with ease.
    """
    taken = []
    number = 0
    for batch in batches:
        taken.append(batch)
        number += len(batch[0])
        if number > MOST_PAIRS:
            raise SearchError(
                f"there are more than {MOST_PAIRS:,} pairs within this radius: take them in batches with iter_pairs, "
                "ask collapsed_pairs, which doesn't multiply equal codes out, or choose a smaller radius"
            )
    return taken
