"""Bring a catalog up to date with some folders: scan, fingerprint what is new, record every path's outcome.

Results are recorded in the order of the scan, so that a cold run over the same tree always gives the same catalog;
only a file that holds everybody up for seconds is overtaken.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lookalike.catalog import AttributeReport, AttributeTable, FileResult, FileStamp, FileStat, Store
from lookalike.execution import Executor, ItemDone, ItemFailed
from lookalike.images import Limits
from lookalike.jobs.fingerprint_file import FingerprintFile
from lookalike.jobs.index_files import remove_unused_index_files
from lookalike.jobs.scan_folders import FoundFile, PassedBy, scan_folder
from lookalike.model import Recipe

COMMIT_EVERY_S = 1.0  # a kill loses at most this much recorded work ...
OVERTAKE_AFTER_S = 3.0  # ... and what waits for a slow earlier file: together under the promised 5 s
PROGRESS_EVERY_S = 0.1  # as often as an eye or a page needs it


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far an indexing run is.

    Attributes:
        done, total: files looked at, of those that the scan found.
        unchanged, skipped, failed: how many of the done ones.
        rate: files a second that had to be read. megabytes_per_s: of them.
    """

    done: int
    total: int
    unchanged: int
    skipped: int
    failed: int
    rate: float
    megabytes_per_s: float


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

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape; paths are text, bytes that aren't UTF-8 lone surrogates in it."""
        return {name: as_json(value) for name, value in asdict(self).items()}


@dataclass(slots=True)
class Run:
    """The state of one indexing run."""

    store: Store
    executor: Executor
    recipes: tuple[Recipe, ...]
    limits: Limits
    scan_id: int
    started: float
    found: list[FoundFile]
    settled: list[FileResult]
    outcomes: Counter[str]
    bytes_read: int = 0
    unchanged: int = 0

    def progress(self) -> IndexProgress:
        """How far it is now."""
        read = self.outcomes.total()
        elapsed = max(time.monotonic() - self.started, 1e-6)
        return IndexProgress(
            done=read + self.unchanged,
            total=len(self.found) + len(self.settled) + self.unchanged,
            unchanged=self.unchanged,
            skipped=self.outcomes["skipped"],
            failed=self.outcomes["failed"],
            rate=read / elapsed,
            megabytes_per_s=self.bytes_read / elapsed / 1e6,
        )

    def count(self, result: FileResult) -> None:
        """Note that a file is done."""
        self.outcomes[result.outcome] += 1
        self.bytes_read += result.stat.size

    def record(self, results: Sequence[FileResult]) -> None:
        """Commit *results*."""
        self.store.record(self.scan_id, results)


def index_folders(
    store: Store,
    executor: Executor,
    roots: Sequence[bytes],
    recipes: Sequence[Recipe],
    *,
    limits: Limits,
    attributes: AttributeTable | None = None,
    key: str | None = None,
    retry: bool = False,
) -> Generator[IndexProgress | IndexReport]:
    """Index everything below *roots*; yield progress several times a second and the report at the end.

    Closing the iterator stops the work within a second; what was committed stays.

    Args:
        store: the catalog, open for writing.
        executor: where files are read, decoded and fingerprinted.
        roots: absolute real paths, none inside another (`resolve_roots`).
        recipes: made of every image.
        limits: what is refused undecoded.
        attributes: rows to join to the images by name.
        key: their column that names the image; the one that fits best where None.
        retry: read again what was skipped or failed before, though it hasn't changed.
    """
    started = time.monotonic()
    scan_id = store.begin_scan(roots)
    run = Run(store, executor, tuple(recipes), limits, scan_id, started, [], [], Counter())
    for root in roots:
        untouched = sort_out(run, root, retry=retry)
        run.unchanged += store.touch_unchanged(scan_id, untouched)
        yield run.progress()
    run.record(run.settled)
    yield from read_files(run)
    vanished = store.mark_vanished(scan_id, roots)
    joined = store.apply_attributes(attributes, key=key) if attributes is not None else None
    remove_unused_index_files(store)
    counts = store.scan_counts(scan_id)
    yield IndexReport(
        files=sum(counts.values()) - counts["vanished"],
        indexed=counts["indexed"],
        unchanged=counts["unchanged"],
        duplicate=counts["duplicate"],
        skipped=counts["skipped"],
        failed=counts["failed"],
        vanished=vanished.vanished,
        moved=vanished.moved,
        seconds=round(time.monotonic() - started, 3),
        reasons=store.reason_counts(scan_id),
        attributes=joined,
        kept_roots=tuple(os.fsdecode(root) for root in vanished.kept_roots),
    )


