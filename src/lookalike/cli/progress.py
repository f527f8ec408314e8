"""Long work in the terminal: a bar with rate and time left, or a line now and then where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lookalike.jobs.index_folders import IndexProgress, IndexReport

LINE_EVERY_S = 10.0  # often enough to see life in a log, rare enough to keep it short


def show_progress(events: Generator[IndexProgress | IndexReport], *, quiet: bool) -> IndexReport | None:
    """Drain *events* and return the report; None when Ctrl-C stopped the work, which keeps what was done."""
    try:
        if quiet:
            return drain(events)
        return show_bar(events) if sys.stderr.isatty() else show_lines(events)
    except KeyboardInterrupt:
        events.close()
        click.echo("Stopped. What was done is kept; run it again to go on.", err=True)
        return None


def drain(events: Iterator[IndexProgress | IndexReport]) -> IndexReport | None:
    """Show nothing."""
    from lookalike.jobs.index_folders import IndexReport

    report = None
    for event in events:
        if isinstance(event, IndexReport):
            report = event
    return report


def show_lines(events: Iterator[IndexProgress | IndexReport]) -> IndexReport | None:
    """A line on stderr every few seconds."""
    from lookalike.jobs.index_folders import IndexReport

    spoken_at = time.monotonic()
    report = None
    for event in events:
        if isinstance(event, IndexReport):
            report = event
        elif time.monotonic() - spoken_at >= LINE_EVERY_S:
            spoken_at = time.monotonic()
            click.echo(
                f"{event.done:,} of {event.total:,} files, {event.failed:,} failed, {event.rate:,.0f} a second",
                err=True,
            )
    return report


def show_bar(events: Iterator[IndexProgress | IndexReport]) -> IndexReport | None:
    """A bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from lookalike.jobs.index_folders import IndexReport

    report = None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Looking", total=None, rate="")
        for event in events:
            if isinstance(event, IndexReport):
                report = event
                continue
            progress.update(
                task,
                description="Indexing",
                total=event.total,
                completed=event.done,
                rate=f"{event.rate:,.0f}/s {event.megabytes_per_s:,.0f} MB/s"
                + (f", {event.failed:,} failed" if event.failed else ""),
            )
    return report
