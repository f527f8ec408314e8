"""``lookalike sample``: a sheet of random pictures from the catalog."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.cli.options import catalog_option, json_option, open_catalog, open_option, print_json, sheet_option, show


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
    """Pick random pictures from the catalog, and draw them on a sheet where --sheet names one."""
    with open_catalog(catalog) as opened:
        sample = opened.sample(count, seed=seed, where=where)
        if open_it and sheet is None:
            sheet = Path("sample.png")
        if sheet is not None:
            opened.draw_sample(sample, sheet)
    if as_json:
        print_json({"seed": seed, "count": len(sample), "images": [item.as_dict() for item in sample]})
    else:
        for item in sample:
            click.echo(item.path)
        if sheet is not None:
            click.echo(f"Wrote {sheet}", err=True)
    if open_it and sheet is not None:
        show(sheet)
    return 0
