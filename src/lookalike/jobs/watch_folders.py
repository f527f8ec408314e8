"""Follow folders: keep the catalog true while files come, change, move and go.

There is no second way to index: each batch of changes is an indexing run over the paths concerned, and where that
isn't known, or they are many, over everything.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass

from lookalike.errors import CatalogLocked
from lookalike.jobs.index_folders import IndexProgress, IndexReport
from lookalike.jobs.pending_changes import PendingChanges
from lookalike.watching import Watcher

LOOK_EVERY_S = 0.1  # how soon a stop is seen, and what has settled
# Should an announcement ever be lost (the system's queue is finite), the catalog is wrong for this long at most.
EVERYTHING_EVERY_S = 600.0
IDLE_AFTER_S = 300.0  # worker processes are kept warm between changes, and given back when there are none for long

IndexPlaces = Callable[[Sequence[bytes] | None], Generator[IndexProgress | IndexReport]]
"""Indexes some paths below the roots, or everything (None)."""


@dataclass(frozen=True, slots=True)
class WatchNotice:
    """Something that whoever watches should know."""

    words: str


def watch_folders(
    index: IndexPlaces,
    watcher: Watcher,
    *,
    is_own: Callable[[bytes], bool],
    stop: threading.Event,
    rest: Callable[[], None] = lambda: None,
) -> Generator[IndexProgress | IndexReport | WatchNotice]:
    """Index everything, then whatever *watcher* tells of, until *stop* is set or the iterator is closed.

    Yields the events of each run. The first report comes when everything has been looked at; later ones only where
    something was found to have changed.

    Args:
        index: how paths are indexed.
        watcher: watching already, so that nothing is lost between the first look and the following.
        is_own: whether a path is the catalog's own.
        stop: ends it within a second, a run that is under way at the next progress.
        rest: called when nothing has happened for minutes.
    """
    pending = PendingChanges(is_own)
    kept_roots = yield from run(index(None), stop, None)
    looked_at_everything = busy_at = time.monotonic()
    while not stop.is_set():
        changes = watcher.wait(LOOK_EVERY_S)
        now = time.monotonic()
        if changes.notice:
            yield WatchNotice(changes.notice)
        overdue = now - looked_at_everything > EVERYTHING_EVERY_S
        pending.add(changes.paths, now, everything=changes.everything or overdue)
        places = pending.take(now) if pending else []
        if places == []:
            if now - busy_at > IDLE_AFTER_S:
                rest()
                busy_at = now
            continue
        try:
            kept_roots = yield from run(index(places), stop, kept_roots)
        except CatalogLocked as error:
            yield WatchNotice(f"{error}; it is tried again")
            pending.add(places or [], now, everything=places is None)
        busy_at = time.monotonic()
        if places is None:
            looked_at_everything = busy_at


def run(
    events: Generator[IndexProgress | IndexReport], stop: threading.Event, kept_before: Collection[str] | None
) -> Generator[IndexProgress | IndexReport, None, Collection[str] | None]:
    """The events of one run, until *stop*; the report only where something changed, or where none came before.

    *kept_before* are the ``kept_roots`` of the last report, None where there was none; returned are those of this one,
    or the same again where it came to no report.
    """
    try:
        for event in events:
            if not isinstance(event, IndexReport):
                yield event
            else:
                if kept_before is None or changed(event, kept_before):
                    yield event
                kept_before = event.kept_roots
            if stop.is_set():
                break
    finally:
        events.close()
    return kept_before


def changed(report: IndexReport, kept_before: Collection[str]) -> bool:
    """Whether the run found anything that wasn't known: also that a folder went, or is back."""
    counts = report.indexed, report.duplicate, report.vanished, report.skipped, report.failed
    return any(counts) or set(report.kept_roots) != set(kept_before)
