"""Files with several names: hard links are read once, and the other names get what came of it.

A file is known by its device and inode, so two names that differ only in case, on a disk that doesn't tell cases
apart, are names of one file as well.
"""

from __future__ import annotations

import marshal
import os
from collections import deque
from enum import Enum
from typing import Any

from lookalike.catalog import ContentFacts, FileResult, FileStat
from lookalike.errors import ImageChanging, ImageGone, ImageUnreadable

OF_ONE_NAME = frozenset((ImageGone.reason, ImageChanging.reason, ImageUnreadable.reason))
"""Reasons that say nothing of the file's other names: one may be gone, or was read at a bad moment."""


class Turn(Enum):
    """What is to be done with a path now."""

    READ = "read"
    WAIT = "wait"  # another name of the same file is being read; `HardLinks.finish` tells of this one too


class HardLinks:
    """Which files of a run have several names, and what came of those that were read.

    Files with one name cost nothing; one with several is forgotten once all of them were met.

    Attributes:
        waiting: (number, path, stat) of names whose file is being read under another one, by file.
        again: those of them that must be read themselves, since nothing came of the name that was read.
    """

    def __init__(self) -> None:
        self.to_come: dict[int, int] = {}  # names not yet met, by file
        self.read: dict[int, bytes | None] = {}  # as `pack` makes it; None while a name is being read
        self.waiting: dict[int, list[tuple[int, bytes, FileStat]]] = {}
        self.again: deque[tuple[int, bytes, FileStat]] = deque()

    def see(self, status: os.stat_result) -> None:
        """The scan saw a name that will be taken later."""
        if status.st_nlink > 1:
            self.to_come.setdefault(number_of(status.st_dev, status.st_ino), status.st_nlink)

    def see_unchanged(self, path: bytes, status: os.stat_result, content_id: int | None) -> None:
        """The scan saw a name that won't be taken, since nothing has changed; *content_id* is what the file holds."""
        if status.st_nlink > 1:
            self.see(status)
            file = number_of(status.st_dev, status.st_ino)
            if content_id is not None and file not in self.read:
                self.read[file] = pack(FileResult(path, FileStat.of(status), "indexed", content_id=content_id))
            self.meet(file)

    def take(self, number: int, path: bytes, stat: FileStat) -> Turn | FileResult:
        """What is to be done with file *number*, or what is known of it through another name of it."""
        file = number_of(stat.device, stat.inode)
        if file not in self.to_come:
            return Turn.READ
        if file not in self.read:
            self.read[file] = None
            self.meet(file)
            return Turn.READ
        known = self.read[file]
        if known is None:
            self.waiting.setdefault(file, []).append((number, path, stat))
            self.meet(file)
            return Turn.WAIT
        first = unpack(known, stat)
        self.meet(file)
        # It may have been written to since.
        same = (first.stat.size, first.stat.mtime_ns) == (stat.size, stat.mtime_ns)
        return under_name(first, path) if same else Turn.READ

    def finish(self, result: FileResult, stat: FileStat) -> list[tuple[int, FileResult]]:
        """The numbers and results of the names that waited for *result*, whose *stat* the scan saw.

        Where it says nothing of them, one of them joins ``again``.
        """
        file = number_of(stat.device, stat.inode)
        if file not in self.to_come:
            return []
        if result.reason in OF_ONE_NAME:
            waiting = self.waiting.get(file)
            if waiting:
                self.again.append(waiting.pop(0))
                if not waiting:
                    del self.waiting[file]
                return []
            self.read.pop(file, None)
            self.forget_if_met(file)
            return []
        self.read[file] = pack(result)
        told = [(number, under_name(result, path)) for number, path, _ in self.waiting.pop(file, [])]
        self.forget_if_met(file)
        return told

    def meet(self, file: int) -> None:
        """One of its names was met."""
        self.to_come[file] -= 1
        self.forget_if_met(file)

    def forget_if_met(self, file: int) -> None:
        """Nobody will ask for a file all of whose names were met, unless one is being read."""
        if self.to_come[file] <= 0 and self.read.get(file, b"") is not None:
            del self.to_come[file]
            self.read.pop(file, None)


def number_of(device: int, inode: int) -> int:
    """One number for both, which takes a third of a tuple's memory."""
    return device << 64 | inode


def pack(result: FileResult) -> bytes:
    """What other names need of *result*, in some 150 bytes: a backup's files all have other names, met much later.

    Fingerprints aren't among it: they were recorded with the first name.
    """
    path = b"" if result.outcome == "indexed" else result.path  # which a fault's detail may name
    content: Any = None if result.content is None else tuple(result.content)
    told = (path, *result.stat[:3], result.outcome, result.reason, result.detail, content, result.content_id)
    return marshal.dumps(told)


def unpack(packed: bytes, stat: FileStat) -> FileResult:
    """What was packed, of the file whose device and inode are those of *stat*."""
    path, size, mtime_ns, ctime_ns, outcome, reason, detail, content, content_id = marshal.loads(packed)  # noqa: S302 - our own bytes
    read = FileStat(size, mtime_ns, ctime_ns, stat.device, stat.inode)
    facts = None if content is None else ContentFacts._make(content)
    return FileResult(path, read, outcome, reason, detail, facts, content_id)


def under_name(first: FileResult, path: bytes) -> FileResult:
    """*first* as the result of another name of the same file; its fingerprints were recorded with the first name."""
    detail = first.detail.replace(repr(os.fsdecode(first.path)), repr(os.fsdecode(path))) if first.detail else ""
    return first._replace(path=path, detail=detail, fingerprints=())
