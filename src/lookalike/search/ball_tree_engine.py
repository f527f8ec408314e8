"""scikit-learn's BallTree behind the same promise: exact, if it is fed one column a bit.

``docs/balltree.md`` measures what happens when it is fed anything else, and what it costs.
Source: https://scikit-learn.org/stable/modules/generated/sklearn.neighbors.BallTree.html, version 1.5 and later.
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from lookalike.model import Distances
from lookalike.optional import Extra, import_extra
from lookalike.search.base import Engine
from lookalike.search.checks import unpacked, whole_number
from lookalike.search.reference import by_distance, scan_nearest, scan_within
from lookalike.search.rows import Positions, Rows, Words


@final
class BallTreeEngine(Engine):
    """Exact neighbours by ``sklearn.neighbors.BallTree`` with its ``hamming`` metric; one thread.

    It takes 64 bytes for every byte of a code. Questions with *allow* scan the rows allowed, since the tree can't
    filter.
    """

    needs: ClassVar[Extra | None] = Extra("sklearn", "sklearn")

    def __init__(self, width_bits: int, threads: int = 1, *, leaf_size: int = 40) -> None:
        """See ``Engine``; *leaf_size* is scikit-learn's, with its default.

        Raises:
            MissingExtra: scikit-learn isn't installed (extra ``sklearn``).
            SearchError: a number out of range.
        """
        super().__init__(width_bits, threads)
        self._leaf_size = whole_number(leaf_size, "leaf_size", least=1)
        self._neighbors = import_extra("sklearn.neighbors", extra="sklearn")

    def _nearest(
        self, rows: Rows, queries: Words, count: int, allowed: Positions | None
    ) -> tuple[Positions, Distances]:
        if allowed is not None:
            return scan_nearest(rows.words, queries, count, allowed)
        tree = rows.index(self._build)
        fractions, _ = tree.query(self._columns(queries), k=count)
        farthest = self._bits(fractions[:, -1])
        # The tree cuts ties anyhow: take all at the k-th distance, then the lowest ids.
        found = [self._ring(tree, queries[at : at + 1], int(farthest[at])) for at in range(len(queries))]
        return np.stack([near[:count] for near, _ in found]), np.stack([bits[:count] for _, bits in found])

    def _within(
        self, rows: Rows, queries: Words, radius_bits: int, allowed: Positions | None
    ) -> tuple[NDArray[np.int64], Positions, Distances]:
        if allowed is not None:
            return scan_within(rows.words, queries, radius_bits, allowed)
        tree = rows.index(self._build)
        found = [self._ring(tree, queries[at : at + 1], radius_bits) for at in range(len(queries))]
        offsets = np.cumsum([0, *(len(near) for near, _ in found)], dtype=np.int64)
        return offsets, np.concatenate([near for near, _ in found]), np.concatenate([bits for _, bits in found])

    def _pairs(self, rows: Rows, radius_bits: int) -> tuple[Positions, Positions, Distances]:
        tree = rows.index(self._build)
        firsts, seconds, distances = [], [], []
        for first in range(len(rows)):
            near, bits = self._ring(tree, rows.words[first : first + 1], radius_bits)
            order = np.argsort(near)
            later = order[near[order] > first]
            firsts.append(np.full(len(later), first))
            seconds.append(near[later])
            distances.append(bits[later])
        return np.concatenate(firsts), np.concatenate(seconds), np.concatenate(distances)

    def _ring(self, tree: Any, query: Words, radius_bits: int) -> tuple[Positions, Distances]:
        """All rows at most *radius_bits* from one query, by distance, then position."""
        # scikit-learn's Hamming distance is a fraction of the columns: half a bit more keeps rounding out of it.
        positions, fractions = tree.query_radius(
            self._columns(query), r=(radius_bits + 0.5) / self.width_bits, return_distance=True
        )
        rising = np.argsort(positions[0])
        return by_distance(positions[0][rising], self._bits(fractions[0][rising]))

    def _bits(self, fractions: NDArray[np.float64]) -> Distances:
        return np.rint(fractions * self.width_bits).astype(np.uint16)

    def _columns(self, words: Words) -> NDArray[np.float64]:
        """One column a bit. Packed bytes or one integer a hash would be compared as numbers, equal or not."""
        return unpacked(words, self.width_bits).astype(np.float64)

    def _build(self, words: Words) -> Any:
        return self._neighbors.BallTree(self._columns(words), leaf_size=self._leaf_size, metric="hamming")

    def _index_bytes(self, index: Any) -> int:
        return sum(np.asarray(array).nbytes for array in index.get_arrays())
