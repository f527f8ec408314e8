"""Scan or index: which answers a question sooner, by counting what each would do.

A scan looks at every code. An index looks into buckets, ever more of them as the radius grows, and at the rows it finds
there. Both are turned into nanoseconds by constants that ``benchmarks/fit_planner.py`` measures. What an index really
does hangs on the codes, which are never as evenly spread as the model thinks: so what it did is remembered for each
radius, and outweighs the model.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lookalike.search.planner_costs import COSTS, Costs

Question = tuple[str, int]  # ("within", radius) or ("nearest", k)

# How much the latest call counts against those before it.
WEIGHT = 0.25

# Scans after which bad experience with the index counts a third less.
TRIAL_AFTER = 256


@lru_cache(maxsize=256)
def substring_widths(width_bits: int, rows: int) -> tuple[int, ...]:
    """Widths of the substrings of an index over evenly spread codes, as native/substrings.cpp cuts them."""
    row_number_bits = math.log2(max(rows, 2))
    widest = min(24, int(row_number_bits) + 2)
    number = min(width_bits, max(-(-width_bits // widest), round(width_bits / row_number_bits)))
    return tuple(width_bits // number + (place < width_bits % number) for place in range(number))


def values_within(width: int, radius_bits: int) -> int:
    """How many values of *width* bits differ from one in at most *radius_bits* bits; a negative radius has none."""
    return sum(math.comb(width, ones) for ones in range(radius_bits + 1))


@lru_cache(maxsize=4096)
def index_ns(costs: Costs, widths: tuple[int, ...], rows: int, radius_bits: int) -> float:
    """What an index over evenly spread codes costs a query, without the call."""
    if not widths:
        return math.inf
    whole, rest = divmod(radius_bits, len(widths))
    cost = costs.index_query_ns
    for place, width in enumerate(widths):
        looks = values_within(width, whole if place <= rest else whole - 1)
        cost += looks * (costs.look_ns + rows / 2.0**width * costs.row_ns)
    return cost


@dataclass(slots=True)
class Planner:
    """What one engine's planner has learned of its codes. Safe to ask from several threads."""

    costs: Costs = COSTS
    _model_ns: dict[Question, float] = field(default_factory=dict)
    _correction: dict[Question, float] = field(default_factory=dict)
    _owed_ns: float = 0.0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def scan_ns(self, rows: int, words_per_code: int, queries: int = 1) -> float:
        """What a scan of *rows* rows costs a query, alone or among others that share its way through memory."""
        costs = self.costs
        word_ns = costs.scan_word_ns if queries < costs.queries_a_tile else costs.scan_tiled_word_ns
        return costs.scan_call_ns / queries + costs.scan_query_ns + rows * words_per_code * word_ns

    def index_ns(self, widths: tuple[int, ...], rows: int, radii_bits: Sequence[int], queries: int) -> float:
        """What an index costs a query that comes with others, averaged over some that reach as far as *radii_bits*."""
        costs = [index_ns(self.costs, widths, rows, radius) for radius in radii_bits]
        return self.costs.index_call_ns / queries + sum(costs) / len(costs)

    def build_ns(self, widths: tuple[int, ...], rows: int) -> float:
        """What making an index costs."""
        return rows * len(widths) * self.costs.table_row_ns

    def expected_ns(self, question: Question, model_ns: float | None) -> float:
        """What the index will cost a query, by the model (None: by what was noted of it) and by experience."""
        with self._guard:
            model = self._model_ns.get(question, math.inf) if model_ns is None else model_ns
            return model * self._correction.get(question, 1.0)

    def note_model(self, question: Question, model_ns: float) -> None:
        """A scan has shown how far the k nearest are, and so what the model says of them."""
        with self._guard:
            self._model_ns[question] = _moved(self._model_ns.get(question), model_ns)

    def learn(self, question: Question, *, model_ns: float, spent_ns: float) -> None:
        """The index cost *spent_ns* a query where the model says *model_ns*."""
        with self._guard:
            self._model_ns[question] = _moved(self._model_ns.get(question), model_ns)
            self._correction[question] = _moved(self._correction.get(question), spent_ns / model_ns)

    def relax(self, question: Question) -> None:
        """A scan was chosen: bad experience with the index fades, so that it gets another trial some day."""
        with self._guard:
            if question in self._correction:
                self._correction[question] += (1.0 - self._correction[question]) / TRIAL_AFTER

    def forget(self) -> None:
        """There is a new index: experience begins anew."""
        with self._guard:
            self._correction.clear()
            self._owed_ns = 0.0

    def pays(self, saved_ns: float, soon_ns: float, build_ns: float) -> bool:
        """Whether an index is worth building. A scan now costs *saved_ns* more than it would, all those to come in this
        call *soon_ns*, and what those of the past cost too much has been counted.
        """
        if not 0 < saved_ns < math.inf:
            return False
        with self._guard:
            if self._owed_ns + soon_ns >= build_ns:
                return True
            self._owed_ns += saved_ns
            return False

    def work_ns(self, rows_spent: NDArray[np.float64]) -> float:
        """What the work that an index reports, in rows looked at, took a query."""
        queries = len(rows_spent)
        spent = float(rows_spent[0] if queries == 1 else rows_spent.mean()) * self.costs.row_ns
        return self.costs.index_call_ns / queries + self.costs.index_query_ns + spent

    def most_rows(self, scan_ns: float) -> float:
        """The work, in rows looked at, after which an index gives up: as much as a scan costs."""
        return scan_ns / self.costs.row_ns

    @property
    def rows_a_look(self) -> float:
        """Asking for a bucket costs as much as looking at this many rows."""
        return self.costs.look_ns / self.costs.row_ns


def _moved(before: float | None, now: float) -> float:
    """Experience and the latest call together."""
    return now if before is None else before + WEIGHT * (now - before)
