"""``lookalike compare``: every fingerprint's distance between two pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.cli.chance_source import SOURCES, weighing
from lookalike.cli.options import GivenPath, catalog_option, json_option
from lookalike.cli.speaking import echo, print_json, print_table

if TYPE_CHECKING:
    from lookalike.jobs.compare_images import ComparedRecipe


@click.command(name="compare")
@click.argument("first", type=GivenPath(path_type=Path), metavar="A")
@click.argument("second", type=GivenPath(path_type=Path), metavar="B")
@click.option("--by", metavar="RECIPES", help="Which fingerprints, such as whash,phash:16. [default: every one]")
@catalog_option
@json_option
def command(first: Path, second: Path, by: str | None, catalog: Path | None, as_json: bool) -> int:
    """Show every fingerprint's distance between the pictures A and B, and what it is worth.

    Distances are bits that differ. Two unrelated pictures differ in about half of a layout fingerprint's bits. The last
    column says how many of a million unrelated pictures are expected to be as near by chance: as measured in the
    catalog where there is one, else by numbers from other pictures.
    """
    from lookalike.standalone import compare

    with weighing(catalog) as (chance, _):
        comparison = compare(first, second, by=by, chance=chance)
    if as_json:
        print_json(comparison.as_dict())
        return 0
    from rich.table import Table

    table = Table("fingerprint", "distance", "of", "share", "of a million by chance", title=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in comparison.rows:
        share = row.distance / row.width_bits
        table.add_row(row.recipe, str(row.distance), str(row.width_bits), f"{share:.0%}", say_per_million(row))
    print_table(table)
    sources = {row.source for row in comparison.rows if row.source}
    if sources:
        echo("Chance as measured in " + " and ".join(SOURCES[source] for source in sorted(sources)) + ".")
    for name, note in comparison.notes:
        echo(f"{name}: {note}")
    return 0


def say_per_million(row: ComparedRecipe) -> str:
    """``0.4``, ``12``, ``30,000``; nothing where it isn't known."""
    expected = row.expected_per_million
    if expected is None:
        return ""
    if expected < 0.001:
        return "less than 0.001"
    if expected < 100:
        return f"{float(f'{expected:.2g}'):,g}"
    return f"{round(expected, 1 - len(str(int(expected)))):,.0f}"
