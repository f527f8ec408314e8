"""What was written since some rows were indexed, so that their index goes on serving.

An index is made of the rows of one moment, the base. Later rows are the base without what was removed, and with what
was added: few rows, which are scanned. Positions shift when rows go or come between others, so a row of the base is
found again by its id.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lookalike.model import Ids
from lookalike.search.id_range import IdRange

Usable = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """How some rows differ from the base of their journal.

    Attributes:
        noted: the number of changes that are in it.
        added: ids that came since, rising; some may be ids of the base that went and came back with another code.
        usable: uint8, one a row of the base, 0 for those that went; None where all are still held.
        removed: how many rows of the base went.
        shifted: whether rows of the base may have other positions now.
    """

    noted: int
    added: Ids
    usable: Usable | None
    removed: int
    shifted: bool

    @property
    def size(self) -> int:
        return len(self.added) + self.removed


@dataclass(slots=True, eq=False)
class Journal:
    """The ids of the base, and what was written since. Only the newest rows append to it."""

    base_ids: Ids | IdRange
    _changes: list[tuple[Ids, bool]] = field(default_factory=list)
    _latest: Difference | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def note(self, noted: int, ids: Ids, *, added: bool) -> int:
        """Writes down a change after *noted* others; returns how many there are now."""
        with self._guard:
            del self._changes[noted:]  # a write that was interrupted after it was noted
            self._changes.append((ids, added))
            return len(self._changes)

    def difference(self, noted: int) -> Difference:
        """What the first *noted* changes come to."""
        latest = self._latest
        if latest is not None and latest.noted == noted:
            return latest
        with self._guard:
            latest = self._latest
            if latest is None or latest.noted > noted:
                latest = Difference(0, np.empty(0, np.int64), None, 0, shifted=False)
            changes = self._changes[latest.noted : noted]
        added, usable, shifted = latest.added, latest.usable, latest.shifted
        for ids, arrived in changes:
            if arrived:
                shifted = shifted or bool(len(self.base_ids) and ids[0] < self.base_ids[-1])
                added = np.union1d(added, ids)
                continue
            usable = np.ones(len(self.base_ids), np.uint8) if usable is None else usable.copy()
            usable[self._base_positions(np.setdiff1d(ids, added, assume_unique=True))] = 0
            added = np.setdiff1d(added, ids, assume_unique=True)
            shifted = True
        removed = 0 if usable is None else len(usable) - int(np.count_nonzero(usable))
        made = Difference(noted, added, usable, removed, shifted)
        with self._guard:
            self._latest = made
        return made

    def _base_positions(self, ids: Ids) -> NDArray[np.int64]:
        places = np.searchsorted(np.asarray(self.base_ids), ids)
        places[places == len(self.base_ids)] = 0
        held: NDArray[np.int64] = places[self.base_ids[places] == ids]
        return held
