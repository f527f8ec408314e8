"""What each way to answer has cost in one situation: the work that was counted, and how long it took."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

# How much the latest call's work counts against that of the calls before it.
WEIGHT = 0.25

# Calls whose second fastest counts: what else the machine does only ever holds a call up.
CALLS_KEPT = 5

# A call that was held up mustn't make a way look hopeless: before this many, a way counts for at most twice its work.
CALLS_TO_BELIEVE = 3
SLOWEST_AT_FIRST = 2.0

# A clock that ticks too seldom shows no time at all; no way is a hundred times as fast as was counted.
FASTEST = 0.01

# A first trial waits for a quarter of what a later one waits for at least.
FIRST_WAIT = 0.25

WayName = Literal["scan", "index"]


class Choice(NamedTuple):
    """Which way the next *queries* queries go.

    Attributes:
        way: scan or index.
        queries: at least 1.
        most_rows: the work, in rows looked at, after which the index gives up a query.
    """

    way: WayName
    queries: int
    most_rows: float


@dataclass(slots=True)
class Way:
    """One way's calls.

    Attributes:
        work_ns: what was counted for a query's work, newer calls more; None where nothing is known of it.
        pace: time taken over time counted, of the faster ones among the latest calls; 1 where nothing is known.
        calls: how many were noted here.
    """

    work_ns: float | None = None
    pace: float = 1.0
    calls: int = 0
    _paces: deque[float] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))

    @property
    def known(self) -> bool:
        return self.work_ns is not None

    def begun(self) -> Way:
        """What is known of this way, for another situation, until a call is noted there."""
        return Way(self.work_ns, self.pace)

    def note(self, work_ns: float, pace: float) -> None:
        """A call did this much a query, at this pace."""
        self.calls += 1
        if self.calls == 1 or self.work_ns is None:
            self.work_ns = work_ns
        else:  # an average at first: queries differ
            self.work_ns += max(WEIGHT, 1 / self.calls) * (work_ns - self.work_ns)
        self._paces.append(max(pace, FASTEST))
        pace = sorted(self._paces)[len(self._paces) // 4]
        self.pace = pace if self.calls >= CALLS_TO_BELIEVE else min(pace, SLOWEST_AT_FIRST)


@dataclass(slots=True)
class Experience:
    """Both ways in one situation, and what has been put aside to try the one that seems dearer.

    Attributes:
        hits: answers to a query, the same whichever way it goes; newer calls count more.
        saved_ns: what a trial may cost too much.
        waits: times of saving before the next trial; the first ones come soon, since nothing is known yet.
        trial: the way that seemed cheaper when a trial of the other one began. again: whether a second call is due.
        settled: the choice that the next *calls_left* of *calls_settled* calls follow.
    """

    scan: Way = field(default_factory=Way)
    index: Way = field(default_factory=Way)
    hits: float = 0.0
    saved_ns: float = 0.0
    waits: float = FIRST_WAIT
    trial: WayName | None = None
    again: bool = False
    settled: Choice | None = None
    calls_settled: int = 0
    calls_left: int = 0

    def settle(self, choice: Choice, calls: int) -> None:
        """So many calls follow *choice*."""
        self.settled, self.calls_settled, self.calls_left = choice, calls, calls

    def unsettled(self) -> int:
        """Nothing is settled any more; returns how many queries have followed what was."""
        if self.settled is None:
            return 0
        followed = (self.calls_settled - max(0, self.calls_left)) * self.settled.queries
        self.settled = None
        return followed

    def note_hits(self, hits: float) -> None:
        """A call answered so many a query."""
        self.hits += (1.0 if not (self.scan.known or self.index.known) else WEIGHT) * (hits - self.hits)
