"""The only place that picks concrete machines: here a `Catalog` gets its store, its workers and its engine.

What only some questions need is imported where it is used: a search from the command line should not wait for what
indexes or draws.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lookalike.catalog import Store
from lookalike.errors import CatalogError, CatalogOutdated, NotInCatalog
from lookalike.fingerprints import ALGORITHMS, parse_recipe, parse_recipes
from lookalike.images import Limits, Source
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.jobs.search_similar import SearchResult, search_similar
from lookalike.model import Crop, Decode, Fingerprint, Match, Prepare, Recipe
from lookalike.search import ENGINES, load_engine
from lookalike.settings import Settings

if TYPE_CHECKING:
    from lookalike.jobs.bench_engines import BenchLimits, EngineFigures
    from lookalike.jobs.check_installation import Finding
    from lookalike.jobs.compare_images import Comparison
    from lookalike.jobs.find_planted_copies import PlantedCopies
    from lookalike.jobs.index_folders import IndexProgress, IndexReport
    from lookalike.jobs.list_engines import EngineEntry
    from lookalike.jobs.sample_pictures import SampledPicture
    from lookalike.jobs.tour_classic_way import TourStop

AnyPath = str | os.PathLike[str]


def fingerprint(
    source: Source, recipe: str | Recipe, *, decode: Decode | None = None, prepare: Prepare | None = None
) -> Fingerprint:
    """The fingerprint that *recipe* makes of one image.

        lookalike.fingerprint("a.jpg", "whash").hex

    Args:
        source: a path, the bytes of a file, a binary file object, a PIL image or a numpy array.
        recipe: such as ``whash``, ``phash:16``, ``whash:db4``.
        decode: ``full`` reads every pixel; None leaves what the recipe says, usually ``reduced``.
        prepare: ``imagehash`` leaves orientation, alpha and colour profile alone; with ``decode="full"`` the bits then
            equal those of the imagehash package (4.3.2).

    Raises:
        ImageError: the image can't be used. RecipeError: the recipe can't be understood.
    """
    parsed = (parse_recipe(recipe) if isinstance(recipe, str) else recipe).prepared(decode=decode, prepare=prepare)
    return fingerprint_source(source, [parsed], Limits())[1][0]


def compare(first: Source, second: Source, *, by: str | None = None, settings: Settings | None = None) -> Comparison:
    """The distance between two images under every fingerprint, or under those that *by* names.

    Raises:
        ImageError: one of the images can't be used. RecipeError: *by* can't be understood.
    """
    from lookalike.jobs.compare_images import compare_images

    recipes = parse_recipes(by if by is not None else ",".join(ALGORITHMS))
    names = tuple(
        str(source) if isinstance(source, str | os.PathLike) else type(source).__name__ for source in (first, second)
    )
    return compare_images(
        first, second, recipes, (names[0], names[1]), limits_of(settings or Settings.from_environment())
    )


def check_installation(settings: Settings) -> list[Finding]:
    """What ``lookalike doctor`` says."""
    from lookalike.jobs.check_installation import check_installation as check

    return check(settings.catalog_path)


def list_engines() -> list[EngineEntry]:
    """What ``lookalike engines`` says."""
    from lookalike.jobs.list_engines import list_engines as list_all

    return list_all()


def draw_demo_shop(folder: Path, count: int) -> Iterator[int]:
    """Draw the demo's product pictures and their table into *folder*; yields how many are done."""
    from lookalike.jobs.draw_shop import draw_shop

    return draw_shop(folder, count)


def limits_of(settings: Settings) -> Limits:
    """What the loader refuses under *settings*."""
    return Limits(max_pixels=settings.max_pixels, max_bytes=settings.max_bytes)


