"""Contact sheets and reports of pictures that a server has: drawn here, from the small copies that it sends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lookalike.errors import NotInCatalog
from lookalike.images import Limits, Source
from lookalike.jobs.draw_matches import (
    TILE_SIDE,
    TileToLoad,
    describe_result,
    tile_of_query,
    tiles_of_matches,
    tiles_of_sample,
    write_sheets,
)
from lookalike.jobs.sample_pictures import SampledPicture
from lookalike.jobs.search_result import SearchResult
from lookalike.model import ImageId
from lookalike.rendering import render_report, save_report

SmallCopy = Callable[[int, int], bytes]
"""The small copy of an image of this id, at most so many pixels a side."""


def draw_remote_matches(small: SmallCopy, source: Source | ImageId, result: SearchResult, sheet: Path) -> list[Path]:
    """Write the query, marked, and the matches; see `Catalog.draw_matches`."""
    section = describe_result(result)
    tiles = [query_tile(small, source, result), *match_tiles(small, result)]
    return write_sheets(tiles, sheet, title=section.heading, subtitle=section.description, limits=Limits())


def draw_remote_sample(small: SmallCopy, sample: Sequence[SampledPicture], sheet: Path, server: str) -> list[Path]:
    """Write sampled pictures; see `Catalog.draw_sample`."""
    if not sample:
        raise NotInCatalog(f"no picture that {server} has fits; index a folder of images there first, or ask for less")
    tiles = [
        replace(tile, source=small(one.id, TILE_SIDE))
        for one, tile in zip(sample, tiles_of_sample(sample), strict=True)
    ]
    title = f"{len(sample):,} pictures at random"
    return write_sheets(tiles, sheet, title=title, subtitle=f"from {server}", limits=Limits())


def write_remote_report(small: SmallCopy, source: Source | ImageId, result: SearchResult, page: Path) -> None:
    """Write the page of a search; see `Catalog.write_report`."""
    limits = Limits()
    section = describe_result(result, [tile.load(limits) for tile in match_tiles(small, result)])
    query = query_tile(small, source, result).load(limits)
    save_report(render_report("Pictures that look alike", [section], query=query), page)


def query_tile(small: SmallCopy, source: Source | ImageId, result: SearchResult) -> TileToLoad:
    """What was asked: a picture of this machine, or the server's copy of one of its own."""
    if not isinstance(source, ImageId):
        return tile_of_query(source, result)
    tile = tile_of_query(b"", result)
    return replace(tile, source=small(source.id, TILE_SIDE), crop=None)


def match_tiles(small: SmallCopy, result: SearchResult) -> list[TileToLoad]:
    """A tile for each match."""
    tiles = zip(result.matches, tiles_of_matches(result), strict=True)
    return [replace(tile, source=small(match.id, TILE_SIDE)) for match, tile in tiles]
