"""The codes and ids that an engine holds, as a picture that never changes.

A query takes one reference to the current ``Rows`` and works on it, whatever is written meanwhile. Writing makes new
``Rows``. Rows lie in order of id, so that of two equally distant rows the one with the lower position has the lower id.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import DuplicateId
from lookalike.model import Ids
from lookalike.search.id_range import IdRange
from lookalike.search.journal import Journal

Words = NDArray[np.uint64]
Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Ids in rising order and the code of each.

    Attributes:
        ids: int64, shape (n,), rising, unique; an ``IdRange`` where they follow one another and were never written.
        words: uint64, shape (n, words_per_code): the packed bytes of each code, filled up with zero bytes to whole
            words. Byte order has no meaning: bits are only compared and counted.
        room_ids, room_words: the arrays that both are the beginning of. What lies behind the beginning is spare, and
            only the newest rows may be written there: older rows never look at it.
        journal, noted: what was written since an index was made, and how many changes of it these rows have seen; None
            where nobody asked for it.
    """

    ids: Ids | IdRange
    words: Words
    room_ids: Ids | IdRange
    room_words: Words
    journal: Journal | None = None
    noted: int = 0
    _index: list[Any] = field(default_factory=list)
    _index_guard: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def empty(cls, words_per_code: int) -> Rows:
        return cls.over(np.empty(0, np.int64), np.empty((0, words_per_code), np.uint64))

    @classmethod
    def over(cls, ids: Ids | IdRange, words: Words) -> Rows:
        """Rows over whole arrays, without spare room."""
        return cls(ids, words, ids, words)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def bytes_used(self) -> int:
        return self.room_ids.nbytes + self.room_words.nbytes

    def index(self, build: Callable[[Words], Any]) -> Any:
        """What *build* makes of the words; made once, by the first query that needs it."""
        with self._index_guard:
            if not self._index:
                self._index.append(build(self.words))
            return self._index[0]

    @property
    def index_if_built(self) -> Any:
        return self._index[0] if self._index else None

    def added(self, ids: Ids, words: Words) -> Rows:
        """These rows and new ones, in order of id.

        Raises:
            DuplicateId: an id came twice, or is held already.
        """
        order = np.argsort(ids, kind="stable")
        ids, words = ids[order], words[order]
        return self._followed_by(self._with(ids, words), ids, added=True)

    def _with(self, ids: Ids, words: Words) -> Rows:
        repeated = ids[1:][ids[1:] == ids[:-1]]
        if len(repeated):
            raise DuplicateId(f"id {repeated[0]} came twice in one call: give each code an id of its own")
        if len(self) == 0 or ids[0] > self.ids[-1]:
            return self._appended(ids, words)
        held, _ = self.positions_of(ids)
        if len(held):
            raise DuplicateId(f"id {self.ids[held[0]]} is held already: remove it first, or leave it out")
        held_ids = np.asarray(self.ids)
        places = np.searchsorted(held_ids, ids)
        return Rows.over(np.insert(held_ids, places, ids), np.insert(self.words, places, words, axis=0))

    def _appended(self, ids: Ids, words: Words) -> Rows:
        """Adding behind the last id copies nothing that is held, except when the spare room is used up."""
        before, after = len(self), len(self) + len(ids)
        room_ids, room_words = self.room_ids, self.room_words
        if after > len(room_ids) or isinstance(room_ids, IdRange):
            # An eighth to spare: a copy every so often, never one for each row added.
            capacity = after if before == 0 else after + after // 8
            room_ids = np.empty(capacity, np.int64)
            room_words = np.empty((capacity, self.words.shape[1]), np.uint64)
            room_ids[:before], room_words[:before] = np.asarray(self.ids), self.words
        room_ids[before:after], room_words[before:after] = ids, words
        return Rows(room_ids[:after], room_words[:after], room_ids, room_words)

    def without(self, ids: Ids) -> Rows:
        """These rows without some ids; ids that aren't held don't matter."""
        positions, _ = self.positions_of(ids)
        if not len(positions):
            return self
        ids = np.asarray(self.ids)
        left = Rows.over(np.delete(ids, positions), np.delete(self.words, positions, axis=0))
        return self._followed_by(left, ids[positions], added=False)

    def journaled(self) -> Rows:
        """The same rows, with a new journal that begins here."""
        return replace(self, journal=Journal(self.ids), noted=0, _index=[], _index_guard=threading.Lock())

    def _followed_by(self, rows: Rows, changed: Ids, *, added: bool) -> Rows:
        if self.journal is None:
            return rows
        return replace(rows, journal=self.journal, noted=self.journal.note(self.noted, changed, added=added))

    def positions_of(self, ids: Ids) -> tuple[Positions, NDArray[np.bool_]]:
        """Positions of the *ids* that are held, in their order, and which of them those are."""
        if not len(self):
            return np.empty(0, np.int64), np.zeros(len(ids), np.bool_)
        first, last = self.ids[0], self.ids[-1]
        if int(last) - int(first) + 1 == len(self):  # no gaps: an id says its own position
            held = (ids >= first) & (ids <= last)
            return ids[held] - first, held
        held_ids = np.asarray(self.ids)
        places = np.searchsorted(held_ids, ids)
        held = held_ids[np.minimum(places, len(self) - 1)] == ids
        return places[held].astype(np.int64, copy=False), held