class Catalog:
    """One file that remembers images, their fingerprints and attributes, and what happened to every path.

    with lookalike.Catalog("shop.lookalike") as catalog:
        catalog.index("images", attributes="items.csv")
        for match in catalog.search("img-24.jpg", k=9, by="whash"):
            print(match.path, match.distance)
    """

    def __init__(self, path: AnyPath | None = None, *, create: bool = True, settings: Settings | None = None) -> None:
        """Open the catalog at *path*, by default the user's own; make it where there is none and *create* is set.

        Raises:
            CatalogNotFound, CatalogDamaged, CatalogLocked, CatalogTooNew: it can't be opened.
        """
        self.settings = settings if settings is not None else Settings.from_environment()
        self.path = Path(path) if path is not None else self.settings.catalog_path
        self.limits = limits_of(self.settings)
        if create:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CatalogError(f"no folder can be made for the catalog {self.path}: {error.strerror}") from error
            self.store = Store.open(self.path)
            return
        try:
            self.store = Store.open(self.path, create=False, read_only=True)
        except CatalogOutdated:
            Store.open(self.path, create=False).close()  # opening it for writing brings it up to date
            self.store = Store.open(self.path, create=False, read_only=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Closing twice is fine."""
        self.store.close()

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The recipes that the catalog has fingerprints of, those with most contents first."""
        held = [record for record in self.store.recipes() if record.contents]
        known = [
            (record, parse_recipe(record.text)) for record in held if re.split("[:@]", record.text)[0] in ALGORITHMS
        ]
        ranked = sorted(known, key=lambda pair: -pair[0].contents)
        return tuple(recipe for record, recipe in ranked if record.describes(recipe))

    def index(
        self,
        folders: AnyPath | Sequence[AnyPath],
        *,
        fingerprints: str | None = None,
        attributes: AnyPath | None = None,
        key: str | None = None,
        retry: bool = False,
        progress: Callable[[IndexProgress], None] | None = None,
    ) -> IndexReport:
        """Bring the catalog up to date with *folders*, and call *progress* several times a second.

        Args:
            folders: one or several; a single image will do too.
            fingerprints: recipes to make besides those that the catalog has, such as ``whash,phash:16``; for a new
                catalog the settings' (``phash,dhash,whash,colorhash``) by default.
            attributes: a CSV, JSON or Parquet file with a row for each image.
            key: the column of *attributes* that names the image; found by itself where it is clear.
            retry: read again what was skipped or failed before, though it hasn't changed.
            progress: called with each `IndexProgress`.

        Raises:
            ImageUnreadable: a folder isn't there. AttributesError: *attributes* is malformed.
            RecipeError: *fingerprints* can't be understood. ExecutionError: no worker can be started.
        """
        from lookalike.jobs.index_folders import IndexReport

        several = [folders] if isinstance(folders, str | os.PathLike) else folders
        for event in self.index_events(several, fingerprints=fingerprints, attributes=attributes, key=key, retry=retry):
            if isinstance(event, IndexReport):
                return event
            if progress is not None:
                progress(event)
        raise RuntimeError("an indexing run ended without a report")

    def index_events(
        self,
        folders: Sequence[AnyPath],
        *,
        fingerprints: str | None = None,
        attributes: AnyPath | None = None,
        key: str | None = None,
        retry: bool = False,
    ) -> Generator[IndexProgress | IndexReport]:
        """`index` as an iterator of progress, the report last; closing it stops the work and keeps what was done."""
        from lookalike.catalog import read_attributes
        from lookalike.execution import LocalExecutor
        from lookalike.jobs.index_folders import index_folders
        from lookalike.jobs.scan_folders import resolve_roots

        asked = parse_recipes(fingerprints) if fingerprints is not None else ()
        recipes = tuple(dict.fromkeys([*asked, *self.recipes])) or parse_recipes(self.settings.fingerprints)
        settings = self.settings
        executor = LocalExecutor(settings.workers or None, settings.timeout_s, settings.memory_mb * 2**20)
        table = read_attributes(attributes) if attributes is not None else None
        return index_folders(
            self.store,
            executor,
            resolve_roots(folders),
            recipes,
            limits=self.limits,
            attributes=table,
            key=key,
            retry=retry,
        )

    def search(
        self,
        source: Source,
        *,
        k: int = 9,
        by: str | None = None,
        crop: Crop | None = None,
        where: str | None = None,
        with_self: bool = False,
    ) -> list[Match]:
        """The *k* pictures that look most like *source*, nearest first; see `find`, which tells more."""
        return list(self.find(source, k=k, by=by, crop=crop, where=where, with_self=with_self).matches)

    def find(
        self,
        source: Source,
        *,
        k: int = 9,
        by: str | None = None,
        crop: Crop | None = None,
        where: str | None = None,
        with_self: bool = False,
        engine: str | None = None,
    ) -> SearchResult:
        """Search, and say how it was done.

        Args:
            source: a path inside the catalog or outside, bytes, a file object, a PIL image or an array.
            k: how many matches; fewer where fewer fit.
            by: recipes that decide, such as ``whash`` or ``whash,colorhash``; several are ranked by the sum of
                distance / width. By default the first of the settings' that the catalog has.
            crop: look only at this part of the upright picture.
            where: only pictures whose attributes fit, such as ``price < 50 and brand = 'Acme'``.
            with_self: list *source* itself too where its path is in the catalog.
            engine: a registry name; by default the settings'.

        Raises:
            ImageError, CropError: *source* can't be used. RecipeError, WhereError: a text can't be understood.
            NotInCatalog: the catalog has no fingerprints of a recipe. MissingExtra: the engine isn't installed.
        """
        name = engine if engine is not None else self.settings.engine
        return search_similar(
            self.store,
            source,
            parse_recipes(by) if by is not None else (self.default_recipe(),),
            k=k,
            make_engine=load_engine(name),
            engine_name=name,
            crop=crop,
            where=where,
            with_self=with_self,
            limits=self.limits,
        )

    def bench_engines(
        self,
        *,
        by: str | None = None,
        engines: Sequence[str] | None = None,
        limits: BenchLimits | None = None,
    ) -> tuple[Recipe, Iterator[EngineFigures]]:
        """Measure search engines on the catalog's own fingerprints: the recipe, and each engine's figures when done.

        Args:
            by: the recipe; by default the first of the settings' that the catalog has.
            engines: registry names; by default all but ``reference``, which is there to be right and not fast.
            limits: how much is measured.

        Raises:
            SearchError: no engine has such a name. RecipeError: *by* can't be understood.
            NotInCatalog: raised by the iterator where the catalog has too few fingerprints.
        """
        from lookalike.jobs.bench_engines import BenchLimits, bench_engines

        recipe = self.default_recipe() if by is None else parse_recipe(by)
        names = tuple(engines) if engines is not None else tuple(name for name in ENGINES if name != "reference")
        for name in names:
            load_engine(name)
        return recipe, bench_engines(self.store, recipe, names, limits or BenchLimits(), make_engine=load_engine)

    def default_recipe(self) -> Recipe:
        """The recipe that decides where none is named: the first of the settings' that the catalog has, or any.

        Raises:
            NotInCatalog: the catalog has none at all.
        """
        for recipe in parse_recipes(self.settings.fingerprints):
            if self.store.has_recipe(recipe):  # counting what the catalog has takes a while in a large one
                return recipe
        for recipe in self.recipes:
            return recipe
        raise NotInCatalog(
            f"the catalog {self.path} has no fingerprints yet; index a folder first: lookalike index FOLDER"
        )

    def sample(self, count: int = 81, *, seed: int = 0, where: str | None = None) -> list[SampledPicture]:
        """*count* random pictures, the same for the same seed."""
        from lookalike.jobs.sample_pictures import sample_pictures

        return sample_pictures(self.store, count, seed=seed, where=where)

    def tour(self, folder: AnyPath) -> Iterator[TourStop]:
        """The classic way's whole tour over this catalog, drawn into *folder*; yields each stop when it is written."""
        from lookalike.jobs.tour_classic_way import tour_classic_way

        return tour_classic_way(self.store, Path(folder), make_engine=load_engine, limits=self.limits)

    def find_planted_copies(self, k: int = 9) -> PlantedCopies:
        """How many of the demo's planted copies each fingerprint finds again among the *k* nearest."""
        from lookalike.jobs.find_planted_copies import find_planted_copies

        return find_planted_copies(self.store, self.recipes, load_engine("exact"), k=k)

    def draw_matches(self, source: Source, result: SearchResult, sheet: AnyPath) -> None:
        """Write a contact sheet (PNG): the query, marked, then the matches with their distances."""
        from lookalike.jobs.draw_matches import describe_result, draw_matches, draw_query
        from lookalike.rendering import draw_sheet, save_sheet

        tiles = [draw_query(source, result, self.limits), *draw_matches(result, self.limits)]
        section = describe_result(result, tiles[1:])
        save_sheet(draw_sheet(tiles, title=section.heading, subtitle=section.description), sheet)

    def write_report(self, source: Source, result: SearchResult, page: AnyPath) -> None:
        """Write a page (HTML) that needs nothing else: the query, and each match with distances and attributes."""
        from lookalike.jobs.draw_matches import describe_result, draw_matches, draw_query
        from lookalike.rendering import render_report, save_report

        section = describe_result(result, draw_matches(result, self.limits))
        query = draw_query(source, result, self.limits)
        save_report(render_report("Pictures that look alike", [section], query=query), page)

    def draw_sample(self, sample: Sequence[SampledPicture], sheet: AnyPath) -> None:
        """Write a contact sheet (PNG) of sampled pictures."""
        from lookalike.jobs.draw_matches import draw_sample
        from lookalike.rendering import draw_sheet, save_sheet

        if not sample:
            raise NotInCatalog(f"no picture in {self.path} fits; index a folder of images first, or ask for less")
        title = f"{len(sample)} pictures at random"
        save_sheet(draw_sheet(draw_sample(sample, self.limits), title=title, subtitle=f"from {self.path.name}"), sheet)
