"""Ids that follow one another without a gap, in the space of two numbers: 100,000,000 of them as int64 are 800 MB."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from lookalike.model import Ids


class IdRange:
    """The ids *first*, *first* + 1, … of *length* rows, read like an int64 array of shape (length,).

    What reads ids by position or by slice costs nothing; whatever needs all of them (``numpy.asarray``) makes them.
    """

    __slots__ = ("_first", "_length")

    def __init__(self, first: int, length: int) -> None:
        self._first = first
        self._length = length

    def __len__(self) -> int:
        return self._length

    @property
    def nbytes(self) -> int:
        """Bytes of the two numbers."""
        return 16

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice | NDArray[np.int64]) -> Ids: ...
    def __getitem__(self, place: int | slice | NDArray[np.int64]) -> int | Ids:
        """The id at a place, or those at several; places below 0 count from the end.

        Raises:
            IndexError: there are fewer.
        """
        if isinstance(place, slice):
            begin, end, step = place.indices(self._length)
            return np.arange(self._first + begin, self._first + end, step, dtype=np.int64)
        if isinstance(place, np.ndarray):
            return self._at(place)
        if not -self._length <= place < self._length:
            raise IndexError(f"id at place {place} was asked for; there are {self._length}")
        return self._first + place % self._length

    def _at(self, places: NDArray[np.int64]) -> Ids:
        if places.size and not (-self._length <= places.min() and places.max() < self._length):
            raise IndexError(f"ids at places up to {places.max()} were asked for; there are {self._length}")
        ids: Ids = np.where(places < 0, places + self._length, places) + np.int64(self._first)
        return ids

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All of them, made anew (numpy's protocol for what isn't an array)."""
        if copy is False:
            raise ValueError("ids of a range aren't in memory, so there is nothing to look at without a copy")
        ids = self[:]
        return ids if dtype is None else ids.astype(dtype)


def compact(ids: Ids) -> Ids | IdRange:
    """*ids* (rising, a later one may equal the one before) as an ``IdRange`` where they are one."""
    if len(ids) and int(ids[-1]) - int(ids[0]) == len(ids) - 1 and bool(np.all(ids[1:] > ids[:-1])):
        return IdRange(int(ids[0]), len(ids))
    return ids
