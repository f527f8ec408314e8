"""``lookalike index --watch`` in the terminal: a line for each batch of changes, until Ctrl-C."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Collection, Generator
from types import FrameType
from typing import TYPE_CHECKING

import click

from lookalike.cli.progress import JSON_EVERY_S, LINE_EVERY_S, ProgressMode, describe_progress
from lookalike.cli.speaking import echo

if TYPE_CHECKING:
    from lookalike.jobs.index_folders import IndexProgress, IndexReport
    from lookalike.jobs.watch_folders import WatchNotice

TOLD = ("indexed", "duplicate", "skipped", "failed", "vanished", "moved")


def tell_changes(
    events: Generator[IndexProgress | IndexReport | WatchNotice], *, as_json: bool, mode: ProgressMode | None = None
) -> int:
    """Tell every report until Ctrl-C or SIGTERM; the exit code.

    *mode* says how progress is shown on stderr, as `progress_option` gives it; a bar is shown as lines.
    """
    from lookalike.jobs.index_folders import IndexReport
    from lookalike.jobs.watch_folders import WatchNotice

    former = signal.signal(signal.SIGTERM, interrupt)  # how services are told to stop
    total: Counter[str] = Counter()
    kept: Collection[str] | None = None
    if mode is None:
        mode = "none" if as_json else "auto"
    every_s = {"none": float("inf"), "json": JSON_EVERY_S}.get(mode, LINE_EVERY_S)
    spoken_at = float("-inf") if mode == "json" else time.monotonic()
    try:
        for event in events:
            if isinstance(event, IndexReport):
                total.update({name: getattr(event, name) for name in TOLD})
                tell_report(event, kept, as_json=as_json)
                kept = event.kept_roots
            elif isinstance(event, WatchNotice):
                notice = json.dumps({"event": "notice", "words": event.words})
                echo(notice if mode == "json" else f"lookalike: {event.words}", err=True)
            elif time.monotonic() - spoken_at >= every_s:
                spoken_at = time.monotonic()
                echo(json.dumps(event.as_dict()) if mode == "json" else describe_progress(event), err=True)
    except KeyboardInterrupt:
        pass  # the way to end it
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not cut short what is put away now
        events.close()
        signal.signal(signal.SIGTERM, former)
    if not as_json:
        echo(f"Stopped watching. In all: {describe_counts(total)}.")
    return 0


def tell_report(report: IndexReport, kept_before: Collection[str] | None, *, as_json: bool) -> None:
    """One line, and one for each folder that went or is back; with *as_json* the report's JSON on one.

    *kept_before* are the ``kept_roots`` of the last report, None before the first.
    """
    if as_json:
        click.echo(json.dumps(report.as_dict()))
        return
    counts = describe_counts(Counter({name: getattr(report, name) for name in TOLD}))
    stamp = time.strftime("%H:%M:%S")
    if kept_before is None:
        echo(f"{stamp} {report.files:,} files: {counts}. Watching; Ctrl-C ends it.")
    else:
        echo(f"{stamp} {counts}")
    for root in report.kept_roots:
        if root not in (kept_before or ()):
            echo(f"  {root} could not be read, or its disk is not there; what was known of it is kept")
    for root in kept_before or ():
        if root not in report.kept_roots:
            echo(f"  {root} is there again")


def describe_counts(counts: Counter[str]) -> str:
    """Such as ``2 indexed, 1 vanished``."""
    return ", ".join(f"{counts[name]:,} {name}" for name in TOLD if counts[name]) or "no changes"


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends it as Ctrl-C does."""
    raise KeyboardInterrupt
