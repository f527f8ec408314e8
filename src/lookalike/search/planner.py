"""Scan or index: which answers a question sooner, by counting what each would do and by the clock.

A scan looks at every code. An index looks into buckets, ever more of them as the radius grows, and at the rows it finds
there. Both are turned into nanoseconds by constants that ``benchmarks/fit_planner.py`` measures on one machine. What an
index really does hangs on the codes, which are never as evenly spread as the model thinks, and how long it takes on the
machine: so in each situation the work that an index did is remembered, and of both ways the pace, which is the time
that a call took over the time that was counted for its work. The way that seems dearer is tried now and then, for a
share of what the questions cost anyhow, since nobody learns that a way is cheap who never goes it.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lookalike.search.experience import CALLS_TO_BELIEVE, Choice, Experience, Way, WayName
from lookalike.search.planner_costs import COSTS, Costs

Question = tuple[str, int]  # ("within", radius) or ("nearest", k)
Situation = tuple[str, int, int, int]  # a question, how many ask it at once, and which share of the rows is allowed
Reach = tuple[str, int, int]  # a question and the share allowed: the fewer rows, the farther the nearest of them

# The first queries of many, which show the planner what the others will cost; four times as many are many.
TRIAL_QUERIES = 16
MANY_QUERIES = 64

# Deciding and looking at the clock take so long, with all that hangs on it (measured over 66,000 to 1,000,000 codes).
# So many calls follow a choice without either that it comes to a fiftieth of what they cost; at most as many as may go
# the wrong way, where codes or questions change, before anybody notices.
DECIDING_NS = 15e3
DECIDING_SHARE = 1 / 50
MOST_SETTLED_CALLS = 64

# Of what questions cost, this share may be lost to trials of the way that seems dearer.
TRIAL_SHARE = 1 / 16

# The index gives a query up after the work of so many scans. After one, no query would cost more than two scans, but
# giving up is dear where many come together, and rows in the cache take a quarter of the time that is counted.
GIVE_UP_AFTER = 4

# Where the model gives an index more than this many times a scan's cost, none is built to be tried.
MOST_TIMES_OFF = 2

# A trial that failed makes the next one wait twice as long, up to this many times.
MOST_WAITS = 16

# Situations remembered at once, some megabyte; then all is learned anew.
MOST_SITUATIONS = 1024

# How much the latest radius of the k nearest counts against those before it.
WEIGHT = 0.25


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


def situation_of(question: Question, queries: int, rows: int, allowed: int) -> Situation:
    """Questions that may learn from one another: equally many queries, by the scan's tiles, and allowed rows."""
    crowd = 0 if queries == 1 else 1 if queries < 8 else 2 if queries < MANY_QUERIES else 3
    return (*question, crowd, 0 if allowed == rows else (rows // allowed).bit_length())


def _reach_of(situation: Situation) -> Reach:
    kind, reach, _, share = situation
    return kind, reach, share


def _settled_calls(call_ns: float) -> int:
    """How many calls of *call_ns* follow a choice."""
    return int(min(DECIDING_NS / (DECIDING_SHARE * max(call_ns, 1.0)), MOST_SETTLED_CALLS))


@dataclass(slots=True)
class Planner:
    """What one engine's planner has learned of its codes. Safe to ask from several threads."""

    costs: Costs = COSTS
    _radius_ns: dict[Reach, float] = field(default_factory=dict)
    _experience: dict[Situation, Experience] = field(default_factory=dict)
    _owed_ns: float = 0.0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def scan_ns(self, rows: int, words_per_code: int, queries: int = 1) -> float:
        """What a scan of *rows* rows costs a query, alone or among others that share its way through memory."""
        return self.costs.scan_call_ns / queries + self.scan_work_ns(rows, words_per_code, queries)

    def scan_work_ns(self, rows: int, words_per_code: int, queries: int = 1) -> float:
        """The same without the call."""
        costs = self.costs
        word_ns = costs.scan_word_ns if queries < costs.queries_a_tile else costs.scan_tiled_word_ns
        return costs.scan_query_ns + rows * words_per_code * word_ns

    def index_ns(self, widths: tuple[int, ...], rows: int, radius_bits: int, queries: int) -> float:
        """What an index costs a query that comes with others."""
        return self.costs.index_call_ns / queries + self.query_ns(widths, rows, radius_bits)

    def query_ns(self, widths: tuple[int, ...], rows: int, radius_bits: int) -> float:
        """The same without the call."""
        return index_ns(self.costs, widths, rows, radius_bits)

    def build_ns(self, widths: tuple[int, ...], rows: int) -> float:
        """What making an index costs."""
        return rows * len(widths) * self.costs.table_row_ns

    def note_radii(self, situation: Situation, query_ns: float) -> None:
        """A scan has shown how far the k nearest are, and so what the model says of them: *query_ns* a query."""
        reach = _reach_of(situation)
        with self._guard:
            before = self._radius_ns.get(reach)
            if before is None and len(self._radius_ns) >= MOST_SITUATIONS:
                self._radius_ns.clear()
            self._radius_ns[reach] = query_ns if before is None else before + WEIGHT * (query_ns - before)

    def radii_ns(self, situation: Situation) -> float:
        """What was noted of the k nearest; infinite where no scan has shown it yet."""
        return self._radius_ns.get(_reach_of(situation), math.inf)

    def scan_pace(self, situation: Situation) -> float:
        """How long a scan takes, over what was counted for it."""
        with self._guard:
            return self._held(situation).scan.pace

    def knows(self, situation: Situation) -> bool:
        """Whether either way was gone in this situation, or in one that differs only in how many asked."""
        with self._guard:
            held = self._held(situation)
            return held.scan.known or held.index.known

    def choose(self, situation: Situation, queries: int, scan_ns: float, model_ns: float) -> Choice:
        """Which way some of *queries* queries go that ask at once.

        Args:
            situation: of all of them.
            queries: at least 1.
            scan_ns: what is counted for a query's scan.
            model_ns: what the model says of the index, infinite where it can't tell; counts until it was tried.
        """
        many = queries >= MANY_QUERIES
        with self._guard:
            held = self._held(situation)
            index = held.index
            hits_ns = held.hits * self.costs.hit_ns
            scan_ns = held.scan.pace * (scan_ns + hits_ns)
            if index.work_ns is None:  # at most what it costs to give up and be scanned
                expected_ns = min(index.pace * (model_ns + hits_ns), (1 + GIVE_UP_AFTER) * scan_ns)
            else:
                expected_ns = index.pace * (self.costs.index_call_ns / queries + index.work_ns + hits_ns)
            # Never less work than was counted for the scans: a slow call says little of a row's share in it.
            most_rows = GIVE_UP_AFTER * scan_ns / min(index.pace, held.scan.pace) / self.costs.row_ns
            best: WayName = "scan" if scan_ns <= expected_ns else "index"
            if many and not (held.scan.known or index.known):
                return Choice(best, TRIAL_QUERIES, most_rows)
            if held.trial is not None and held.again:
                held.again = False
                return Choice("index" if held.trial == "scan" else "scan", queries, most_rows)
            if held.trial is not None:
                held.waits = min(2 * held.waits, MOST_WAITS) if held.trial == best else 1
                held.trial = None
            least, lost = min(scan_ns, expected_ns), abs(scan_ns - expected_ns)
            other = index if best == "scan" else held.scan
            # What comes close is tried with all; what doesn't, or was never tried, with a few of many.
            close = lost <= least
            tested = queries if (close and other.known) or not many else TRIAL_QUERIES
            soon_ns = 0.0 if other.known else least * (queries - tested) * TRIAL_SHARE
            held.settled = None
            # Where it is close, one call more: the first one finds the other way's tables out of the cache.
            if held.saved_ns + soon_ns >= lost * tested * held.waits * (1 + close):
                held.trial, held.again, held.saved_ns = best, close, 0.0
                return Choice("index" if best == "scan" else "scan", tested, most_rows)
            choice = Choice(best, queries, most_rows)
            calls = _settled_calls(least * queries) if held.waits >= 1 else 0
            held.saved_ns += least * queries * TRIAL_SHARE * (1 + calls)
            if calls:
                held.settle(choice, calls)
            return choice

    def settled(self, situation: Situation, queries: int) -> Choice | None:
        """What was chosen lately for as many queries, where that is known well enough; for so many calls nobody need
        decide or look at the clock.
        """
        held = self._experience.get(situation)
        if held is None or held.settled is None or held.settled.queries != queries or held.calls_left <= 0:
            return None
        held.calls_left -= 1  # two threads may take the same one: a call more without the clock
        return held.settled

    def settle_scans(self, situation: Situation, queries: int, scan_ns: float, unpaid_calls: float) -> None:
        """While there is no index, calls to come scan without a decision, none of them past the one that would pay for
        an index; the next decision counts them.

        Args:
            situation: of the call.
            queries: that ask at once.
            scan_ns: what a query's scan takes.
            unpaid_calls: calls like this until an index has been paid for; infinite where none would save anything.
        """
        with self._guard:
            held = self._held(situation)
            if held.scan.calls < CALLS_TO_BELIEVE:
                return
            calls = min(_settled_calls(scan_ns * queries), math.ceil(min(unpaid_calls, MOST_SETTLED_CALLS + 1)) - 1)
            if calls >= 1:
                held.settle(Choice("scan", queries, math.inf), calls)

    def settled_queries(self, situation: Situation) -> int:
        """How many queries have followed the latest choice that was settled; they are told once."""
        with self._guard:
            return self._held(situation).unsettled()

    def note(
        self, situation: Situation, way: WayName, queries: int, *, work_ns: float, hits: float, took_ns: float
    ) -> None:
        """*queries* queries together took *took_ns*: *work_ns* was counted and *hits* were answered for each."""
        scanned = way == "scan"
        call_ns = self.costs.scan_call_ns if scanned else self.costs.index_call_ns
        with self._guard:
            held = self._held(situation)
            held.note_hits(hits)
            counted_ns = call_ns + queries * (work_ns + hits * self.costs.hit_ns)
            (held.scan if scanned else held.index).note(work_ns, took_ns / counted_ns)

    def _held(self, situation: Situation) -> Experience:
        """The experience of this situation; it begins with that of the nearest one in which more or fewer asked."""
        held = self._experience.get(situation)
        if held is None or not (held.scan.known or held.index.known):
            if len(self._experience) >= MOST_SITUATIONS:
                self._experience.clear()
            kind, reach, crowd, share = situation
            nearest = sorted(range(4), key=lambda other: abs(other - crowd))
            others = [self._experience.get((kind, reach, other, share)) for other in nearest]
            met = [other for other in others if other is not None]
            scan = next((one.scan for one in met if one.scan.known), Way())
            index = next((one.index for one in met if one.index.known), Way())
            hits = next((one.hits for one in met if one.scan.known or one.index.known), 0.0)
            held = self._experience[situation] = Experience(scan.begun(), index.begun(), hits)
        return held

    def forget(self) -> None:
        """There is a new index: experience begins anew."""
        with self._guard:
            self._experience.clear()
            self._owed_ns = 0.0

    def worth_ns(self, scan_ns: float, model_ns: float) -> float:
        """What an index would be worth to a query: what it saves by the model or, as a trial, a share of the scan."""
        return max(scan_ns - model_ns, scan_ns * TRIAL_SHARE if model_ns < MOST_TIMES_OFF * scan_ns else -math.inf)

    def unpaid_calls(self, saved_ns: float, build_ns: float) -> float:
        """How many calls, each of which would save *saved_ns*, are left until an index has been paid for."""
        return max(0.0, build_ns - self._owed_ns) / saved_ns if 0 < saved_ns < math.inf else math.inf

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
        """What is counted a query for the work that an index reports, in rows looked at; the call comes besides."""
        spent = float(rows_spent[0] if len(rows_spent) == 1 else rows_spent.mean())
        return self.costs.index_query_ns + spent * self.costs.row_ns

    @property
    def rows_a_look(self) -> float:
        """Asking for a bucket costs as much as looking at this many rows."""
        return self.costs.look_ns / self.costs.row_ns
