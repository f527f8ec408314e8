"""Files with several names: hard links are read once, and the other names get what came of it.

A file is known by its device and inode, so two names that differ only in case, on a disk that doesn't tell cases
apart, are names of one file as well.
"""

from __future__ import annotations

import os
from enum import Enum

from lookalike.catalog import FileResult, FileStat

Inode = tuple[int, int]


class Turn(Enum):
    """What is to be done with a path now."""

    READ = "read"
    WAIT = "wait"  # another name of the same file is being read; `HardLinks.finish` tells of this one too


class HardLinks:
    """Which files of a run have several names, and what came of those that were read. Files with one cost nothing."""

    def __init__(self) -> None:
        self.read: dict[Inode, FileResult | None] = {}  # None while the first name is being read
        self.several: set[Inode] = set()
        self.waiting: dict[Inode, list[tuple[int, bytes]]] = {}

    def see(self, path: bytes, status: os.stat_result, content_id: int | None = None) -> None:
        """The scan saw a file; *content_id* where the catalog knows what it holds and nothing has changed."""
        if status.st_nlink > 1:
            inode = (status.st_dev, status.st_ino)
            self.several.add(inode)
            if content_id is not None:
                known = FileResult(path, FileStat.of(status), "indexed", content_id=content_id)
                self.read.setdefault(inode, known)

    def take(self, number: int, path: bytes, stat: FileStat) -> Turn | FileResult:
        """What is to be done with file *number*, or what is known of it through another name of it."""
        inode = (stat.device, stat.inode)
        if inode not in self.several:
            return Turn.READ
        if inode not in self.read:
            self.read[inode] = None
            return Turn.READ
        first = self.read[inode]
        if first is None:
            self.waiting.setdefault(inode, []).append((number, path))
            return Turn.WAIT
        # It may have been written to since.
        same = (first.stat.size, first.stat.mtime_ns) == (stat.size, stat.mtime_ns)
        return under_name(first, path) if same else Turn.READ

    def finish(self, result: FileResult, inode: Inode) -> list[tuple[int, FileResult]]:
        """The numbers and results of the names that waited for *result*."""
        if inode not in self.several:
            return []
        self.read[inode] = result._replace(fingerprints=())
        return [(number, under_name(result, path)) for number, path in self.waiting.pop(inode, [])]


def under_name(first: FileResult, path: bytes) -> FileResult:
    """*first* as the result of another name of the same file; its fingerprints were recorded with the first name."""
    return first._replace(path=path, fingerprints=())
