"""``lookalike compare``: every fingerprint's distance between two pictures."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.cli.options import GivenPath, json_option
from lookalike.cli.speaking import echo, print_json, print_table


@click.command(name="compare")
@click.argument("first", type=GivenPath(path_type=Path), metavar="A")
@click.argument("second", type=GivenPath(path_type=Path), metavar="B")
@click.option("--by", metavar="RECIPES", help="Which fingerprints, such as whash,phash:16. [default: every one]")
@json_option
def command(first: Path, second: Path, by: str | None, as_json: bool) -> int:
    """Show every fingerprint's distance between the pictures A and B.

    Distances are bits that differ. Two unrelated pictures differ in about half of a layout fingerprint's bits.
    """
    from lookalike.standalone import compare

    comparison = compare(first, second, by=by)
    if as_json:
        print_json(comparison.as_dict())
        return 0
    from rich.table import Table

    table = Table("fingerprint", "distance", "of", "share", title=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in comparison.rows:
        share = row.distance / row.width_bits
        table.add_row(row.recipe, str(row.distance), str(row.width_bits), f"{share:.0%}")
    print_table(table)
    for name, note in comparison.notes:
        echo(f"{name}: {note}")
    return 0
