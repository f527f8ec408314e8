"""The only place that picks concrete machines: here a `Catalog` gets its store, its workers and its engine.

What only some questions need is imported where it is used: a search from the command line should not wait for what
indexes or draws.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lookalike.asking import Asking
from lookalike.catalog import Store
from lookalike.errors import CatalogError, CatalogOutdated, NotInCatalog
from lookalike.fingerprints import RecipesLike, as_recipes, check_models, parse_recipes
from lookalike.images import Source
from lookalike.insight import Insight
from lookalike.jobs.fingerprint_source import fingerprint_laid_source
from lookalike.jobs.held_recipes import held_recipes
from lookalike.jobs.read_query import MakeFingerprints
from lookalike.jobs.resident_indexes import ResidentIndexes
from lookalike.jobs.search_result import SearchResult
from lookalike.measuring import Measuring
from lookalike.model import Recipe
from lookalike.search import load_engine
from lookalike.settings import Settings
from lookalike.upkeep import Upkeep

if TYPE_CHECKING:
    from lookalike.execution import Control
    from lookalike.jobs.find_planted_copies import PlantedCopies
    from lookalike.jobs.held_recipes import HeldRecipe
    from lookalike.jobs.index_folders import IndexProgress, IndexReport
    from lookalike.jobs.sample_pictures import SampledPicture
    from lookalike.jobs.scan_rules import ScanRules
    from lookalike.jobs.tour_classic_way import TourStop

AnyPath = str | os.PathLike[str]


class Catalog(Asking, Upkeep, Insight, Measuring):
    """One file that remembers images, their fingerprints and attributes, and what happened to every path.

    with lookalike.Catalog("shop.lookalike") as catalog:
        catalog.index("images", attributes="items.csv")
        for match in catalog.search("img-24.jpg", k=9, by="whash"):
            print(match.path, match.distance)
    """

    def __init__(
        self,
        path: AnyPath | None = None,
        *,
        create: bool = True,
        settings: Settings | None = None,
        resident: bool | ResidentIndexes = False,
    ) -> None:
        """Open the catalog at *path*, by default the user's own; where there is none and *create* is set, it is made
        when it is first needed: a run that can't even begin leaves no empty file behind. *resident* keeps engines in
        memory from one search to the next; catalogs of the same file may share them.

        Raises:
            CatalogNotFound, CatalogDamaged, CatalogLocked, CatalogTooNew: it can't be opened.
        """
        self.settings = settings if settings is not None else Settings.from_environment()
        self.path = Path(path) if path is not None else self.settings.catalog_path
        self.limits = self.settings.limits
        self.resident = ResidentIndexes() if resident is True else resident or None
        self.make_fingerprints: MakeFingerprints = fingerprint_laid_source
        self._making = threading.Lock()
        self._closed = False
        self._store: Store | None = None
        if not create:
            self._store = open_for_reading(self.path)
        elif os.path.lexists(self.path):
            self._store = Store.open(self.path)

    @property
    def store(self) -> Store:
        """The catalog's store; the file is made now where it is still missing.

        Raises:
            CatalogError: it can't be made there, or the catalog was closed.
        """
        with self._making:
            if self._store is None:
                if self._closed:
                    raise CatalogError(f"the catalog {str(self.path)!r} was closed: open it again")
                self._store = make_store(self.path)
            return self._store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Closing twice is fine."""
        with self._making:
            self._closed = True
            if self._store is not None:
                self._store.close()

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The recipes that the catalog has fingerprints of, those with most contents first."""
        return tuple(held.recipe for held in self.held_recipes() if held.contents)

    def held_recipes(self) -> list[HeldRecipe]:
        """The same with figures, and with recipes of which all fingerprints are of an older version."""
        return [] if self._store is None and not self._closed else held_recipes(self.store)

    def index(
        self,
        folders: AnyPath | Sequence[AnyPath],
        *,
        fingerprints: RecipesLike | None = None,
        attributes: AnyPath | None = None,
        key: str | None = None,
        retry: bool = False,
        rules: ScanRules | None = None,
        progress: Callable[[IndexProgress], None] | None = None,
        control: Control | None = None,
    ) -> IndexReport:
        """Bring the catalog up to date with *folders*, and call *progress* several times a second.

        Args:
            folders: one or several; a single image will do too.
            fingerprints: recipes to make besides those that the catalog has, such as ``whash,phash:16``; for a new
                catalog the settings' (``phash,dhash,whash,colorhash``) by default. Those that the catalog has of an
                older version are made anew.
            attributes: a CSV, JSON or Parquet file with a row for each image.
            key: the column of *attributes* that names the image; found by itself where it is clear.
            retry: read again what was skipped or failed before, though it hasn't changed.
            rules: which files and folders are left out, such as ``ScanRules(hidden=True, exclude=("*.psd",))``.
            progress: called with each `IndexProgress`.
            control: a `lookalike.execution.Control`, by which another thread pauses, resumes or stops the run.

        Raises:
            ImageUnreadable: a folder isn't there. AttributesError: *attributes* is malformed or has no *key*.
            RecipeError: *fingerprints* can't be understood. ExecutionError: no worker can be started.
            RulesError: a glob of *rules* can't be understood.
            All but ExecutionError are raised before anything is written.
        """
        from lookalike.jobs.index_folders import IndexReport

        several = [folders] if isinstance(folders, str | os.PathLike) else folders
        for event in self.index_events(
            several,
            fingerprints=fingerprints,
            attributes=attributes,
            key=key,
            retry=retry,
            rules=rules,
            control=control,
        ):
            if isinstance(event, IndexReport):
                return event
            if progress is not None:
                progress(event)
        raise RuntimeError("an indexing run ended without a report")

    def index_events(
        self,
        folders: Sequence[AnyPath],
        *,
        fingerprints: RecipesLike | None = None,
        attributes: AnyPath | None = None,
        key: str | None = None,
        retry: bool = False,
        rules: ScanRules | None = None,
        control: Control | None = None,
    ) -> Generator[IndexProgress | IndexReport]:
        """`index` as an iterator of progress, the report last; closing it stops the work and keeps what was done."""
        from lookalike.catalog import read_attributes
        from lookalike.execution import LocalExecutor
        from lookalike.jobs.index_folders import index_folders
        from lookalike.jobs.scan_folders import resolve_roots

        settings = self.settings
        wanted = self.wanted_recipes(fingerprints)
        roots = resolve_roots(folders)
        if rules is not None:
            rules.compile()
        table = read_attributes(attributes) if attributes is not None else None
        if table is not None:
            table.check_key(key)
        executor = LocalExecutor(
            settings.workers or None,
            settings.timeout_s,
            settings.memory_mb * 2**20,
            low_priority=settings.low_priority,
        )
        return index_folders(
            self.store,  # made here where there is none, now that all that was given makes sense
            executor,
            roots,
            wanted(),
            limits=self.limits,
            attributes=table,
            key=key,
            retry=retry,
            rules=rules,
            control=control,
        )

    def wanted_recipes(self, fingerprints: RecipesLike | None) -> Callable[[], tuple[Recipe, ...]]:
        """What gives the recipes to make; *fingerprints* are understood now, the catalog is asked when it is called."""
        asked = as_recipes(fingerprints) if fingerprints is not None else ()
        default = parse_recipes(self.settings.fingerprints)

        def wanted() -> tuple[Recipe, ...]:
            recipes = tuple(dict.fromkeys([*asked, *(one.recipe for one in self.held_recipes())])) or default
            check_models(recipes)
            return recipes

        return wanted

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

        return find_planted_copies(
            self.store,
            self.recipes,
            load_engine("exact"),
            k=k,
            search=lambda path, most: self.search(path, k=most),
        )

    def draw_matches(self, source: Source, result: SearchResult, sheet: AnyPath) -> list[Path]:
        """Write a contact sheet (PNG): the query, marked, then the matches with their distances.

        Where that would get too large, several with numbered names are written. Returns the files.
        """
        from lookalike.jobs.draw_matches import write_match_sheets

        return write_match_sheets(source, result, Path(sheet), self.limits)

    def write_report(self, source: Source, result: SearchResult, page: AnyPath) -> None:
        """Write a page (HTML) that needs nothing else: the query, and each match with distances and attributes."""
        from lookalike.jobs.draw_matches import write_match_report

        write_match_report(source, result, page, self.limits)

    def draw_sample(self, sample: Sequence[SampledPicture], sheet: AnyPath) -> list[Path]:
        """Write a contact sheet (PNG) of sampled pictures, or several as `draw_matches` does. Returns the files."""
        from lookalike.jobs.draw_matches import tiles_of_sample, write_sheets

        if not sample:
            raise NotInCatalog(f"no picture in {self.path} fits; index a folder of images first, or ask for less")
        title = f"{len(sample):,} pictures at random"
        subtitle = f"from {self.path.name}"
        return write_sheets(tiles_of_sample(sample), Path(sheet), title=title, subtitle=subtitle, limits=self.limits)


def make_store(path: Path) -> Store:
    """The store of a new catalog at *path*, in a folder that is made too."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CatalogError(f"no folder can be made for the catalog {path}: {error.strerror}") from error
    return Store.open(path)


def open_for_reading(path: Path) -> Store:
    """The store of the catalog at *path*; one that an older Lookalike made is brought up to date first."""
    try:
        return Store.open(path, create=False, read_only=True)
    except CatalogOutdated:
        Store.open(path, create=False).close()  # opening it for writing brings it up to date
        return Store.open(path, create=False, read_only=True)
