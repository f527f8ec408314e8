"""Search results and samples as tiles: the pictures themselves, with what was measured under them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lookalike.errors import ImageError
from lookalike.images import Limits, Source, load_picture
from lookalike.jobs.sample_pictures import SampledPicture
from lookalike.jobs.search_result import SearchResult
from lookalike.model import Crop, Match
from lookalike.rendering import (
    MAX_SHEET_PIXELS,
    RecipeDistance,
    Section,
    Tile,
    draw_sheet,
    render_report,
    save_report,
    save_sheet,
    split_into_sheets,
    thumbnail,
)
from lookalike.worth import say_expected

TILE_SIDE = 640  # sharp on a dense screen at the largest tile that a sheet of ten draws
FEW_TILES = 100  # on a sheet of more, tiles are drawn 240 pixels wide
SMALL_TILE_SIDE = 256


@dataclass(frozen=True, slots=True)
class TileToLoad:
    """What a tile says, and where its picture will come from."""

    tile: Tile
    source: Source
    crop: Crop | None = None

    def load(self, limits: Limits, side: int = TILE_SIDE) -> Tile:
        """The tile with its picture, at most *side* pixels long, or with the reason why there is none."""
        return load_tile(self.source, limits, self.tile, self.crop, side)


def tile_of_query(source: Source, result: SearchResult) -> TileToLoad:
    """The tile of what was asked."""
    return TileToLoad(Tile(None, (os.path.basename(result.query),), emphasis="query"), source, result.crop)


def tiles_of_matches(result: SearchResult) -> list[TileToLoad]:
    """A tile for each match, nearest first."""
    return [TileToLoad(match_tile(match, result), match.path) for match in result.matches]


def tiles_of_sample(sample: Sequence[SampledPicture]) -> list[TileToLoad]:
    """A tile for each picture drawn."""
    return [
        TileToLoad(
            Tile(None, (os.path.basename(item.path),), attributes=item.attributes, path=item.path),
            item.path,
        )
        for item in sample
    ]


def draw_query(source: Source, result: SearchResult, limits: Limits) -> Tile:
    """The tile of what was asked, loaded."""
    return tile_of_query(source, result).load(limits)


def draw_matches(result: SearchResult, limits: Limits) -> list[Tile]:
    """A tile for each match, nearest first, loaded."""
    return [tile.load(limits) for tile in tiles_of_matches(result)]


def draw_sample(sample: Sequence[SampledPicture], limits: Limits) -> list[Tile]:
    """A tile for each picture drawn, loaded."""
    return [tile.load(limits) for tile in tiles_of_sample(sample)]


def write_sheets(
    tiles: Sequence[TileToLoad],
    path: Path,
    *,
    title: str,
    subtitle: str,
    limits: Limits,
    max_pixels: int = MAX_SHEET_PIXELS,
) -> list[Path]:
    """Write a contact sheet (PNG) of *tiles* to *path*; where one would get too large, several with numbered names.

    Pictures are loaded a sheet at a time, so that thousands of them need no more memory than one sheet has.

    Returns:
        The files written: *path*, or ``name-1.png``, ``name-2.png`` and so on.

    Raises:
        RenderingError: no tiles, or *path* can't be written.
    """
    parts = split_into_sheets([one.tile for one in tiles], title=title, subtitle=subtitle, max_pixels=max_pixels)
    side = TILE_SIDE if len(parts[0]) <= FEW_TILES else SMALL_TILE_SIDE
    written: list[Path] = []
    start = 0
    for number, part in enumerate(parts, start=1):
        loaded = [one.load(limits, side) for one in tiles[start : start + len(part)]]
        target, heading = path, title
        if len(parts) > 1:
            target = path.with_stem(f"{path.stem}-{number:0{len(str(len(parts)))}}")
            heading = f"{title}, sheet {number} of {len(parts)}"
        save_sheet(draw_sheet(loaded, title=heading, subtitle=subtitle, max_pixels=max_pixels), target)
        written.append(target)
        start += len(part)
    return written


def describe_result(result: SearchResult, tiles: Sequence[Tile] = ()) -> Section:
    """A chapter of a report, with *tiles* in it."""
    of = " and ".join(f"{recipe} ({result.widths[recipe]} bits)" for recipe in result.by)
    how = "an exact scan" if result.engine == "exact" else f"the {result.engine} engine"
    if result.recall is not None:
        how += f", approximate: recall {result.recall:.3f}"
    description = f"The {len(result.matches)} nearest by {of}, found by {how}."
    if result.fusion == "best":
        description = f"The {len(result.matches)} best: copies and parts first, then things of the same kind."
    if result.where:
        description += f" Only where {result.where}."
    if result.quality_note:
        description += f" {result.quality_note}"
    title = "What looks alike" if result.fusion == "best" else f"By {' + '.join(result.by)}"
    return Section(title, description, tuple(tiles))


def match_tile(match: Match, result: SearchResult) -> Tile:
    """What is said of a match."""
    distances = tuple(RecipeDistance(recipe, bits, result.widths[recipe]) for recipe, bits in match.distances.items())
    badge = "" if len(distances) == 1 else "  ".join(f"{distance.recipe} {distance.bits}" for distance in distances)
    worth = ", ".join(filter(None, (match.verdict, say_expected(match.expected))))
    return Tile(
        None,
        (os.path.basename(match.path), worth) if worth else (os.path.basename(match.path),),
        badge=badge,
        distances=distances,
        attributes=match.attributes,
        path=match.path,
    )


def load_tile(source: Source, limits: Limits, tile: Tile, crop: Crop | None = None, side: int = TILE_SIDE) -> Tile:
    """*tile* with its picture, or with the reason why there is none."""
    try:
        picture = load_picture(source, limits=limits, crop=crop)
    except ImageError as error:
        return replace(tile, problem=f"{error.reason}: {error}")
    return replace(tile, image=thumbnail(picture.image, side))


def write_match_sheets(source: Source, result: SearchResult, path: Path, limits: Limits) -> list[Path]:
    """`write_sheets` of the query, marked, and the matches with their distances."""
    section = describe_result(result)
    tiles = [tile_of_query(source, result), *tiles_of_matches(result)]
    return write_sheets(tiles, path, title=section.heading, subtitle=section.description, limits=limits)


def write_match_report(source: Source, result: SearchResult, page: str | os.PathLike[str], limits: Limits) -> None:
    """Write a page (HTML) that needs nothing else: the query, and each match with distances and attributes."""
    section = describe_result(result, draw_matches(result, limits))
    query = draw_query(source, result, limits)
    save_report(render_report("Pictures that look alike", [section], query=query), page)
