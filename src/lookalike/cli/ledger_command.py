"""``lookalike ledger``: what happened to every path."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike.cli.options import GivenPath, catalog_option, open_catalog
from lookalike.cli.speaking import echo

if TYPE_CHECKING:
    from lookalike.catalog import LedgerEntry, Outcome, Store


@click.command(name="ledger")
@click.option(
    "--outcome",
    "outcomes",
    metavar="WORDS",
    help="Only these, separated by commas: indexed, unchanged, duplicate, skipped, failed, vanished.",
)
@click.option("--reason", "reasons", metavar="WORDS", help="Only these reasons, separated by commas, such as cut-off.")
@click.option(
    "--under",
    type=GivenPath(path_type=Path),
    metavar="FOLDER",
    help="Only what lies in this folder, or this one path.",
)
@click.option(
    "--scan",
    metavar="N|last",
    help="Only paths whose latest word is from this scan: it was the last to see them, or found them gone.",
)
@click.option("--csv", "csv_file", type=GivenPath(dir_okay=False, path_type=Path), metavar="FILE", help="Write a CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else, an entry on each line.")
@catalog_option
def command(
    outcomes: str | None,
    reasons: str | None,
    under: Path | None,
    scan: str | None,
    csv_file: Path | None,
    as_json: bool,
    catalog: Path | None,
) -> int:
    """Show what happened to every path that a scan ever saw, with the reason where it could not be used.

    Each path stands here once, with its latest outcome. The counts by outcome and reason come at the end.
    """
    with open_catalog(catalog) as opened:
        entries = opened.store.ledger(
            chosen_outcomes(outcomes),
            split_words(reasons),
            under=None if under is None else os.path.realpath(under),
            scan_id=chosen_scan(opened.store, scan),
        )
        tally = Tally()
        counted = tally.counting(entries)
        if csv_file is not None:
            write_csv(counted, csv_file)
        if as_json:
            print_entries(counted, tally)
            return 0
        if csv_file is None:
            for entry in counted:
                told = entry.reason or ("" if entry.duplicate_of is None else f"of {os.fsdecode(entry.duplicate_of)}")
                detail = f": {entry.detail}" if entry.detail else ""
                echo(f"{entry.outcome:<9} {os.fsdecode(entry.path)}{f' ({told})' if told else ''}{detail}")
        tally.show()
    return 0


class Tally:
    """Counts entries as they pass."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    def counting(self, entries: Iterator[LedgerEntry]) -> Iterator[LedgerEntry]:
        """*entries*, counted."""
        for entry in entries:
            self.outcomes[entry.outcome] += 1
            if entry.reason is not None and entry.outcome != "vanished":
                self.reasons[entry.reason] += 1
            yield entry

    def show(self) -> None:
        """For people, on stderr: what is on stdout is one line for each path."""
        echo(f"{self.outcomes.total():,} paths", err=True)
        for outcome, count in sorted(self.outcomes.items(), key=by_count):
            echo(f"  {count:>9,}  {outcome}", err=True)
        if self.reasons:
            echo("reasons:", err=True)
        for reason, count in sorted(self.reasons.items(), key=by_count):
            echo(f"  {count:>9,}  {reason}", err=True)

    def as_dict(self) -> dict[str, dict[str, int]]:
        """For programs, every outcome named."""
        from lookalike.catalog import OUTCOMES

        return {
            "outcomes": {outcome: self.outcomes[outcome] for outcome in OUTCOMES},
            "reasons": dict(sorted(self.reasons.items(), key=by_count)),
        }


def by_count(pair: tuple[str, int]) -> tuple[int, str]:
    """Sorts the most frequent first."""
    return -pair[1], pair[0]


def as_json_entry(entry: LedgerEntry) -> dict[str, Any]:
    """The documented shape; bytes of names that aren't UTF-8 are lone surrogates in it."""
    values = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return {name: os.fsdecode(value) if isinstance(value, bytes) else value for name, value in values.items()}


def print_entries(entries: Iterator[LedgerEntry], tally: Tally) -> None:
    """One JSON object, written as it is read, so that a million entries need no memory."""
    click.echo('{"entries": [', nl=False)
    separator = "\n"
    for entry in entries:
        click.echo(f"{separator}{json.dumps(as_json_entry(entry))}", nl=False)
        separator = ",\n"
    click.echo(f"\n], {json.dumps(tally.as_dict())[1:]}")


def write_csv(entries: Iterator[LedgerEntry], file: Path) -> None:
    """A header and a row for each entry; names that aren't UTF-8 come out as the bytes that they are."""
    with file.open("w", encoding="utf-8", errors="surrogateescape", newline="") as opened:
        writer: Any = None
        for entry in entries:
            row = as_json_entry(entry)
            if writer is None:
                writer = csv.DictWriter(opened, list(row))
                writer.writeheader()
            writer.writerow(row)
        if writer is None:
            from lookalike.catalog import LedgerEntry

            csv.writer(opened).writerow([field.name for field in fields(LedgerEntry)])


def split_words(text: str | None) -> tuple[str, ...] | None:
    """Words between commas, None where the option wasn't given."""
    if text is None:
        return None
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if not words:
        raise click.BadParameter(f"{text!r} names nothing; leave the option out to see everything")
    return words


def chosen_outcomes(text: str | None) -> tuple[Outcome, ...] | None:
    """The outcomes that were named."""
    from lookalike.catalog import OUTCOMES

    words = split_words(text)
    if words is None:
        return None
    for word in words:
        if word not in OUTCOMES:
            raise click.BadParameter(
                f"{word!r} is no outcome; there are: {', '.join(OUTCOMES)}", param_hint="--outcome"
            )
    return tuple(outcome for outcome in OUTCOMES if outcome in words)


def chosen_scan(store: Store, text: str | None) -> int | None:
    """The scan's number."""
    if text is None:
        return None
    if text == "last":
        return store.last_scan()
    if not text.isdecimal() or int(text) == 0:
        raise click.BadParameter(f"{text!r} came; expected the number of a scan, or: last", param_hint="--scan")
    return min(int(text), 2**63 - 1)  # what SQLite can hold; no scan has that number
