"""An evaluation in the terminal: a bar a stage, or a line now and then, as for indexing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import click

from lookalike.cli.progress import JSON_EVERY_S, LINE_EVERY_S, ProgressMode

if TYPE_CHECKING:
    from lookalike.evaluation.measure_recall import EvaluationProgress

Report = TypeVar("Report")


def show_evaluation(
    events: Generator[EvaluationProgress | Report], *, quiet: bool, mode: ProgressMode | None = None
) -> Report | None:
    """Drain *events* and return the report; None when Ctrl-C stopped the work, of which nothing is left then."""
    if mode is None:
        mode = "none" if quiet else "auto"
    if mode == "auto":
        mode = "bar" if sys.stderr.isatty() else "lines"
    try:
        return show_bar(events) if mode == "bar" else show_lines(events, mode)
    except KeyboardInterrupt:
        events.close()
        click.echo("Stopped.", err=True)
        return None


def show_lines(events: Generator[EvaluationProgress | Report], mode: ProgressMode) -> Report | None:
    """A line or a JSON object on stderr now and then; nothing in mode ``none``."""
    from lookalike.evaluation.measure_recall import EvaluationProgress

    every_s = JSON_EVERY_S if mode == "json" else LINE_EVERY_S
    report, spoken_at = None, float("-inf") if mode == "json" else time.monotonic()
    for event in events:
        if not isinstance(event, EvaluationProgress):
            report = event
        elif mode != "none" and time.monotonic() - spoken_at >= every_s:
            spoken_at = time.monotonic()
            left = "" if event.seconds_left is None else f", {event.seconds_left:,.0f} s left"
            line = f"{event.stage}, {event.done:,} of {event.total:,}{left}"
            click.echo(json.dumps(event.as_dict()) if mode == "json" else line, err=True)
    return report


def show_bar(events: Generator[EvaluationProgress | Report]) -> Report | None:
    """A bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from lookalike.evaluation.measure_recall import EvaluationProgress

    report = None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Looking", total=None, left="")
        for event in events:
            if not isinstance(event, EvaluationProgress):
                report = event
                continue
            left = "" if event.seconds_left is None else f"{timedelta(seconds=round(event.seconds_left))} left"
            progress.update(
                task, description=event.stage.capitalize(), total=event.total, completed=event.done, left=left
            )
    return report
