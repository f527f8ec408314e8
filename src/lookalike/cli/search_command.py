"""``lookalike search``: find the pictures that look like one picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.cli.options import GivenPath, catalog_option, json_option, open_catalog, open_option, sheet_option, show
from lookalike.cli.speaking import echo, print_json
from lookalike.model import Crop

if TYPE_CHECKING:
    from lookalike.jobs.search_similar import SearchResult
    from lookalike.model import Match


class CropType(click.ParamType[Crop]):
    """``X,Y,W,H`` in pixels of the upright picture."""

    name = "X,Y,W,H"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Crop:
        if isinstance(value, Crop):
            return value
        try:
            x, y, width, height = (int(number) for number in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not a crop; expected four whole numbers such as 40,60,200,180", param, ctx)
        return Crop(x, y, width, height)


@click.command(name="search")
@click.argument("image", type=GivenPath(path_type=Path))
@click.option("-k", "k", type=click.IntRange(min=1), default=9, show_default=True, help="How many to find.")
@click.option(
    "--by",
    metavar="RECIPES",
    help="Which fingerprints decide, such as whash or whash,colorhash. [default: the catalog's first]",
)
@click.option("--crop", type=CropType(), help="Look only at this part, in pixels of the upright picture.")
@click.option(
    "--where", metavar="FILTER", help="Only pictures whose attributes fit, such as \"price < 50 and brand = 'Acme'\"."
)
@click.option("--engine", metavar="NAME", help="One that `lookalike engines` lists. [default: exact]")
@click.option("--with-self", is_flag=True, help="List the image itself too where it is in the catalog.")
@sheet_option
@click.option(
    "--html", type=GivenPath(dir_okay=False, path_type=Path), metavar="FILE", help="Write a page with the matches."
)
@open_option
@catalog_option
@json_option
def command(
    image: Path,
    k: int,
    by: str | None,
    crop: Crop | None,
    where: str | None,
    engine: str | None,
    with_self: bool,
    sheet: Path | None,
    html: Path | None,
    open_it: bool,
    catalog: Path | None,
    as_json: bool,
) -> int:
    """Find the pictures in the catalog that look like IMAGE, nearest first."""
    with open_catalog(catalog, engine=engine) as opened:
        result = opened.find(image, k=k, by=by, crop=crop, where=where, with_self=with_self)
        if open_it and sheet is None and html is None:
            sheet = Path(f"{image.stem}-matches.png")
        drawn = opened.draw_matches(image, result, sheet) if sheet is not None else []
        if html is not None:
            opened.write_report(image, result, html)
            drawn.append(html)
    if as_json:
        print_json(result.as_dict())
    else:
        describe(result)
        for path in drawn:
            echo(f"Wrote {path}", err=True)
    if open_it:
        show(drawn[-1])
    return 0


def describe(result: SearchResult) -> None:
    """The matches as lines: distances under each recipe, then the path."""
    if not result.matches:
        echo("Nothing found.", err=True)
    else:
        echo("  ".join(result.by))
    for match in result.matches:
        distances = "  ".join(f"{match.distances[recipe]:>{len(recipe)}}" for recipe in result.by)
        more = f"  (and {len(match.paths) - 1} more copies)" if len(match.paths) > 1 else ""
        echo(f"{distances}  {match.path}{more}{describe_region(match)}")
    if result.quality_note:
        echo(result.quality_note, err=True)
    if result.outdated:
        echo(
            f"{result.outdated:,} pictures were passed over: their fingerprints are of an older version; "
            "index again: lookalike index FOLDER",
            err=True,
        )
    if result.recall is not None:
        echo(f"{result.engine} is approximate: recall {result.recall:.3f} measured on this catalog", err=True)


def describe_region(match: Match) -> str:
    """Which part of the picture found the query shows, in percent of its width and height, where that is told."""
    if match.region is None:
        return ""
    left, top = match.region.left, match.region.top
    right, bottom = left + match.region.width, top + match.region.height
    proof = "" if any(reason.verified for reason in match.reasons) else ", not verified"
    return f"  ({left:.0%}-{right:.0%} across, {top:.0%}-{bottom:.0%} down{proof})"
