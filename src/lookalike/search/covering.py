"""An index over the rows of one moment, that answers for later rows too.

Rows of the base that went are masked, rows that came since are scanned, and both answers become one. Once the
difference is large the index is made anew, so that adding and removing cost little each, whatever comes between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.model import Distances
from lookalike.search import _native
from lookalike.search.journal import Difference, Journal, Usable
from lookalike.search.rows import Positions, Rows, Words

Ragged = tuple[NDArray[np.int64], Positions, Distances]
"""Offsets (queries + 1,), positions and distances (total,), by distance, then position, within each query."""

Found = tuple[Usable, NDArray[np.float64], NDArray[np.int64], Positions, Distances]
"""What a native index answers: which queries were finished, what each cost in rows looked at, then a ragged answer."""

# An index is made anew where the difference is larger than both: a scan of as many rows costs less than what looking
# into buckets does anyway, and each row added pays for eight put into a new table.
FEW_ROWS = 4096
LARGEST_SHARE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Covering:
    """A native index over the base of a journal, and the codes that it was made of."""

    journal: Journal
    index: _native.MultiIndex
    words: Words
    widths: tuple[int, ...]

    def outgrown(self, rows: Rows) -> bool:
        """Whether so much was written since that a new index is due."""
        return self.journal.difference(rows.noted).size > max(FEW_ROWS, len(self.words) // LARGEST_SHARE)

    def bytes_used(self, rows: Rows) -> int:
        """Memory of the tables, and of the base where *rows* are not its continuation in the same arrays."""
        mine = np.shares_memory(self.words, rows.words)
        return int(self.index.bytes) + (0 if mine else self.words.nbytes + self.journal.base_ids.nbytes)

    def answer(
        self,
        rows: Rows,
        allowed: Positions | None,
        ask: Callable[[Usable | None], Found],
        scan: Callable[[Positions], Ragged],
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64], Ragged]:
        """Which queries were finished, what the index spent on each, and the answers, empty for those not finished.

        Answers may have more entries than were asked for, where some came from the index and some from newer rows.

        Args:
            rows: rows of this journal.
            allowed: rising positions in *rows*, or None for all.
            ask: puts the question to the index, with a mask of its own rows.
            scan: answers it for some positions of *rows*.
        """
        difference = self.journal.difference(rows.noted)
        finished, spent, offsets, positions, distances = ask(self._mask(rows, allowed, difference))
        done = finished.view(np.bool_)
        if not difference.size:
            return done, spent, (offsets, positions, distances)
        if difference.shifted:
            positions, _ = rows.positions_of(self.journal.base_ids[positions])
        answer: Ragged = (offsets, positions, distances)
        fresh, _ = rows.positions_of(difference.added)
        if allowed is not None:
            fresh = np.intersect1d(fresh, allowed, assume_unique=True)
        if len(fresh):
            answer = merged(answer, _only(scan(fresh), done))
        return done, spent, answer

    def _mask(self, rows: Rows, allowed: Positions | None, difference: Difference) -> Usable | None:
        if allowed is None:
            return difference.usable
        base_ids = np.asarray(self.journal.base_ids) if difference.shifted else self.journal.base_ids
        mask = np.zeros(len(base_ids), np.uint8)
        if difference.shifted:
            ids = rows.ids[allowed]
            places = np.minimum(np.searchsorted(base_ids, ids), len(base_ids) - 1)
            mask[places[base_ids[places] == ids]] = 1
        else:
            mask[allowed[allowed < len(base_ids)]] = 1
        return mask if difference.usable is None else mask & difference.usable


def merged(left: Ragged, right: Ragged) -> Ragged:
    """Two answers to the same queries as one."""
    counts = np.diff(left[0]) + np.diff(right[0])
    queries = np.concatenate([np.repeat(np.arange(len(counts)), np.diff(offsets)) for offsets, _, _ in (left, right)])
    positions = np.concatenate([left[1], right[1]])
    distances = np.concatenate([left[2], right[2]])
    order = np.lexsort((positions, distances, queries))
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]), positions[order], distances[order]


def joined(parts: list[Ragged]) -> Ragged:
    """Answers to one portion of queries after another."""
    if len(parts) == 1:
        return parts[0]
    counts = np.concatenate([np.diff(offsets) for offsets, _, _ in parts])
    return (
        np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
        np.concatenate([positions for _, positions, _ in parts]),
        np.concatenate([distances for _, _, distances in parts]),
    )


def first_of_each(answer: Ragged, count: int) -> Ragged:
    """At most the first *count* of each query."""
    offsets, positions, distances = answer
    counts = np.diff(offsets)
    kept = np.arange(len(positions)) - np.repeat(offsets[:-1], counts) < count
    fewer = np.minimum(counts, count)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(fewer)]), positions[kept], distances[kept]


def placed(answer: Ragged, which: NDArray[np.bool_]) -> Ragged:
    """Answers to some of the queries, put where those queries are; the others get nothing."""
    counts = np.zeros(len(which), np.int64)
    counts[which] = np.diff(answer[0])
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]), answer[1], answer[2]


def _only(answer: Ragged, which: NDArray[np.bool_]) -> Ragged:
    """The same answers for some of the queries, and nothing for the others."""
    offsets, positions, distances = answer
    counts = np.diff(offsets)
    kept = np.repeat(which, counts)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts * which)]), positions[kept], distances[kept]
