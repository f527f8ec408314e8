"""How a catalog is measured: recall under attacks, precision by labels. Apart from `assembly`, as `upkeep` is."""

from __future__ import annotations

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.errors import NotInCatalog
from lookalike.fingerprints import RecipesLike, as_recipe, as_recipes
from lookalike.search import ENGINES, load_engine

if TYPE_CHECKING:
    from lookalike.catalog import Store
    from lookalike.evaluation.askers import Asker, Find
    from lookalike.evaluation.measure_labels import LabelReport
    from lookalike.evaluation.measure_recall import EvaluationProgress, RecallPlan
    from lookalike.evaluation.recall_report import RecallReport
    from lookalike.execution import Control
    from lookalike.images import Limits
    from lookalike.jobs.bench_engines import BenchLimits, EngineFigures
    from lookalike.model import Recipe
    from lookalike.settings import Settings

AnyPath = str | os.PathLike[str]

LONGEST_PICTURE_S = 900.0
"""For all attacks on one picture by all askers: ten seconds are usual, and nothing of it comes from strangers."""

DEFAULT_SEARCH = "default search"


@dataclass(frozen=True)
class OpenSearch:
    """Opens a catalog in another process, for searches as users start them.

    Attributes:
        kind: `lookalike.Catalog`; this file is below the one that has it.
        path, settings: its own.
        by: a recipe; None where the user names none.
    """

    kind: type[Any]
    path: Path
    settings: Settings
    by: str | None = None

    def __call__(self) -> Find:
        catalog = self.kind(self.path, create=False, settings=self.settings, resident=True)
        return lambda picture, k: catalog.search(picture, k=k, by=self.by)


class Measuring(ABC):
    """The part of `Catalog` that measures."""

    settings: Settings
    path: Path
    limits: Limits

    @property
    @abstractmethod
    def store(self) -> Store:
        """The catalog file, open."""

    @property
    @abstractmethod
    def recipes(self) -> tuple[Recipe, ...]:
        """The recipes that the catalog has fingerprints of."""

    @abstractmethod
    def default_recipe(self) -> Recipe:
        """The recipe that decides where none is named."""

    def bench_engines(
        self,
        *,
        by: RecipesLike | None = None,
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

        recipe = self.default_recipe() if by is None else as_recipe(by)
        names = tuple(engines) if engines is not None else tuple(name for name in ENGINES if name != "reference")
        for name in names:
            load_engine(name)
        return recipe, bench_engines(self.store, recipe, names, limits or BenchLimits(), make_engine=load_engine)

    def evaluate_events(
        self,
        plan: RecallPlan,
        *,
        by: RecipesLike | None = None,
        peers: bool = False,
        default_search: bool = True,
        more: Sequence[Asker] = (),
        control: Control | None = None,
    ) -> Generator[EvaluationProgress | RecallReport]:
        """Measure how well attacked pictures are found again: progress, then the report. Closing it stops the work.

        Args:
            plan: how many pictures, which attacks, how many false matches are allowed, the seed.
            by: recipes; by default all that the catalog has.
            peers: measure other packages beside, as far as they are installed.
            default_search: measure the search that names no recipe too.
            more: any other `Asker`.
            control: pauses or stops the run.

        Raises:
            NotInCatalog: the catalog lacks a recipe or has no pictures. EvaluationError: the plan can't be measured.
            ExecutionError: no worker can be started.
        """
        from lookalike.evaluation.askers import FindAsker, RecipesAsker
        from lookalike.evaluation.measure_recall import draw_queries, measure_recall
        from lookalike.evaluation.peers import find_peers, hash_catalog
        from lookalike.evaluation.truth import KinFinder
        from lookalike.execution import LocalExecutor

        recipes = self.wanted_for_measuring(by)
        engine = load_engine("exact")
        executor = LocalExecutor(
            self.settings.workers or None,
            LONGEST_PICTURE_S,
            self.settings.memory_mb * 2**20,
            low_priority=self.settings.low_priority,
        )
        finder = KinFinder(self.store, recipes, engine, self.limits)
        queries = yield from draw_queries(self.store, plan, finder.find)
        askers: list[Asker] = []
        if default_search:
            askers.append(FindAsker(DEFAULT_SEARCH, OpenSearch(type(self), self.path, self.settings)))
        # How near one code of many is says nothing yet: parts are found by where several of them lie.
        askers += [
            FindAsker(str(one), OpenSearch(type(self), self.path, self.settings, str(one)))
            for one in recipes
            if one.slots
        ]
        if whole := tuple(one for one in recipes if not one.slots):
            askers.append(RecipesAsker(self.store.path, whole, engine, self.limits))
        askers += more
        with tempfile.TemporaryDirectory(prefix="lookalike-") as folder:
            if peers:
                found, missing = find_peers()
                plan = replace(plan, left_out={**(plan.left_out or {}), **missing})
                records = self.store.contents(self.store.present_contents())
                pictures = [(record.id, record.paths[0]) for record in records]
                if found:
                    askers.append((yield from hash_catalog(pictures, found, folder, executor)))
            yield from measure_recall(self.store, queries, askers, plan, executor, limits=self.limits, control=control)

    def label_events(
        self, truth: str, *, k: int = 9, not_same: str | None = None, by: RecipesLike | None = None
    ) -> Generator[EvaluationProgress | LabelReport]:
        """Measure how many of the first *k* carry the query's own label: progress, then the report.

        Args:
            truth: the attribute that is the label, such as ``brand``.
            k: answers looked at.
            not_same: an attribute, such as the photographer; answers that share it with the query are left out.
            by: recipes; by default all that the catalog has.

        Raises:
            SearchError: *k* isn't a whole number of at least 1. NotInCatalog: the catalog lacks a recipe.
            EvaluationError: too few pictures have the attribute.
        """
        from lookalike.evaluation.measure_labels import measure_labels

        recipes = self.wanted_for_measuring(by)
        return measure_labels(self.store, recipes, truth, k=k, not_same=not_same, make_engine=load_engine("exact"))

    def write_evaluation(self, report: RecallReport | LabelReport, page: AnyPath) -> None:
        """Write a page (HTML) that needs nothing else: tables, curves, and how it was measured."""
        from lookalike.evaluation.draw_evaluation import draw_evaluation
        from lookalike.rendering import save_report

        save_report(draw_evaluation(report), page)

    def wanted_for_measuring(self, by: RecipesLike | None) -> tuple[Recipe, ...]:
        """The recipes to measure, all of them held.

        Raises:
            NotInCatalog: the catalog lacks one, or has none at all.
        """
        from lookalike.jobs.held_recipes import missing_recipe

        recipes = tuple(as_recipes(by)) if by is not None else self.recipes
        if not recipes:
            raise NotInCatalog(
                f"the catalog {self.store.path} has no fingerprints yet; index a folder first: lookalike index FOLDER"
            )
        for recipe in recipes:
            if not self.store.has_recipe(recipe):
                raise missing_recipe(self.store, recipe)
        return recipes
