"""What was found and not yet handed out: first in, first out, in little memory however much it is.

A scan finds a hundred times as many files a second as can be read; a million of them as Python objects would take
0.3 GB.
"""

from __future__ import annotations

import marshal
import tempfile
from collections import deque
from typing import BinaryIO, NamedTuple

from lookalike.catalog.records import RecordedOutcome

CHUNK_ENTRIES = 1_000
MEMORY_ENTRIES = 20_000  # some 6 MB; what is beyond goes to a nameless temporary file, 0.1 KB each


class Entry(NamedTuple):
    """A path that the scan saw: to be read where *outcome* is None, otherwise settled already.

    The stat's fields are those of ``catalog.FileStat``.
    """

    path: bytes
    size: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int
    outcome: RecordedOutcome | None = None
    reason: str | None = None
    detail: str = ""


class Backlog:
    """A queue of entries."""

    def __init__(self, memory_entries: int = MEMORY_ENTRIES) -> None:
        self.memory_entries = memory_entries
        self.first: deque[Entry] = deque()  # the oldest
        self.spilled: deque[tuple[int, int]] = deque()  # (offset, length) of chunks in the file, younger
        self.last: list[Entry] = []  # the youngest
        self.file: BinaryIO | None = None
        self.length = 0

    def __len__(self) -> int:
        return self.length

    def put(self, entry: Entry) -> None:
        """Append *entry*."""
        self.length += 1
        if not self.spilled and not self.last and len(self.first) < self.memory_entries:
            self.first.append(entry)
            return
        self.last.append(entry)
        if len(self.last) >= CHUNK_ENTRIES:
            self.spill()

    def take(self) -> Entry:
        """The oldest entry.

        Raises:
            IndexError: there is none.
        """
        if not self.first:
            self.refill()
        entry = self.first.popleft()
        self.length -= 1
        return entry

    def spill(self) -> None:
        """Put the youngest entries into the file."""
        if self.file is None:
            self.file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the backlog
        # Not pickle: nothing but bytes, text and integers, and the file has no name by which others could reach it.
        told = marshal.dumps([tuple(entry) for entry in self.last])
        self.file.seek(0, 2)
        self.spilled.append((self.file.tell(), len(told)))
        self.file.write(told)
        self.last = []

    def refill(self) -> None:
        """Bring back the oldest of what isn't in the deque."""
        if self.spilled and self.file is not None:
            offset, length = self.spilled.popleft()
            self.file.seek(offset)
            self.first.extend(map(Entry._make, marshal.loads(self.file.read(length))))  # noqa: S302 - our own bytes
            if not self.spilled:
                self.file.truncate(0)
        else:
            self.first.extend(self.last)
            self.last = []

    def close(self) -> None:
        """Give the temporary file back."""
        if self.file is not None:
            self.file.close()
