"""The last words of wide codes kept side by side, so that a scan for the nearest reads five eighths of memory.

It is a copy, and gains something where queries have near neighbours, as those by `look` do; so it is made once the same
wide rows have been scanned a few times, and where memory allows.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

from lookalike.search import _native
from lookalike.search.rows import Rows, Words

# Narrower codes are a cache line or two; fewer bytes stay in the cache.
LEAST_WORDS = 8
LEAST_BYTES = 32 << 20

# Scans of the same rows after which tails are made: of a million codes of 1,024 bits that takes 0.1 s and saves 3 ms of
# most scans, so whoever asks once or twice doesn't pay.
SCANS_BEFORE = 8


@dataclass(slots=True)
class Tailing:
    """The tails of the rows that are scanned again and again."""

    _words: weakref.ref[Words] | None = None
    _scans: int = 0
    _no_room: bool = False

    def tails(self, rows: Rows) -> _native.CodeTails | None:
        """Those of *rows*, or None where they don't pay yet or never will; called once a scan."""
        if rows.words.shape[1] < LEAST_WORDS or rows.words.nbytes < LEAST_BYTES:
            return None
        if self._words is None or self._words() is not rows.words:
            self._words, self._scans, self._no_room = weakref.ref(rows.words), 0, False
        self._scans += 1  # two threads may count the same one: a scan more or less
        if self._scans <= SCANS_BEFORE or self._no_room:
            return None
        try:
            tails: _native.CodeTails = rows.index(_native.CodeTails)
        except MemoryError:
            self._no_room = True
            return None
        return tails
