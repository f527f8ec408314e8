"""Questions about single codes, answered by a scan or through an index, whichever is cheaper: the answers are the same.

Which it is, a planner says; an index is built once questions have paid for it, and goes on through what is written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter_ns, thread_time_ns
from typing import Literal

import numpy as np

from lookalike.errors import SearchError
from lookalike.search import _native
from lookalike.search.base import Engine
from lookalike.search.covering import Covering, Found, Ragged, first_of_each, joined, merged, placed
from lookalike.search.experience import Choice
from lookalike.search.journal import Usable
from lookalike.search.planner import (
    MANY_QUERIES,
    TRIAL_QUERIES,
    Planner,
    Question,
    Situation,
    situation_of,
    substring_widths,
)
from lookalike.search.rows import Positions, Rows, Words
from lookalike.search.tailing import Tailing

# How many words one call of the kernel compares, so that Ctrl-C is heard between calls: a tenth of a
# second with AVX-512, about one with the portable level (measured with 64-bit codes on Zen 4).
WORDS_A_CALL = 1 << 30

# The same for an index, which looks at few rows: deciding about a portion takes as long as some 20 queries of it.
QUERIES_A_CALL = 256

# Fewer words to compare are scanned within 8 microseconds; deciding takes as long or longer.
FEWEST_WORDS_TO_PLAN = 1 << 16
PLANNED_QUERIES = 16

# A budget, in rows looked at, that no index ends, and from which a single row can still be subtracted.
WITHOUT_LIMIT = 1e15

IndexChoice = Literal["auto", "scan", "multi"]
Scan = Callable[[Words, Positions | None], Ragged]
Ask = Callable[[Covering, Words, float, Usable | None], Found]


class PlannedEngine(Engine):
    """The part of the native engine that chooses how a question is answered."""

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
        # One thread does all the work of a call itself: what others do meanwhile isn't on its own clock.
        self._clock_ns = thread_time_ns if self.threads == 1 else perf_counter_ns
        self._covering: Covering | None = None
        self._tailing = Tailing()
        self._building = threading.Lock()
        try:
            _native.level_in_use()
        except ValueError as error:
            raise SearchError(str(error)) from error

    def _answer(
        self, rows: Rows, queries: Words, allowed: Positions | None, question: Question, scan: Scan, ask: Ask
    ) -> Ragged:
        """Each portion of the queries by whichever way is cheaper; what one portion cost decides about the next."""
        scanned = len(rows) if allowed is None else len(allowed)
        words_a_query = scanned * rows.words.shape[1]
        size = max(1, WORDS_A_CALL // max(1, words_a_query))
        if self._choice == "scan" or (
            self._choice == "auto" and words_a_query * min(len(queries), PLANNED_QUERIES) < FEWEST_WORDS_TO_PLAN
        ):
            return _in_steps(scan, queries, allowed, size)
        covering = self._covering
        indexed = covering is not None and rows.journal is covering.journal
        together = max(size, QUERIES_A_CALL) if indexed else size
        situation = situation_of(question, min(len(queries), together), len(rows), scanned)
        settled = self._planner.settled(situation, len(queries))
        if settled is not None and settled.way == "scan":
            return _in_steps(scan, queries, allowed, size)
        if settled is not None and covering is not None and rows.journal is covering.journal and not rows.noted:
            answer, _ = self._through_index(
                covering, rows, queries, allowed, question, settled.most_rows, 0.0, size, scan, ask
            )
            return answer
        return joined(self._in_portions(rows, queries, allowed, question, scanned, together, size, scan, ask))

    def _in_portions(
        self,
        rows: Rows,
        queries: Words,
        allowed: Positions | None,
        question: Question,
        scanned: int,
        together: int,
        size: int,
        scan: Scan,
        ask: Ask,
    ) -> list[Ragged]:
        """The answer to each portion, each decided about and each by the clock: at most *together* queries, and at most
        *size* a scan.
        """
        answers: list[Ragged] = []
        begin = 0
        while begin < len(queries):
            left = len(queries) - begin
            asked = min(left, together)
            situation = situation_of(question, asked, len(rows), scanned)
            covering, rows, choice = self._decide(rows, situation, scanned, asked, left)
            number = min(choice.queries, size) if choice.way == "scan" or covering is None else choice.queries
            portion = queries[begin : begin + number]
            begin += number
            work_ns = self._planner.scan_work_ns(scanned, rows.words.shape[1], len(portion))
            started = self._clock_ns()
            if choice.way == "scan" or covering is None:
                answers.append(scan(portion, allowed))
            else:
                answer, work_ns = self._through_index(
                    covering, rows, portion, allowed, question, choice.most_rows, work_ns, size, scan, ask
                )
                answers.append(answer)
            took_ns = self._clock_ns() - started
            hits = len(answers[-1][1]) / len(portion)
            self._planner.note(situation, choice.way, len(portion), work_ns=work_ns, hits=hits, took_ns=took_ns)
            if covering is None and question[0] == "nearest":
                self._note_radii(rows, situation, answers[-1])
        return answers

    def _decide(
        self, rows: Rows, situation: Situation, scanned: int, asked: int, left: int
    ) -> tuple[Covering | None, Rows, Choice]:
        """Which way to go, the index that serves these rows, and the rows as its journal knows them."""
        scan_ns = self._planner.scan_ns(scanned, rows.words.shape[1], asked)
        covering, rows = self._cover(rows, situation, scan_ns, asked, left)
        if covering is None:
            few = asked >= MANY_QUERIES and not self._planner.knows(situation)
            return None, rows, Choice("scan", TRIAL_QUERIES if few else asked, WITHOUT_LIMIT)
        if self._choice == "multi":
            return covering, rows, Choice("index", asked, WITHOUT_LIMIT)
        model_ns = self._model_ns(rows, covering, situation, asked)
        return covering, rows, self._planner.choose(situation, asked, scan_ns, model_ns)

    def _through_index(
        self,
        covering: Covering,
        rows: Rows,
        portion: Words,
        allowed: Positions | None,
        question: Question,
        most_rows: float,
        scan_ns: float,
        size: int,
        scan: Scan,
        ask: Ask,
    ) -> tuple[Ragged, float]:
        """The answer, and what is counted a query for the work; what the index gave up is scanned."""
        done, spent, answer = covering.answer(
            rows,
            allowed,
            lambda usable: ask(covering, portion, most_rows, usable),
            lambda positions: scan(portion, positions),
        )
        if question[0] == "nearest" and rows.noted:  # newer rows have added theirs
            answer = first_of_each(answer, question[1])
        work_ns = self._planner.work_ns(spent)
        if not done.all():
            answer = merged(answer, placed(_in_steps(scan, portion[~done], allowed, size), ~done))
            work_ns += scan_ns * float(np.mean(~done))
        return answer, work_ns

    def _cover(
        self, rows: Rows, situation: Situation, scan_ns: float, asked: int, left: int
    ) -> tuple[Covering | None, Rows]:
        """The index that serves these rows, built where that is due, and the rows as its journal knows them."""
        covering = self._covering
        if covering is not None and rows.journal is covering.journal:
            if not covering.outgrown(rows):
                return covering, rows
        elif self._choice == "auto":
            scan_ns *= self._planner.scan_pace(situation)
            saved_ns = self._planner.worth_ns(scan_ns, self._model_ns(rows, None, situation, asked))
            build_ns = self._planner.build_ns(substring_widths(self.width_bits, len(rows)), len(rows))
            since = self._planner.settled_queries(situation)
            if not self._planner.pays(saved_ns * (since + asked), saved_ns * (since + left), build_ns):
                unpaid_calls = self._planner.unpaid_calls(saved_ns * asked, build_ns)
                self._planner.settle_scans(situation, asked, scan_ns, unpaid_calls)
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

    def _model_ns(self, rows: Rows, covering: Covering | None, situation: Situation, queries: int) -> float:
        """What the model says of an index: nothing for the k nearest until a scan has shown how far they are."""
        kind, reach, _, _ = situation
        if kind == "nearest":
            return self._planner.radii_ns(situation) + self._planner.costs.index_call_ns / queries
        return self._planner.index_ns(self._widths(rows, covering), len(rows), reach, queries)

    def _note_radii(self, rows: Rows, situation: Situation, answer: Ragged) -> None:
        """How far the k nearest are, as a scan has shown."""
        widths = self._widths(rows, None)
        radii = _farthest(answer)
        self._planner.note_radii(
            situation, sum(self._planner.query_ns(widths, len(rows), r) for r in radii) / len(radii)
        )

    def _widths(self, rows: Rows, covering: Covering | None) -> tuple[int, ...]:
        return substring_widths(self.width_bits, len(rows)) if covering is None else covering.widths

    def _bytes_besides(self, rows: Rows) -> int:
        covering, tails = self._covering, rows.index_if_built
        return (0 if covering is None else covering.bytes_used(rows)) + (0 if tails is None else int(tails.bytes))


def _in_steps(scan: Scan, queries: Words, allowed: Positions | None, size: int) -> Ragged:
    """A scan for at most *size* queries at a time."""
    return joined([scan(queries[at : at + size], allowed) for at in range(0, len(queries), size)])


def _farthest(answer: Ragged) -> list[int]:
    """The last distance of each query, of a few of many: the k nearest of a query are at least one."""
    offsets, _, distances = answer
    step = -(-(len(offsets) - 1) // TRIAL_QUERIES)
    farthest: list[int] = distances[offsets[1::step] - 1].tolist()
    return farthest
