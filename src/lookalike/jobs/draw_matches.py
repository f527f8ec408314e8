"""Search results and samples as tiles: the pictures themselves, with what was measured under them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from lookalike.errors import ImageError
from lookalike.images import Limits, Source, load_picture
from lookalike.jobs.sample_pictures import SampledPicture
from lookalike.jobs.search_similar import SearchResult
from lookalike.model import Crop, Match
from lookalike.rendering import RecipeDistance, Section, Tile, thumbnail

TILE_SIDE = 640  # sharp on a dense screen at the largest tile that a sheet of ten draws


def draw_query(source: Source, result: SearchResult, limits: Limits) -> Tile:
    """The tile of what was asked."""
    return load_tile(source, limits, Tile(None, (os.path.basename(result.query),), emphasis="query"), crop=result.crop)


def draw_matches(result: SearchResult, limits: Limits) -> list[Tile]:
    """A tile for each match, nearest first."""
    return [load_tile(match.path, limits, match_tile(match, result)) for match in result.matches]


def draw_sample(sample: Sequence[SampledPicture], limits: Limits) -> list[Tile]:
    """A tile for each picture drawn."""
    return [
        load_tile(
            item.path, limits, Tile(None, (os.path.basename(item.path),), attributes=item.attributes, path=item.path)
        )
        for item in sample
    ]


def describe_result(result: SearchResult, tiles: Sequence[Tile]) -> Section:
    """A chapter of a report."""
    of = " and ".join(f"{recipe} ({result.widths[recipe]} bits)" for recipe in result.by)
    how = "an exact scan" if result.engine == "exact" else f"the {result.engine} engine"
    if result.recall is not None:
        how += f", approximate: recall {result.recall:.3f}"
    description = f"The {len(tiles)} nearest by {of}, found by {how}."
    if result.where:
        description += f" Only where {result.where}."
    if result.quality_note:
        description += f" {result.quality_note}"
    return Section(f"By {' + '.join(result.by)}", description, tuple(tiles))


def match_tile(match: Match, result: SearchResult) -> Tile:
    """What is said of a match."""
    distances = tuple(RecipeDistance(recipe, bits, result.widths[recipe]) for recipe, bits in match.distances.items())
    badge = "" if len(distances) == 1 else "  ".join(f"{distance.recipe} {distance.bits}" for distance in distances)
    return Tile(
        None,
        (os.path.basename(match.path),),
        badge=badge,
        distances=distances,
        attributes=match.attributes,
        path=match.path,
    )


def load_tile(source: Source, limits: Limits, tile: Tile, crop: Crop | None = None) -> Tile:
    """*tile* with its picture, or with the reason why there is none."""
    try:
        picture = load_picture(source, limits=limits, crop=crop)
    except ImageError as error:
        return replace(tile, problem=f"{error.reason}: {error}")
    return replace(tile, image=thumbnail(picture.image, TILE_SIDE))
