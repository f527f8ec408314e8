"""What a radius question answers: for each query, as many neighbours as there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.model import Distances, Ids


@dataclass(frozen=True, slots=True, eq=False)
class Neighbors:
    """Neighbours of several queries, one after another; ``neighbors[i]`` are those of query *i*.

        for ids, distances in index.within(queries, radius_bits=8): ...

    Attributes:
        offsets: int64, shape (queries + 1,): those of query *i* lie from ``offsets[i]`` to ``offsets[i + 1]``.
        ids: int64, shape (total,): by distance, then id, within each query.
        distances: uint16, shape (total,), in bits.
    """

    offsets: NDArray[np.int64]
    ids: Ids
    distances: Distances

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, query: int) -> tuple[Ids, Distances]:
        """Ids and distances of one query.

        Raises:
            IndexError: there are fewer queries.
        """
        if not -len(self) <= query < len(self):
            raise IndexError(f"neighbours of query {query} were asked for; there are {len(self)} queries")
        place = query % len(self)
        part = slice(self.offsets[place], self.offsets[place + 1])
        return self.ids[part], self.distances[part]

    def __iter__(self) -> Iterator[tuple[Ids, Distances]]:
        return (self[query] for query in range(len(self)))
