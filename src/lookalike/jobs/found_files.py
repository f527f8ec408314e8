"""The files that must be read, found by the scan while earlier ones are being read.

The scan works in short steps, between which the caller can hand out work and take results: nothing waits for its end.
Each step looks up what the catalog knows of the paths it saw, so that a catalog of any size costs the same memory.
"""

from __future__ import annotations

import os
import time
from array import array
from collections import Counter
from collections.abc import Iterator

from lookalike.catalog import FileResult, FileStamp, FileStat, Store
from lookalike.catalog.records import RecordedOutcome
from lookalike.execution import NOT_YET, NotYet
from lookalike.jobs.backlog import Backlog, Entry
from lookalike.jobs.hard_links import HardLinks, Turn
from lookalike.jobs.own_files import is_own_file, real_path
from lookalike.jobs.scan_folders import FoundFile, PassedBy
from lookalike.jobs.scan_order import ScanOrder
from lookalike.model import Recipe

STEP_PATHS = 1_000  # some 8 ms: looking them up together costs half of looking them up one by one
STEP_S = 0.05  # on a slow disk a step ends by time
AHEAD = 8  # the scan runs ahead this many paths for each file handed out, so that the total is soon known
LINKS_WAIT_S = 0.005  # at the end, while names wait for another of their file, which may have to be read themselves
TOUCH_AT_ONCE = 20_000  # as many as `catalog.scans` writes in one transaction


class FoundFiles:
    """An iterator over the paths to be read, to be drawn from by an executor; ``NOT_YET`` while it is looking.

    Attributes:
        found: how many paths the scan has seen. unchanged: of them, how many are as the catalog knows them.
        settled: how many have been passed by, by outcome.
        touched: the numbers of the unchanged files that the catalog was told of; 8 bytes a file.
        kept: how many files below folders that can't be read were taken to be as they were.
        complete: the scan has seen everything.
        order: where results are to be put, under the numbers that `number_of` tells; what is settled goes in by itself.
    """

    def __init__(
        self,
        store: Store,
        scan_id: int,
        scan: Iterator[FoundFile | PassedBy],
        recipes: tuple[Recipe, ...],
        *,
        retry: bool,
        few: bool = False,
    ) -> None:
        self.store = store
        self.scan_id = scan_id
        self.retry = retry
        # Mostly every content has every recipe; then no file needs to be asked for it.
        # Where few files are looked at, asking for them costs less than counting everything.
        self.wanted = () if not few and store.all_complete(recipes) else recipes
        self.own = real_path(store.path)
        self.scan = scan
        self.links = HardLinks()
        self.backlog = Backlog()
        self.order = ScanOrder()
        self.handed_out: dict[bytes, tuple[int, FileStat]] = {}
        self.drawn = 0
        self.ahead = 0
        self.untouched = array("q")
        self.touched = array("q")
        self.found = 0
        self.unchanged = 0
        self.kept = 0
        self.settled: Counter[str] = Counter()
        self.complete = False

    def __iter__(self) -> Iterator[bytes | NotYet]:
        return self

    def __next__(self) -> bytes | NotYet:
        self.ahead += AHEAD
        if not self.complete and (self.ahead >= STEP_PATHS or not self.backlog):
            self.ahead = 0
            self.step()
        if self.links.again:
            number, path, stat = self.links.again.popleft()
            self.handed_out[path] = (number, stat)
            return path
        while self.backlog:
            entry = self.backlog.take()
            number, stat = self.drawn, FileStat(*entry[1:6])
            self.drawn += 1
            if entry.outcome is None:
                turn = self.links.take(number, entry.path, stat)
                if turn is Turn.READ:
                    self.handed_out[entry.path] = (number, stat)
                    return entry.path
                if isinstance(turn, FileResult):
                    self.settled[turn.outcome] += 1
                    self.order.put(number, turn)
                continue
            self.order.put(number, FileResult(entry.path, stat, entry.outcome, entry.reason, entry.detail))
        if self.complete:
            if not self.links.waiting:
                raise StopIteration
            time.sleep(LINKS_WAIT_S)
        return NOT_YET

    def take_back(self, path: bytes) -> tuple[int, FileStat]:
        """The number of a path that was handed out and is done now, and its stat as the scan saw it."""
        return self.handed_out.pop(path)

    def step(self) -> None:
        """Scan a little further."""
        until = time.monotonic() + STEP_S
        seen: list[FoundFile | PassedBy] = []
        for one in self.scan:
            if not (one.path.startswith(self.own) and is_own_file(one.path, self.own)):
                seen.append(one)
            if len(seen) >= STEP_PATHS or time.monotonic() > until:
                break
        else:
            self.complete = True
        self.found += len(seen)
        self.sort_out(seen)
        if self.complete or len(self.untouched) >= TOUCH_AT_ONCE:
            self.touch()

    def sort_out(self, seen: list[FoundFile | PassedBy]) -> None:
        """What is as the catalog knows it is noted as unchanged, everything else joins the backlog."""
        known = self.store.stamps([one.path for one in seen if isinstance(one, FoundFile)], self.wanted)
        for one in seen:
            if isinstance(one, PassedBy):
                self.pass_by(one)
                continue
            stamp = known.get(one.path)
            if stamp is not None and is_untouched(stamp, one.status, retry=self.retry):
                if one.status.st_nlink > 1:
                    self.links.see_unchanged(one.path, one.status, stamp.content_id)
                self.untouched.append(stamp.file_id)
                self.unchanged += 1
            else:
                self.links.see(one.status)
                self.backlog.put(Entry(one.path, *FileStat.of(one.status)))

    def pass_by(self, one: PassedBy) -> None:
        """A path that can't be an image goes to the ledger."""
        stat = FileStat(0, 0, 0, 0, 0) if one.status is None else FileStat.of(one.status)
        outcome: RecordedOutcome = "failed" if one.failed else "skipped"
        self.settled[outcome] += 1
        self.backlog.put(Entry(one.path, *stat, outcome, one.reason, one.detail))
        if one.hides_below:
            kept = self.store.touch_under(self.scan_id, one.path)
            self.found += kept
            self.unchanged += kept
            self.kept += kept

    def touch(self) -> None:
        """Tell the catalog what is unchanged."""
        self.store.touch_files(self.scan_id, self.untouched)
        self.touched.extend(self.untouched)
        self.untouched = array("q")

    def close(self) -> None:
        """Give back what it holds."""
        self.backlog.close()


def is_untouched(stamp: FileStamp, status: os.stat_result, *, retry: bool) -> bool:
    """Whether the catalog knows the file as it is and needs nothing more of it."""
    if retry and stamp.outcome != "indexed":
        return False
    return stamp.present and stamp.complete and stamp.describes(status)
