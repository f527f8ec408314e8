"""``lookalike demo``: draw a shop, index it, look at it every way."""

from __future__ import annotations

import os
import shlex
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.cli.options import GivenPath, json_option, show
from lookalike.cli.speaking import echo, print_json, print_table

if TYPE_CHECKING:
    from lookalike.jobs.find_planted_copies import PlantedCopies
    from lookalike.jobs.tour_classic_way import TourStop

DEMO_RECIPES = "whash,colorhash,pdq,parts,look"


@click.command(name="demo")
@click.option(
    "--out",
    type=GivenPath(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where everything goes.",
)
@click.option(
    "--images",
    type=GivenPath(exists=True, path_type=Path),
    metavar="FOLDER",
    help="Your own pictures instead of drawn ones.",
)
@click.option("--count", type=click.IntRange(min=20), default=900, show_default=True, help="How many handbags to draw.")
@click.option("--serve", is_flag=True, help="Serve the page over it when it is done.")
@click.option("--open", "open_it", is_flag=True, help="Open the page when it is done.")
@json_option
def command(out: Path, images: Path | None, count: int, serve: bool, open_it: bool, as_json: bool) -> int:
    """Draw a shop of handbags, index it and look at it every way.

    The nine nearest by whash, by colorhash, both side by side, a random sheet of 81, the same nine through Annoy with
    200 trees and through BallTree, and all of it on one page.
    """
    from lookalike.assembly import Catalog
    from lookalike.cli.progress import show_progress
    from lookalike.jobs.index_folders import IndexReport
    from lookalike.standalone import draw_demo_shop

    # Each folder of pictures has a catalog of its own, so that two of them don't mix.
    folder = out / ("shop" if images is None else f"own-{zlib.crc32(os.fsencode(images.resolve())):08x}")
    folder.mkdir(parents=True, exist_ok=True)
    table = None
    if images is None:
        for drawn in draw_demo_shop(folder, count):
            if not as_json and drawn % 100 == 0:
                echo(f"drew {drawn} of {count} pictures", err=True)
        images, table = folder / "images", folder / "items.csv"
    with Catalog(folder / "demo.lookalike") as catalog:
        events = catalog.index_events([images], fingerprints=DEMO_RECIPES, attributes=table)
        report = show_progress(events, quiet=as_json)
        if not isinstance(report, IndexReport):
            return 130
        if not as_json:
            failed = f", {report.failed:,} failed" if report.failed else ""
            echo(f"{report.files:,} files looked at in {report.seconds:.1f} s{failed}")
        stops = []
        for stop in catalog.tour(folder):
            stops.append(stop)
            if not as_json:
                describe(stop, folder)
        copies = catalog.find_planted_copies() if table is not None else None
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "index": report.as_dict(),
                "stops": [stop.as_dict() for stop in stops],
                "copies": None if copies is None else copies.as_dict(),
            }
        )
    else:
        if copies is not None:
            describe_copies(copies)
        echo(f"Open the page: lookalike serve --catalog {shlex.quote(str(folder / 'demo.lookalike'))}")
        echo(f"Look at {folder / 'index.html'}")
    if open_it and not serve:
        show(folder / "index.html")
    if serve:
        from lookalike.cli.serve_command import command as serve_page

        words = ["--catalog", str(folder / "demo.lookalike"), *(["--open"] if open_it else [])]
        serve_page.main(words, standalone_mode=False)
    return 1 if report.failed else 0


def describe(stop: TourStop, folder: Path) -> None:
    """A line about what was drawn."""
    if stop.skipped is not None:
        echo(f"{stop.heading}: left out, {stop.skipped}")
        return
    measured = f", first answer after {stop.seconds * 1000:,.0f} ms" if stop.seconds is not None else ""
    if stop.recall is not None:
        measured += f", recall {stop.recall:.3f}"
    echo(f"{stop.heading}{measured}: {folder / stop.file}")


def describe_copies(copies: PlantedCopies) -> None:
    """A table: which fingerprint finds which kind of copy again."""
    from rich.table import Table

    table = Table(
        "planted copy", "planted", *copies.found, title=f"Copies whose source is among the {copies.k} nearest"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for transform, planted in sorted(copies.planted.items()):
        counts = (str(found.get(transform, 0)) for found in copies.found.values())
        table.add_row(transform, str(planted), *counts)
    print_table(table)
