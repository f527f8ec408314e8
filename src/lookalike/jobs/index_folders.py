"""Bring a catalog up to date with some folders: scan, fingerprint what is new, record every path's outcome.

Scanning, reading and recording overlap: the executor draws paths from the scan as its workers have room, and what they
found is committed several times a second. Results are recorded in the order of the scan, so that a cold run over the
same tree always gives the same catalog; only a file that holds everybody up for seconds is overtaken.
"""

from __future__ import annotations

import os
import time
from array import array
from collections import Counter
from collections.abc import Generator, Sequence

from lookalike.catalog import AttributeReport, AttributeTable, FileResult, Outcome, Store, VanishReport
from lookalike.errors import ImageChanging, NotInCatalog
from lookalike.execution import Control, Executor, ItemDone, ItemFailed
from lookalike.images import Limits
from lookalike.jobs.fingerprint_file import FingerprintFile
from lookalike.jobs.found_files import FoundFiles
from lookalike.jobs.index_files import remove_unused_index_files
from lookalike.jobs.index_progress import IndexProgress, IndexReport, Pace
from lookalike.jobs.scan_folders import scan_folders
from lookalike.jobs.scan_rules import ScanRules
from lookalike.model import Recipe

__all__ = ["IndexProgress", "IndexReport", "index_folders"]

COMMIT_FILES = 500  # some 10 ms: workers have work for ten times as long ...
COMMIT_EVERY_S = 1.0  # ... and a kill loses at most this much recorded work ...
OVERTAKE_AFTER_S = 3.0  # ... and what waits for a slow earlier file: together under the promised 5 s
PROGRESS_EVERY_S = 0.1  # as often as an eye or a page needs it


