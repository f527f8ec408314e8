"""``lookalike sample``: a sheet of random pictures from the catalog."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.cli.options import catalog_option, json_option, open_catalog, open_option, sheet_option, show
from lookalike.cli.speaking import echo, print_json


@click.command(name="sample")
@click.option("-n", "count", type=click.IntRange(min=1), default=81, show_default=True, help="How many pictures.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, other pictures.")
@click.option("--where", metavar="FILTER", help="Only pictures whose attributes fit, such as \"brand = 'Acme'\".")
@sheet_option
@open_option
@catalog_option
@json_option
def command(
    count: int, seed: int, where: str | None, sheet: Path | None, open_it: bool, catalog: Path | None, as_json: bool
) -> int:
    """Pick random pictures from the catalog, and draw them on a sheet where --sheet names one.

    More than one sheet can hold, about a thousand, go on several: sample-1.png, sample-2.png, ...
    """
    if open_it and sheet is None:
        sheet = Path("sample.png")
    with open_catalog(catalog) as opened:
        sample = opened.sample(count, seed=seed, where=where)
        drawn = opened.draw_sample(sample, sheet) if sheet is not None else []
        there = opened.path
    if as_json:
        print_json(
            {
                "seed": seed,
                "count": len(sample),
                "images": [item.as_dict() for item in sample],
                "sheets": [str(path) for path in drawn],
            }
        )
    else:
        for item in sample:
            echo(item.path)
        if not sample:
            echo(f"No pictures: {'none fits the filter' if where else 'the catalog is empty'} ({there}).", err=True)
        for path in drawn:
            echo(f"Wrote {path}", err=True)
    if open_it:
        show(drawn[0])
    return 0
