"""``lookalike index``: fingerprint the pictures of folders into the catalog."""

from __future__ import annotations

import itertools
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.cli.options import GivenPath, catalog_option, json_option, open_catalog
from lookalike.cli.progress import ProgressMode, progress_option, show_progress
from lookalike.cli.scan_options import ask_before_pruning, scan_options
from lookalike.cli.speaking import echo, print_json
from lookalike.errors import PruneRefused

if TYPE_CHECKING:
    from lookalike.assembly import Catalog
    from lookalike.jobs.index_folders import IndexReport
    from lookalike.jobs.scan_rules import ScanRules

EXAMPLES_SHOWN = 5


@click.command(name="index")
@click.argument("folders", nargs=-1, required=True, type=GivenPath(path_type=Path), metavar="FOLDER...")
@click.option(
    "--fingerprints",
    metavar="RECIPES",
    help="Which fingerprints to make, separated by commas, such as whash,phash:16. [default: those in the catalog, "
    "else phash,dhash,whash,colorhash]",
)
@click.option(
    "--attributes",
    type=GivenPath(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A CSV, JSON or Parquet file with a row for each picture.",
)
@click.option("--key", metavar="COLUMN", help="The column of --attributes that names the picture. [default: found]")
@click.option("--workers", type=click.IntRange(min=1), help="Worker processes. [default: one a core]")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds one file may take. [default: 20]",
)
@click.option("--max-pixels", type=click.IntRange(min=1), help="Refuse larger pictures. [default: 200000000]")
@click.option("--retry", is_flag=True, help="Read again what was skipped or failed before, though it has not changed.")
@scan_options
@click.option("--prune", is_flag=True, help="Afterwards remove what is known of files that are gone, for good.")
@click.option("--yes", is_flag=True, help="Don't ask, even if --prune would remove more than a tenth.")
@click.option("--watch", is_flag=True, help="Go on and follow what changes, until Ctrl-C.")
@click.option(
    "--low-priority", is_flag=True, help="Give way to everything else: niceness 19, and the disk only when it is idle."
)
@progress_option
@catalog_option
@json_option
def command(
    folders: tuple[Path, ...],
    fingerprints: str | None,
    attributes: Path | None,
    key: str | None,
    workers: int | None,
    timeout_s: float | None,
    max_pixels: int | None,
    retry: bool,
    rules: ScanRules,
    prune: bool,
    yes: bool,
    watch: bool,
    low_priority: bool,
    progress_mode: ProgressMode | None,
    catalog: Path | None,
    as_json: bool,
) -> int:
    """Fingerprint the pictures of FOLDER... into the catalog.

    Files that have not changed are not read again, moved ones not decoded again. Every path ends in the ledger, with
    the reason where it could not be used. Ctrl-C stops at once and keeps what was done; Ctrl-Z pauses.
    """
    from lookalike.cli.watching import tell_changes
    from lookalike.jobs.index_folders import IndexReport

    if watch and (prune or attributes is not None):
        raise click.UsageError("--watch goes with neither --prune nor --attributes: run index with these first")
    if watch and progress_mode == "bar":
        raise click.UsageError("--watch has no end that a bar could show: --progress lines, json or none go with it")
    refuse_alone("--key names a column of", "--attributes", key is not None, attributes is not None)
    refuse_alone("--yes answers the question of", "--prune", yes, prune)
    if low_priority:
        from lookalike.execution import lower_priority

        lower_priority()  # the workers inherit it

    with open_catalog(catalog, create=True, workers=workers, timeout_s=timeout_s, max_pixels=max_pixels) as opened:
        if watch:
            changes = opened.watch_events(folders, fingerprints=fingerprints, retry=retry, rules=rules)
            return tell_changes(changes, as_json=as_json, mode=progress_mode)
        events = opened.index_events(
            folders, fingerprints=fingerprints, attributes=attributes, key=key, retry=retry, rules=rules
        )
        report = show_progress(events, quiet=as_json, mode=progress_mode)
        if not isinstance(report, IndexReport):
            return 130
        if not as_json:
            describe(report, opened.path)
            name_failures(opened, report)
        try:
            pruned = opened.prune(folders, force=yes, confirm=ask_before_pruning) if prune else None
        except PruneRefused:
            if as_json:
                print_json({**report.as_dict(), "pruned": None})
            raise
        if as_json:
            print_json({**report.as_dict(), "pruned": None if pruned is None else asdict(pruned)})
        elif pruned is not None:
            echo(
                f"Removed for good: {pruned.files:,} files that are gone, {pruned.contents:,} pictures only they held."
            )
    return 1 if report.failed else 0


def refuse_alone(what: str, needed: str, came: bool, needed_came: bool) -> None:
    """An option that says something of another one, *needed*, is wrong use without it."""
    if came and not needed_came:
        raise click.UsageError(f"{what} {needed}; it came without it")


def name_failures(opened: Catalog, report: IndexReport) -> None:
    """The first files that failed, and why, and where all of them are told."""
    if not report.failed:
        return
    failures = opened.store.ledger("failed", scan_id=opened.store.last_scan())
    for entry in itertools.islice(failures, EXAMPLES_SHOWN):
        echo(f"  {os.fsdecode(entry.path)}: {entry.detail}")
    echo("All of them: lookalike ledger --outcome failed")


def describe(report: IndexReport, catalog: Path) -> None:
    """What happened, for people."""
    rate = report.files / report.seconds if report.seconds else 0.0
    echo(f"{report.files:,} files in {report.seconds:.1f} s ({rate:,.0f} a second) into {catalog}")
    for outcome in ("indexed", "unchanged", "duplicate", "skipped", "failed", "vanished"):
        count = getattr(report, outcome)
        if count:
            click.echo(f"  {count:>9,}  {outcome}")
    for root in report.kept_roots:
        echo(f"  {root} could not be read, or its disk is not there; what was known of it is kept")
    for reason, count in report.reasons.items():
        click.echo(f"  {count:>9,}  {reason}")
    joined = report.attributes
    if joined is not None:
        click.echo(f"Attributes: {joined.matched:,} of {joined.rows:,} rows joined on column {joined.key_column!r}.")
        if joined.unmatched_rows:
            examples = ", ".join(f"line {row.line} ({row.key})" for row in joined.unmatched_rows[:EXAMPLES_SHOWN])
            echo(f"  {len(joined.unmatched_rows):,} rows name no picture: {examples}")
        if joined.ambiguous:
            click.echo(f"  {len(joined.ambiguous):,} rows fit several pictures and were applied to all of them")
        if joined.replaced:
            click.echo(f"  {len(joined.replaced):,} rows were replaced by later ones for the same picture")
        if joined.images_without_row:
            examples = ", ".join(os.fsdecode(path) for path in joined.examples_without_row[:EXAMPLES_SHOWN])
            echo(f"  {joined.images_without_row:,} pictures have no row: {examples}")