def sort_out(run: Run, root: bytes, *, retry: bool) -> list[bytes]:
    """Scan *root*: what must be read and what is settled goes to *run*; returns the paths that are as they were."""
    known = run.store.known_files(root, run.recipes)
    own = os.fsencode(os.path.realpath(run.store.path))
    untouched: list[bytes] = []
    for seen in scan_folder(root):
        if seen.path.removesuffix(b"-wal").removesuffix(b"-shm").removesuffix(b"-journal") == own:
            continue  # the catalog itself, which changes while it is written
        if isinstance(seen, PassedBy):
            run.settled.append(passed_by_result(seen))
            run.count(run.settled[-1])
            if seen.reason == "unreadable-folder":  # what lies in it can't be seen, which doesn't mean that it is gone
                untouched += [
                    path for path, stamp in known.items() if stamp.present and path.startswith(seen.path + b"/")
                ]
        elif is_untouched(known.get(seen.path), seen, retry=retry):
            untouched.append(seen.path)
        else:
            run.found.append(seen)
    return untouched


def read_files(run: Run) -> Iterator[IndexProgress]:
    """Fingerprint the found files in workers and record the results in scan order, a transaction a second."""
    function = FingerprintFile(run.recipes, run.limits, run.store.path)
    outcomes = run.executor.map_batches(function, [file.path for file in run.found])
    numbers = {file.path: number for number, file in enumerate(run.found)}
    order = ScanOrder()
    recorded_at = shown_at = time.monotonic()
    try:
        for outcome in outcomes:
            number = numbers[outcome.item]
            result = outcome.value if isinstance(outcome, ItemDone) else failed_result(outcome, run.found[number])
            order.put(number, result)
            run.count(result)
            now = time.monotonic()
            if now - recorded_at >= COMMIT_EVERY_S:
                ready = order.take(everything=now - recorded_at >= OVERTAKE_AFTER_S)
                if ready:
                    run.record(ready)
                    recorded_at = now
            if now - shown_at >= PROGRESS_EVERY_S:
                shown_at = now
                yield run.progress()
    finally:
        # Also when the iterator is closed or Ctrl-C struck: what was done is kept.
        outcomes.close()
        run.record(order.take(everything=True))


class ScanOrder:
    """Results come in as workers finish and go out in scan order."""

    def __init__(self) -> None:
        self.waiting: dict[int, FileResult] = {}
        self.gone: set[int] = set()  # taken before their turn
        self.following = 0

    def put(self, number: int, result: FileResult) -> None:
        """Take in the result of file *number*."""
        self.waiting[number] = result

    def take(self, *, everything: bool) -> list[FileResult]:
        """What may be recorded: all up to the first file that is not done yet, or simply all."""
        ready = []
        while self.following in self.waiting or self.following in self.gone:
            self.gone.discard(self.following)
            if self.following in self.waiting:
                ready.append(self.waiting.pop(self.following))
            self.following += 1
        if everything:
            self.gone.update(self.waiting)
            ready += [self.waiting.pop(number) for number in sorted(self.waiting)]
        return ready


def as_json(value: Any) -> Any:
    """*value* with every path in it as text."""
    if isinstance(value, bytes):
        return os.fsdecode(value)
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner) for inner in value]
    return value


def is_untouched(stamp: FileStamp | None, seen: FoundFile, *, retry: bool) -> bool:
    """Whether the catalog knows the file as it is and needs nothing more of it."""
    if stamp is None or (retry and stamp.outcome != "indexed"):
        return False
    return stamp.present and stamp.complete and stamp.describes(seen.status)


def passed_by_result(seen: PassedBy) -> FileResult:
    """The ledger's entry for a path that can't be an image."""
    stat = FileStat(0, 0, 0, 0, 0) if seen.status is None else FileStat.of(seen.status)
    return FileResult(seen.path, stat, "failed" if seen.failed else "skipped", seen.reason, seen.detail)


def failed_result(outcome: ItemFailed[bytes], seen: FoundFile) -> FileResult:
    """The ledger's entry for a file at which its worker crashed, hung or ran out of memory."""
    return FileResult(outcome.item, FileStat.of(seen.status), "failed", outcome.reason, outcome.detail)
