"""What an indexing run tells while it works, and at its end."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from lookalike.catalog import AttributeReport

RECENT_S = 10.0  # the pace is that of the last seconds: folders of small and of large pictures follow one another


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far an indexing run is.

    Attributes:
        done: files that are finished, of those that the scan has seen.
        total: how many it has seen up to now; it runs ahead of the reading.
        scan_done: the scan has seen all, *total* is the whole.
        unchanged, skipped, failed: how many of the done ones.
        rate: files a second that had to be read, of late. megabytes_per_s: of them.
        seconds_left: at this pace; None while it can't be told.
    """

    done: int
    total: int
    unchanged: int
    skipped: int
    failed: int
    rate: float
    megabytes_per_s: float
    scan_done: bool = False
    seconds_left: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape of a line of progress."""
        told = asdict(self)
        for name in ("rate", "megabytes_per_s", "seconds_left"):
            told[name] = None if told[name] is None else round(told[name], 1)
        return {"event": "progress", **told}


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing run did: one count for each outcome in the ledger.

    Attributes:
        files: paths that the scan saw; the sum of the outcomes but ``vanished``.
        indexed: read, with fingerprints now in the catalog. duplicate: read, with a content known by another path.
        unchanged: not read, since nothing about them changed.
        skipped, failed: not usable; ``reasons`` counts them by reason.
        vanished: known before and gone now.
        moved: of the vanished, those that live on under another path.
        seconds: of the whole run.
        attributes: how the attribute file was joined, None without one.
        kept_roots: folders that could not be read, or look like an unmounted disk; nothing below them was marked.
        stopped: it was stopped before its end; then nothing was marked as vanished and no attributes were joined.
    """

    files: int
    indexed: int
    unchanged: int
    duplicate: int
    skipped: int
    failed: int
    vanished: int
    moved: int
    seconds: float
    reasons: dict[str, int]
    attributes: AttributeReport | None
    kept_roots: tuple[str, ...]
    stopped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape; paths are text, bytes that aren't UTF-8 lone surrogates in it."""
        return {name: as_json(value) for name, value in asdict(self).items()}


def as_json(value: Any) -> Any:
    """*value* with every path in it as text."""
    if isinstance(value, bytes):
        return os.fsdecode(value)
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner) for inner in value]
    return value


class Pace:
    """Files and bytes a second, of late."""

    def __init__(self) -> None:
        self.files = 0
        self.bytes = 0
        self.marks = deque([(time.monotonic(), 0, 0)])

    def count(self, size: int) -> None:
        """A file of *size* bytes is done."""
        self.files += 1
        self.bytes += size

    def now(self) -> tuple[float, float]:
        """(files a second, megabytes a second)."""
        now = time.monotonic()
        self.marks.append((now, self.files, self.bytes))
        while len(self.marks) > 2 and now - self.marks[1][0] >= RECENT_S:
            self.marks.popleft()
        since, files, length = self.marks[0]
        elapsed = max(now - since, 1e-6)
        return (self.files - files) / elapsed, (self.bytes - length) / elapsed / 1e6
