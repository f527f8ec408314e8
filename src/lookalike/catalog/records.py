"""The words of the catalog: what goes into it and what comes out, free of SQL."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from lookalike.errors import ImageChanging, ImageGone, ImageUnreadable, MissingDecoder
from lookalike.model import Fingerprint

Outcome = Literal["indexed", "unchanged", "duplicate", "skipped", "failed", "vanished"]
"""How a path stands in the ledger.

``indexed``: read in the last scan that saw it. ``unchanged``: that scan had no need to read it. ``duplicate``: read,
and an earlier path holds the same content. ``skipped`` / ``failed``: not usable, with a reason; such a path keeps this
outcome while it stays as it is. ``vanished``: a later scan of its folder didn't find it.
"""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

RecordedOutcome = Literal["indexed", "skipped", "failed"]
"""What an indexer can say of a file; the catalog derives the other outcomes from all it knows."""

RECORDED_OUTCOMES: tuple[RecordedOutcome, ...] = get_args(RecordedOutcome)


LOOKED_AT_AGAIN = (
    # the extra may have been installed since
    MissingDecoder.reason,
    # the rules may be others
    "hidden", "system", "excluded", "ignored", "not-included", "symbolic-link", "dangling-link",
    # the disk or the share may answer again, and who was writing may be done
    ImageUnreadable.reason, ImageGone.reason, ImageChanging.reason,
)  # fmt: skip
"""Reasons that may be over though the file hasn't changed: every scan looks again."""


class FileStamp(NamedTuple):
    """What tells whether a known file is still as it was.

    A named tuple, since a rescan makes 200,000 of them: a frozen dataclass takes five times as long.

    Attributes:
        size: bytes.
        mtime_ns, ctime_ns: nanoseconds since 1970.
        device, inode: the file's identity; only the inode is compared, since device numbers change with a reboot.
        content_id: what the file holds, None where it was skipped or failed.
        outcome: as it was last recorded.
        complete: nothing needs to be computed while the file is unchanged: it was skipped or failed for a reason that
            stays, or its content has fingerprints of every recipe asked for.
        present: False where the file had vanished.
        file_id: the file's number in the catalog.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int
    content_id: int | None
    outcome: RecordedOutcome
    complete: bool
    present: bool
    file_id: int

    def describes(self, stat: os.stat_result) -> bool:
        """Whether *stat* is that of the same, untouched file."""
        return (self.size, self.mtime_ns, self.ctime_ns, self.inode) == (
            stat.st_size,
            stat.st_mtime_ns,
            stat.st_ctime_ns,
            stat.st_ino,
        )


class FileStat(NamedTuple):
    """The part of ``os.stat`` that the ledger keeps: bytes, nanoseconds, and the file's identity."""

    size: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int

    @classmethod
    def of(cls, stat: os.stat_result) -> FileStat:
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_dev, stat.st_ino)


class ContentFacts(NamedTuple):
    """What is known of a content once it was decoded.

    Attributes:
        hash: the BLAKE3-256 digest of the file's bytes, 32 bytes. A forgeable hash won't do: an equal one decides
            that a picture needn't be kept.
        bytes: the file's length.
        width, height: pixels, upright.
        format, mode, frames, orientation, notes: as in ``model.Picture``.
    """

    hash: bytes
    bytes: int
    width: int
    height: int
    format: str
    mode: str
    frames: int = 1
    orientation: int = 1
    notes: tuple[str, ...] = ()


class FileResult(NamedTuple):
    """What an indexer found out about one file.

    A named tuple, as its parts are: a million of them cross process lines, and a frozen dataclass takes ten times as
    long to be made again.

    Attributes:
        path: absolute, as ``os.fsencode`` gives it.
        stat: as it was before the file was read.
        outcome: ``indexed`` needs ``content`` or ``content_id``; ``skipped`` and ``failed`` need a ``reason``.
        reason: a short stable word, such as ``cut-off``.
        detail: a sentence for people.
        content: facts of a content that was decoded.
        content_id: the content's id where the catalog held it already.
        fingerprints: those that were computed, whether the content is new or only lacked some.
    """

    path: bytes
    stat: FileStat
    outcome: RecordedOutcome
    reason: str | None = None
    detail: str = ""
    content: ContentFacts | None = None
    content_id: int | None = None
    fingerprints: tuple[Fingerprint, ...] = ()


@dataclass(frozen=True, slots=True)
class VanishReport:
    """What ``mark_vanished`` did.

    Attributes:
        vanished: files that are gone.
        moved: how many of them live on under a path that this scan read.
        kept_roots: folders that can't be read, or look like the empty place of a disk that isn't mounted: nothing under
            them was marked.
    """

    vanished: int
    moved: int
    kept_roots: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PruneCount:
    """How many of the ``known`` files of some folders ``vanished``."""

    vanished: int
    known: int


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What was removed for good: paths, contents that no path holds any more, and codes of these."""

    files: int
    contents: int
    fingerprints: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One path that a scan saw, and how it ended.

    Attributes:
        path: absolute bytes.
        reason, detail: why it was skipped or failed; None and empty otherwise.
        duplicate_of: the first present path with the same content, where that is another one.
        first_seen_at: Unix seconds. last_seen_at: when the last scan that saw it began.
        scan_id: the scan that this is from: the last that saw the path, or the one that missed it first.
    """

    path: bytes
    outcome: Outcome
    reason: str | None
    detail: str
    content_id: int | None
    size: int
    duplicate_of: bytes | None
    first_seen_at: int
    last_seen_at: int
    scan_id: int


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A present file of a content: absolute path, bytes, modification time, and what is known of it besides its
    pixels.
    """

    path: bytes
    size: int
    mtime_ns: int
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ContentRecord:
    """A content, and every present file that holds it, in the order they came into the catalog (or those that satisfy a
    filter first).

    ``quality`` is the least of its fingerprints' (0 to 100), None while there is no fingerprint; ``marks`` are all of
    theirs. The other facts are those of ``ContentFacts``.
    """

    id: int
    hash: bytes
    bytes: int
    width: int
    height: int
    format: str
    mode: str
    frames: int
    orientation: int
    notes: tuple[str, ...]
    quality: int | None
    marks: tuple[str, ...]
    files: tuple[FileRecord, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files' paths as text; bytes that aren't UTF-8 become lone surrogates (``os.fsdecode``)."""
        return tuple(os.fsdecode(file.path) for file in self.files)

    @property
    def path(self) -> str | None:
        """The first present file, None where all have vanished."""
        return self.paths[0] if self.files else None

    @property
    def attributes(self) -> dict[str, Any]:
        """What is known of the first present file."""
        return self.files[0].attributes if self.files else {}
