"""``lookalike search``: find the pictures that look like one picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike.cli.options import GivenPath, catalog_option, json_option, open_catalog, open_option, sheet_option, show
from lookalike.cli.speaking import echo, print_json
from lookalike.model import Crop, Match

if TYPE_CHECKING:
    from lookalike.jobs.search_result import SearchResult


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


class RadiusType(click.ParamType[Any]):
    """A whole number of bits, or ``auto``."""

    name = "N|auto"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        if value == "auto":
            return "auto"
        if not str(value).isdecimal():
            self.fail(f"{value!r} is no radius; expected a whole number of bits, such as 8, or auto", param, ctx)
        return int(str(value))


@click.command(name="search")
@click.argument("image", type=GivenPath(path_type=Path))
@click.option("-k", "k", type=click.IntRange(min=1), default=9, show_default=True, help="How many to find.")
@click.option(
    "--by",
    metavar="RECIPES",
    help="Which fingerprints decide, such as whash or whash,colorhash. [default: pdq, parts and look together]",
)
@click.option("--crop", type=CropType(), help="Look only at this part, in pixels of the upright picture.")
@click.option(
    "--where", metavar="FILTER", help="Only pictures whose attributes fit, such as \"price < 50 and brand = 'Acme'\"."
)
@click.option(
    "--radius",
    type=RadiusType(),
    help="Only pictures at most N bits away; auto: end where more than one unrelated picture is expected.",
)
@click.option(
    "--fusion",
    type=click.Choice(["sum", "chance"]),
    default="sum",
    show_default=True,
    help="How several fingerprints rank together: by distance / width, or by how rarely chance is as near.",
)
@click.option("--weigh", metavar="WEIGHTS", help="Of the parts of a code: shape=0.7,colour=0.3 with --by look.")
@click.option("--engine", metavar="NAME", help="One that `lookalike engines` lists. [default: exact]")
@click.option("--with-self", is_flag=True, help="List the image itself too where it is in the catalog.")
@click.option("--turned", is_flag=True, help="Find mirrored and turned copies too, and say how each lies.")
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
    radius: Any,
    fusion: Any,
    weigh: str | None,
    engine: str | None,
    with_self: bool,
    turned: bool,
    sheet: Path | None,
    html: Path | None,
    open_it: bool,
    catalog: Path | None,
    as_json: bool,
) -> int:
    """Find the pictures in the catalog that look like IMAGE, nearest first."""
    from lookalike.fingerprints.code_parts import read_weights

    with open_catalog(catalog, engine=engine) as opened:
        result = opened.find(
            image,
            k=k,
            by=by,
            crop=crop,
            where=where,
            with_self=with_self,
            radius_bits=radius,
            fusion=fusion,
            turned=turned,
            weights=None if weigh is None else read_weights(weigh),
        )
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


def describe_worth(match: Match) -> str:
    """``edited copy, 1 in 400 by chance``; nothing where it isn't known."""
    from lookalike.worth import say_expected

    return ", ".join(filter(None, (match.verdict, say_expected(match.expected))))


def describe_left_out(result: SearchResult) -> str:
    """How many matches the radius left out, and where it lies."""
    where = "where chance begins" if result.radius_bits is None else f"{result.radius_bits} bits away"
    return f"{result.left_out} of the nearest left out: the list ends {where}."


def describe(result: SearchResult) -> None:
    """The matches as lines: distances under each recipe, what they are worth, then the path."""
    worths = [describe_worth(match) for match in result.matches]
    width = max(map(len, worths), default=0)
    if not result.matches:
        echo("Nothing found.", err=True)
    else:
        echo("  ".join([*result.by, "worth" if width else ""]).rstrip())
    for match, worth in zip(result.matches, worths, strict=True):
        # Parts say nothing of pictures that share none with the query.
        distances = "  ".join(f"{match.distances.get(recipe, '-'):>{len(recipe)}}" for recipe in result.by)
        more = f"  (and {len(match.paths) - 1} more copies)" if len(match.paths) > 1 else ""
        way = f"  [{match.transform}]" if match.transform != "identity" else ""
        echo(f"{distances}  {worth:<{width}}{'  ' if width else ''}{match.path}{way}{describe_region(match)}{more}")
    if result.left_out:
        echo(describe_left_out(result), err=True)
    if "default" in result.chance.values() and any(worths):
        echo("The catalog is small: what distances are worth is partly taken from other pictures.", err=True)
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
    return f"  ({left:.0%}-{right:.0%} across, {top:.0%}-{bottom:.0%} down)"