class Run:
    """The state of one indexing run."""

    def __init__(self, store: Store, scan_id: int, files: FoundFiles, places: Sequence[bytes] | None = None) -> None:
        self.store = store
        self.scan_id = scan_id
        self.files = files
        self.places = places
        self.outcomes: Counter[str] = Counter()
        self.recorded = array("q")  # numbers of the files that were read or passed by: 8 bytes each
        self.pace = Pace()
        self.started = self.recorded_at = self.shown_at = time.monotonic()

    def take_in(self, outcome: ItemDone[bytes, FileResult] | ItemFailed[bytes]) -> None:
        """A file is done."""
        number, stat = self.files.take_back(outcome.item)
        if isinstance(outcome, ItemDone):
            result = outcome.value
        else:  # it crashed its worker, hung or ran out of memory; it isn't tried again until its stat changes
            result = FileResult(outcome.item, stat, "failed", outcome.reason, outcome.detail)
        self.pace.count(result.stat.size)
        for place, one in [(number, result), *self.files.links.finish(result, stat)]:
            self.outcomes[one.outcome] += 1
            self.files.order.put(place, one)

    def record_what_is_due(self) -> None:
        """Commit what is ready, if that is much or long ago."""
        order = self.files.order
        waited_s = time.monotonic() - self.recorded_at
        if len(order.ready) >= COMMIT_FILES or waited_s >= COMMIT_EVERY_S:
            results = order.take(everything=waited_s >= OVERTAKE_AFTER_S)
            if results:
                self.record(results)
                self.recorded_at = time.monotonic()
            elif not order.waiting:
                self.recorded_at = time.monotonic()  # nothing waits for anybody

    def record_everything(self) -> None:
        """Commit all that is done."""
        self.record(self.files.order.take(everything=True))

    def record(self, results: Sequence[FileResult]) -> None:
        """Commit *results*. What a worker knew by its content, which another process has pruned since, isn't lost: it
        fails, and the next run reads it.
        """
        try:
            self.recorded.extend(self.store.record(self.scan_id, results))
        except NotInCatalog:
            gone = self.store.unknown_contents(one.content_id for one in results if one.content_id is not None)
            kept = [pruned_meanwhile(one) if one.content_id in gone else one for one in results]
            self.recorded.extend(self.store.record(self.scan_id, kept))

    def progress(self) -> IndexProgress:
        """How far it is now."""
        files = self.files
        rate, megabytes_per_s = self.pace.now()
        done = self.outcomes.total() + files.unchanged + files.settled.total()
        known = files.complete and rate > 0
        return IndexProgress(
            done=done,
            total=files.found,
            unchanged=files.unchanged,
            skipped=self.outcomes["skipped"] + files.settled["skipped"],
            failed=self.outcomes["failed"] + files.settled["failed"],
            rate=rate,
            megabytes_per_s=megabytes_per_s,
            scan_done=files.complete,
            seconds_left=(files.found - done) / rate if known else None,
        )

    def count(self) -> tuple[dict[Outcome, int], dict[str, int]]:
        """Outcomes and reasons of all that it saw."""
        counts = self.store.scan_counts(self.scan_id, self.places)
        seen = len(self.recorded) + len(self.files.touched) + self.files.kept
        if self.store.last_scan() == self.scan_id or sum(counts.values()) - counts["vanished"] >= seen:
            return counts, self.store.reason_counts(self.scan_id, self.places)
        # Another run over the same folders was begun later, and the catalog knows of each file only who saw it last.
        counts, reasons = self.store.tally(self.recorded, self.files.touched)
        counts["unchanged"] += self.files.kept
        return counts, reasons

    def report(self, vanished: VanishReport, joined: AttributeReport | None, *, stopped: bool) -> IndexReport:
        """What it did."""
        counts, reasons = self.count()
        return IndexReport(
            files=sum(counts.values()) - counts["vanished"],
            indexed=counts["indexed"],
            unchanged=counts["unchanged"],
            duplicate=counts["duplicate"],
            skipped=counts["skipped"],
            failed=counts["failed"],
            vanished=vanished.vanished,
            moved=vanished.moved,
            seconds=round(time.monotonic() - self.started, 3),
            reasons=reasons,
            attributes=joined,
            kept_roots=tuple(os.fsdecode(root) for root in vanished.kept_roots),
            stopped=stopped,
        )


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
    rules: ScanRules | None = None,
    places: Sequence[bytes] | None = None,
    control: Control | None = None,
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
        rules: what is left out; `ScanRules`' defaults where None.
        places: look only at these paths, none inside another, which lie at or below *roots*; None for everything.
        control: pauses, resumes or stops the run from another thread. A stopped run yields its report too.
    """
    control = control or Control()
    scan = scan_folders(roots, (rules or ScanRules()).compile(), places)
    scan_id = store.begin_scan(roots)
    files = FoundFiles(store, scan_id, scan, tuple(recipes), retry=retry, few=places is not None)
    run = Run(store, scan_id, files, places)
    yield from read_files(run, executor, FingerprintFile(tuple(recipes), limits, store.path), control)
    if control.stopped:
        yield run.report(VanishReport(0, 0, ()), None, stopped=True)
        return
    yield run.progress()
    vanished = store.mark_vanished(scan_id, roots, places)
    joined = store.apply_attributes(attributes, key=key) if attributes is not None else None
    remove_unused_index_files(store)
    yield run.report(vanished, joined, stopped=False)


def pruned_meanwhile(result: FileResult) -> FileResult:
    """The entry of a file whose content was taken out of the catalog between being looked up and being recorded."""
    detail = "what is known of its content was pruned while it was read; the next run reads it again"
    return FileResult(result.path, result.stat, "failed", ImageChanging.reason, detail)


def read_files(run: Run, executor: Executor, function: FingerprintFile, control: Control) -> Generator[IndexProgress]:
    """Fingerprint the found files in workers while the scan goes on, and record the results in its order."""
    outcomes = executor.map_batches(function, run.files, control=control)
    try:
        for outcome in outcomes:
            if isinstance(outcome, ItemDone | ItemFailed):
                run.take_in(outcome)
            run.record_what_is_due()
            if time.monotonic() - run.shown_at >= PROGRESS_EVERY_S:
                run.shown_at = time.monotonic()
                yield run.progress()
    finally:
        # Also when the iterator is closed or Ctrl-C struck: what was done is kept.
        outcomes.close()
        run.record_everything()
        run.files.close()
