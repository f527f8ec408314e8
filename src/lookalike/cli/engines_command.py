"""``lookalike engines``: which search engines there are, and what each is worth on one's own pictures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike.cli.options import catalog_option, json_option, open_catalog
from lookalike.cli.speaking import print_json

if TYPE_CHECKING:
    from lookalike.assembly import Catalog
    from lookalike.jobs.bench_engines import EngineFigures
    from lookalike.jobs.list_engines import EngineEntry

COLUMNS = "{:<12} {:>10} {:>9} {:>10} {:>9} {:>7}  {}"


@click.command(name="engines")
@click.option("--bench", is_flag=True, help="Measure them on the catalog's own fingerprints.")
@click.option("--by", metavar="RECIPE", help="Whose fingerprints. [default: the catalog's first]")
@click.option(
    "--engine",
    "names",
    multiple=True,
    metavar="NAME",
    help="Measure only this one; may be given several times. [default: all but reference]",
)
@click.option("-k", "k", type=click.IntRange(min=1), default=9, show_default=True, help="How many neighbours to ask.")
@click.option("--rows", type=click.IntRange(min=1), default=100_000, show_default=True, help="Fingerprints at most.")
@click.option("--queries", type=click.IntRange(min=1), default=200, show_default=True, help="Queries at most.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=20.0,
    show_default=True,
    help="Time for one engine; one that would take longer to build is left out.",
)
@catalog_option
@json_option
def command(
    bench: bool,
    by: str | None,
    names: tuple[str, ...],
    k: int,
    rows: int,
    queries: int,
    seconds: float,
    catalog: Path | None,
    as_json: bool,
) -> int:
    """List the search engines, and with --bench measure them.

    The queries are fingerprints of the catalog that the engines don't hold. Recall is the share of the true nearest
    that were found; it is measured for exact engines too.
    """
    from lookalike.standalone import list_engines

    if not bench:
        show_list(list_engines(), as_json=as_json)
        return 0
    from lookalike.jobs.bench_engines import BenchLimits

    limits = BenchLimits(k, rows, queries, seconds)
    with open_catalog(catalog) as opened:
        show_figures(opened, by, names, limits, as_json=as_json)
    return 0


def show_list(entries: Iterable[EngineEntry], *, as_json: bool) -> None:
    """A line an engine."""
    if as_json:
        print_json({"engines": [entry.as_dict() for entry in entries]})
        return
    for entry in entries:
        kind = "exact" if entry.exact else "approximate"
        click.echo(f"{entry.name:<12} {kind:<12} {entry.install or 'installed'}")


def show_figures(opened: Catalog, by: str | None, names: tuple[str, ...], limits: Any, *, as_json: bool) -> None:
    """A row of the table as soon as an engine is done, or all of it as one JSON object."""
    recipe, figures = opened.bench_engines(by=by, engines=names or None, limits=limits)
    if as_json:
        done = [row.as_dict() for row in figures]
        print_json({"by": str(recipe), "width_bits": recipe.width_bits, "k": limits.k, "engines": done})
        return
    click.echo(f"{recipe}, {recipe.width_bits} bits, the {limits.k} nearest, one query at a time, one thread")
    click.echo(COLUMNS.format("engine", "build ms", "MB", "median ms", "p99 ms", "recall", ""))
    rows = 0
    for row in figures:
        click.echo(describe(row))
        rows = row.rows
    click.echo(f"over {rows:,} fingerprints of this catalog", err=True)


def describe(row: EngineFigures) -> str:
    """One line of the table."""
    if row.skipped is not None:
        return COLUMNS.format(row.engine, "-", "-", "-", "-", "-", row.skipped)
    assert row.bytes is not None
    return COLUMNS.format(
        row.engine,
        f"{row.build_ms:,.1f}",
        f"{row.bytes / 1e6:,.2f}",
        f"{row.median_ms:.3f}",
        f"{row.p99_ms:.3f}",
        f"{row.recall:.3f}",
        "exact" if row.exact else f"approximate, {row.queries} queries",
    ).rstrip()
