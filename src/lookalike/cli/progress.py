"""Long work in the terminal: a bar with rate and time left, or a line now and then where there is no terminal."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, get_args

import click

if TYPE_CHECKING:
    from lookalike.jobs.index_folders import IndexProgress, IndexReport

LINE_EVERY_S = 10.0  # often enough to see life in a log, rare enough to keep it short
JSON_EVERY_S = 0.5  # for programs that show it to people

ProgressMode = Literal["auto", "bar", "lines", "json", "none"]
PROGRESS_MODES: tuple[ProgressMode, ...] = get_args(ProgressMode)

progress_option = click.option(
    "--progress",
    "progress_mode",
    type=click.Choice(PROGRESS_MODES),
    default=None,
    help="How progress is shown on stderr: a bar, a line now and then, a JSON object a line "
    '({"event": "progress", "done": ..., "total": ..., "rate": ..., "seconds_left": ...}), or not at all. '
    "[default: bar on a terminal, else lines; none with --json]",
)


def show_progress(
    events: Generator[IndexProgress | IndexReport], *, quiet: bool, mode: ProgressMode | None = None
) -> IndexReport | None:
    """Drain *events* and return the report; None when Ctrl-C stopped the work, which keeps what was done.

    *mode* is as `progress_option` gives it; where it names none, *quiet* means that nothing is shown.
    """
    if mode is None:
        mode = "none" if quiet else "auto"
    if mode == "auto":
        mode = "bar" if sys.stderr.isatty() else "lines"
    show = {"bar": show_bar, "lines": show_lines, "json": show_json_lines, "none": drain}[mode]
    try:
        return show(events)
    except KeyboardInterrupt:
        events.close()
        click.echo("Stopped. What was done is kept; run it again to go on.", err=True)
        return None


def show_json_lines(events: Iterator[IndexProgress | IndexReport]) -> IndexReport | None:
    """A JSON object a line on stderr."""
    from lookalike.jobs.index_folders import IndexReport

    report, spoken_at = None, float("-inf")
    for event in events:
        if isinstance(event, IndexReport):
            report = event
        elif time.monotonic() - spoken_at >= JSON_EVERY_S:
            spoken_at = time.monotonic()
            click.echo(json.dumps(event.as_dict()), err=True)
    return report


def drain(events: Iterator[IndexProgress | IndexReport]) -> IndexReport | None:
    """Show nothing."""
    from lookalike.jobs.index_folders import IndexReport

    report = None
    for event in events:
        if isinstance(event, IndexReport):
            report = event
    return report


def describe_progress(event: IndexProgress) -> str:
    """One line about it."""
    told = f"{event.done:,} of {event.total:,} files" + ("" if event.scan_done else " found so far")
    if event.unchanged:
        told += f", {event.unchanged:,} unchanged"
    if event.failed:
        told += f", {event.failed:,} failed"
    told += f", {event.rate:,.0f} a second, {event.megabytes_per_s:,.0f} MB/s"
    return told + ("" if event.seconds_left is None else f", {event.seconds_left:,.0f} s left")


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
            click.echo(describe_progress(event), err=True)
    return report


def show_bar(events: Iterator[IndexProgress | IndexReport]) -> IndexReport | None:
    """A bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from lookalike.jobs.index_folders import IndexReport

    report = None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Looking", total=None, rate="", left="")
        for event in events:
            if isinstance(event, IndexReport):
                report = event
                continue
            progress.update(
                task,
                description="Indexing",
                total=event.total if event.scan_done else None,
                completed=event.done,
                left="" if event.seconds_left is None else f"{timedelta(seconds=round(event.seconds_left))} left",
                rate=f"{event.rate:,.0f}/s {event.megabytes_per_s:,.0f} MB/s"
                + (f", {event.failed:,} failed" if event.failed else ""),
            )
    return report
