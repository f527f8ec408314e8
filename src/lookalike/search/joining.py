"""Pairs out of the native join: in steps that Ctrl-C can come between, and expanded to rows in bounded memory.

The join speaks of distinct codes: 50,000 blank pictures are one code to it, and 1.2 thousand million pairs. Which rows
hold a code is put in last, and only as far as somebody takes the pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import SearchError
from lookalike.model import Distances, Ids
from lookalike.search import _native
from lookalike.search.rows import Positions, Words

# How long a step of the join may take: Ctrl-C is heard between steps.
STEP_S = 0.25

# Pairs that one step collects at most, 12 bytes each, and as much again while they are handed over.
PAIRS_A_STEP = 1 << 20

# What `pairs` hands over at most: sorted, 2^27 pairs take some 7 GB. Far fewer make a list that nobody reads.
MOST_PAIRS = 1 << 27

PositionPairs = tuple[Positions, Positions, Distances]


@dataclass(frozen=True, slots=True, eq=False)
class CollapsedPairs:
    """Pairs of distinct codes, and the ids that hold each code: what duplicates are, without multiplying them out.

    Attributes:
        offsets: int64, shape (codes + 1,): the ids of code *c* lie from ``offsets[c]`` to ``offsets[c + 1]``.
        ids: int64, shape (number held,): rising for each code; codes are in the order of their first id.
        first, second: int64, shape (pairs,): numbers of two codes, first < second, ordered by both.
        distances: uint16, shape (pairs,), in bits, at least 1.
    """

    offsets: NDArray[np.int64]
    ids: Ids
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distances: Distances

    @property
    def number_of_pairs(self) -> int:
        """How many pairs of ids these are: pairs of codes multiplied out, and pairs of equal codes."""
        counts = np.diff(self.offsets)
        return int(counts[self.first] @ counts[self.second] + counts @ (counts - 1) // 2)


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """The rows that hold each distinct code: those of code *c* from ``offsets[c]`` to ``offsets[c + 1]``, rising."""

    offsets: NDArray[np.int64]
    rows: Positions

    @classmethod
    def one_each(cls, number: int) -> Holders:
        return cls(np.arange(number + 1), np.arange(number))

    @property
    def counts(self) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = np.diff(self.offsets)
        return counts


class Join:
    """A join of rows with themselves, or with *other* rows of the same number of words."""

    def __init__(self, words: Words, other: Words | None, radius_bits: int, threads: int) -> None:
        self._itself = other is None
        self._join = _native.PairsJoin(words, other, radius_bits, threads)
        left, right = self._join.left_holders, self._join.right_holders
        self.left = Holders.one_each(len(words)) if left is None else Holders(*left)
        self.right = Holders.one_each(len(words if other is None else other)) if right is None else Holders(*right)
        self._nothing_equal = left is None and right is None

    @property
    def compared(self) -> int:
        """Comparisons of two codes made so far."""
        return self._join.compared

    def code_pairs(self, most: int = PAIRS_A_STEP) -> Iterator[PositionPairs]:
        """Numbers of distinct codes and their distance, in no particular order; first < second in a join with itself.

        Each batch has about *most* pairs at most: what every thread has just found comes on top.
        """
        more = True
        while more:
            more, first, second, distances = self._join.advance(most, STEP_S)
            if len(first):
                yield first, second, distances

    def row_pairs(self, most: int = PAIRS_A_STEP) -> Iterator[PositionPairs]:
        """Rows and their distance, at most *most* at a time; first < second in a join with itself."""
        if self._itself and not self._nothing_equal:
            yield from _equal_rows(self.left, most)
        for batch in self.code_pairs(most):
            if self._nothing_equal:
                for begin in range(0, len(batch[0]), most):
                    yield batch[0][begin : begin + most], batch[1][begin : begin + most], batch[2][begin : begin + most]
                continue
            for first, second, distances in _multiplied(batch, self.left, self.right, most):
                if self._itself:
                    yield np.minimum(first, second), np.maximum(first, second), distances
                else:
                    yield first, second, distances


def sorted_pairs(batches: list[PositionPairs]) -> PositionPairs:
    """All batches as one, ordered by first and second."""
    if not batches:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16)
    first, second, distances = (np.concatenate(column) for column in zip(*batches, strict=True))
    order = np.argsort((first << 32) | second)  # positions have 32 bits at most
    return first[order], second[order], distances[order]


def few_enough(batches: Iterator[PositionPairs]) -> list[PositionPairs]:
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


def _equal_rows(holders: Holders, most: int) -> Iterator[PositionPairs]:
    """Every two rows that hold the same code."""
    ends = np.repeat(holders.offsets[1:], holders.counts)
    places = np.arange(len(holders.rows))
    for place, other in _spread(places + 1, ends - places - 1, most):
        yield holders.rows[place], holders.rows[other], np.zeros(len(place), np.uint16)


def _multiplied(batch: PositionPairs, left: Holders, right: Holders, most: int) -> Iterator[PositionPairs]:
    """Pairs of codes as pairs of the rows that hold them."""
    first, second, distances = batch
    for pair, place in _spread(left.offsets[first], left.counts[first], most):
        codes = second[pair]
        for fan, other in _spread(right.offsets[codes], right.counts[codes], most):
            yield left.rows[place[fan]], right.rows[other], distances[pair[fan]]


def _spread(
    begins: NDArray[np.int64], counts: NDArray[np.int64], most: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Each item *i* as often as ``counts[i]`` says, with the numbers from ``begins[i]`` on; *most* at a time."""
    ends = np.cumsum(counts)
    shifts = begins - (ends - counts)
    total = int(ends[-1]) if len(ends) else 0
    for start in range(0, total, most):
        turns = np.arange(start, min(start + most, total))
        items = np.searchsorted(ends, turns, side="right")
        yield items, turns + shifts[items]
