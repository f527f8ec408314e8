"""The oracle: every distance, in numpy, then a stable sort. Slow and obvious; every exact engine must equal it."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from lookalike.model import Distances
from lookalike.search.base import Engine
from lookalike.search.rows import Positions, Rows, Words


def distances_to(words: Words, query: Words) -> Distances:
    """Bits in which each row of *words* differs from one *query*: uint16, shape (n,)."""
    distances: Distances = np.bitwise_count(words ^ query).sum(axis=1, dtype=np.uint16)
    return distances


def by_distance(positions: Positions, distances: Distances) -> tuple[Positions, Distances]:
    """Sorted by distance, then position; *positions* must rise."""
    order = np.argsort(distances, kind="stable")
    return positions[order], distances[order]


def scan_nearest(words: Words, queries: Words, count: int, allowed: Positions | None) -> tuple[Positions, Distances]:
    """The *count* nearest of the allowed rows, for each query."""
    positions = np.arange(len(words)) if allowed is None else allowed
    candidates = words[positions]
    found = [by_distance(positions, distances_to(candidates, query)) for query in queries]
    return np.stack([best[:count] for best, _ in found]), np.stack([distances[:count] for _, distances in found])


def scan_within(
    words: Words, queries: Words, radius_bits: int, allowed: Positions | None
) -> tuple[NDArray[np.int64], Positions, Distances]:
    """All allowed rows at most *radius_bits* away, for each query."""
    positions = np.arange(len(words)) if allowed is None else allowed
    candidates = words[positions]
    found = []
    for query in queries:
        distances = distances_to(candidates, query)
        near = distances <= radius_bits
        found.append(by_distance(positions[near], distances[near]))
    offsets = np.cumsum([0, *(len(near) for near, _ in found)], dtype=np.int64)
    return offsets, np.concatenate([near for near, _ in found]), np.concatenate([bits for _, bits in found])


def scan_pairs(words: Words, radius_bits: int) -> tuple[Positions, Positions, Distances]:
    """All pairs at most *radius_bits* apart, each row against those behind it."""
    firsts, seconds, bits = [], [], []
    for first in range(len(words) - 1):
        distances = distances_to(words[first + 1 :], words[first])
        near = np.flatnonzero(distances <= radius_bits)
        firsts.append(np.full(len(near), first))
        seconds.append(near + first + 1)
        bits.append(distances[near])
    return np.concatenate(firsts), np.concatenate(seconds), np.concatenate(bits)


@final
class ReferenceEngine(Engine):
    """Exact, and as slow as it looks: some 4 ms a million 64-bit codes, plus the sort."""

    def _nearest(
        self, rows: Rows, queries: Words, count: int, allowed: Positions | None
    ) -> tuple[Positions, Distances]:
        return scan_nearest(rows.words, queries, count, allowed)

    def _within(
        self, rows: Rows, queries: Words, radius_bits: int, allowed: Positions | None
    ) -> tuple[NDArray[np.int64], Positions, Distances]:
        return scan_within(rows.words, queries, radius_bits, allowed)

    def _pairs(self, rows: Rows, radius_bits: int) -> tuple[Positions, Positions, Distances]:
        return scan_pairs(rows.words, radius_bits)
