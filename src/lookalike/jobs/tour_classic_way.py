"""The classic way, whole, over one catalog.

The nine nearest by two hashes, side by side, through Annoy and through BallTree, and a random sheet of 81.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lookalike.catalog import Store
from lookalike.errors import MissingExtra, NotInCatalog
from lookalike.fingerprints import parse_recipe
from lookalike.images import Limits
from lookalike.jobs.draw_matches import describe_result, draw_matches, draw_sample, load_tile
from lookalike.jobs.sample_pictures import sample_pictures
from lookalike.jobs.search_result import SearchResult
from lookalike.jobs.search_similar import search_similar
from lookalike.model import Recipe
from lookalike.rendering import Section, Tile, draw_sheet, draw_side_by_side, render_report, save_report, save_sheet
from lookalike.search import Engine

NEAREST = 9  # a grid of three by three
SHEET = 81  # nine by nine
LAYOUT, COLOUR = "whash", "colorhash"
TREE_ENGINES = ("annoy", "balltree")


@dataclass(frozen=True, slots=True)
class TourStop:
    """Something that was drawn.

    Attributes:
        heading: a few words about it.
        file: its name in the tour's folder, empty where it was skipped.
        seconds: until the first answer, with loading the codes and building the engine.
        recall: of an approximate engine, measured on this catalog.
        skipped: why there is nothing.
    """

    heading: str
    file: str
    seconds: float | None = None
    recall: float | None = None
    skipped: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return asdict(self)


@dataclass(slots=True)
class Tour:
    """One walk over a catalog that writes into *folder*."""

    store: Store
    folder: Path
    limits: Limits
    make_engine: Callable[[str], Callable[[int], Engine]]
    query: str
    asked: Tile
    sections: list[Section]

    def search(self, recipe: Recipe, engine: str) -> tuple[SearchResult, float]:
        """The nearest of the query, itself included as the classic way has it, and the seconds that it took."""
        started = time.perf_counter()
        result = search_similar(
            self.store,
            self.query,
            [recipe],
            k=NEAREST,
            make_engine=self.make_engine(engine),
            engine_name=engine,
            with_self=True,
            limits=self.limits,
        )
        return result, round(time.perf_counter() - started, 4)

    def draw_nearest(self, number: int, recipe: Recipe, engine: str) -> tuple[TourStop, list[Tile]]:
        """A grid of the nearest by one recipe through one engine."""
        heading = f"The {NEAREST} nearest by {recipe}" + ("" if engine == "exact" else f", through {engine}")
        name = f"{number}-nearest-{recipe}-{engine}.png".replace(":", "-")
        try:
            result, seconds = self.search(recipe, engine)
        except MissingExtra as missing:
            return TourStop(heading, "", skipped=str(missing)), []
        tiles = draw_matches(result, self.limits)
        section = describe_result(result, tiles)
        save_sheet(
            draw_sheet([self.asked, *tiles], title=heading, subtitle=section.description),
            self.folder / name,
        )
        self.sections.append(Section(heading, section.description, section.tiles))
        return TourStop(heading, name, seconds, result.recall), tiles


def tour_classic_way(
    store: Store,
    folder: Path,
    *,
    make_engine: Callable[[str], Callable[[int], Engine]],
    limits: Limits,
    query: str | None = None,
) -> Iterator[TourStop]:
    """Walk the tour over *store* and write sheets and a page into *folder*; yields each stop when it is written.

    Args:
        store: a catalog with ``whash`` and ``colorhash`` fingerprints.
        folder: where the sheets go; it must be there.
        make_engine: engine name -> (width -> an empty engine).
        limits: what is refused undecoded.
        query: the path of an indexed picture; a random one where None.

    Raises:
        NotInCatalog: the catalog is empty or lacks a recipe.
    """
    sample = sample_pictures(store, SHEET, seed=0)
    if not sample:
        raise NotInCatalog("the catalog holds no pictures; index a folder of images first")
    path = query or sample[0].path
    asked = load_tile(path, limits, Tile(None, (os.path.basename(path),), emphasis="query"))
    tour = Tour(store, folder, limits, make_engine, path, asked, [])
    whash, colorhash = parse_recipe(LAYOUT), parse_recipe(COLOUR)
    first, layout = tour.draw_nearest(1, whash, "exact")
    yield first
    second, colour = tour.draw_nearest(2, colorhash, "exact")
    yield second
    save_sheet(
        draw_side_by_side(
            [("asked", [asked]), (LAYOUT, layout), (COLOUR, colour)],
            title="Layout beside colour",
            subtitle=f"The {NEAREST} nearest of one picture by {LAYOUT} and by {COLOUR}: neither knows what it shows.",
        ),
        folder / "3-side-by-side.png",
    )
    yield TourStop(f"{LAYOUT} beside {COLOUR}", "3-side-by-side.png")
    tiles = draw_sample(sample, limits)
    save_sheet(draw_sheet(tiles, columns=9, title=f"{len(tiles)} pictures at random"), folder / "4-random-81.png")
    yield TourStop(f"{len(tiles)} pictures at random", "4-random-81.png")
    for number, engine in enumerate(TREE_ENGINES, start=5):
        stop, _ = tour.draw_nearest(number, whash, engine)
        yield stop
    tour.sections.append(Section(f"{len(tiles)} pictures at random", "What the catalog holds.", tuple(tiles)))
    page = render_report(
        "The classic way, without its gaps",
        tour.sections,
        query=asked,
        introduction="One picture, asked by layout and by colour, through an exact scan and through classic engines.",
    )
    save_report(page, folder / "index.html")
    yield TourStop("All of it on one page", "index.html")
