"""``lookalike explain``: why two pictures match."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.cli.options import GivenPath, catalog_option, json_option, open_option, sheet_option, show
from lookalike.cli.speaking import echo, print_json, print_table


@click.command(name="explain")
@click.argument("first", type=GivenPath(path_type=Path), metavar="A")
@click.argument("second", type=GivenPath(path_type=Path), metavar="B")
@click.option("--by", metavar="RECIPES", help="Which fingerprints. [default: those of new catalogs]")
@sheet_option
@open_option
@catalog_option
@json_option
def command(
    first: Path, second: Path, by: str | None, sheet: Path | None, open_it: bool, catalog: Path | None, as_json: bool
) -> int:
    """Show why the pictures A and B match: which bits of each fingerprint differ, and what that is worth.

    A is turned or mirrored where it then lies as B. --sheet draws both, their difference and every bit.
    """
    from lookalike.cli.chance_source import weighing
    from lookalike.jobs.draw_explanation import describe_worth, say_share
    from lookalike.standalone import explain

    if open_it and sheet is None:
        sheet = Path(f"{first.stem}-explained.png")
    with weighing(catalog) as (chance, pictures):
        explanation = explain(first, second, by=by, chance=chance, pictures=pictures, sheet=sheet)
    if as_json:
        print_json(explanation.as_dict())
    else:
        from rich.table import Table

        echo(": ".join(filter(None, (explanation.verdict, describe_worth(explanation)))))
        table = Table("fingerprint", "distance", "of", "worth", title=None)
        for column in table.columns[1:3]:
            column.justify = "right"
        for one in explanation.recipes:
            row = one.row
            worth = "" if row.expected_per_million is None else say_share(row.expected_per_million / 1e6)
            table.add_row(row.recipe, str(row.distance), str(row.width_bits), worth)
        print_table(table)
        if sheet is not None:
            echo(f"Wrote {sheet}", err=True)
    if open_it and sheet is not None:
        show(sheet)
    return 0
