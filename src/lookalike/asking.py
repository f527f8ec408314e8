"""What a catalog is asked: the part of `Catalog` that searches, apart from `assembly`, which is long."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lookalike.fingerprints import RecipesLike, as_recipes, parse_recipes
from lookalike.images import Limits, as_crop
from lookalike.jobs.end_search import Radius
from lookalike.jobs.find_lookalikes import find_lookalikes
from lookalike.jobs.held_recipes import HeldRecipe, missing_recipe
from lookalike.jobs.read_query import AnyQuery, MakeFingerprints, given_fingerprints
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.resident_indexes import ResidentIndexes
from lookalike.jobs.search_result import SearchResult
from lookalike.jobs.search_similar import search_similar
from lookalike.model import Crop, Match, Recipe
from lookalike.search import load_engine
from lookalike.settings import Settings
from lookalike.worth import Fusion

if TYPE_CHECKING:
    from lookalike.catalog import Store

WAYS = "pdq,parts,look"
"""What the default search asks, where the catalog has it: docs/choosing.md says why."""


class Asking(ABC):
    """Searches. Whoever has it says where the catalog is, and how pictures are read."""

    settings: Settings
    limits: Limits
    resident: ResidentIndexes | None
    make_fingerprints: MakeFingerprints

    @property
    @abstractmethod
    def store(self) -> Store:
        """The catalog file, open."""

    @abstractmethod
    def held_recipes(self) -> list[HeldRecipe]:
        """The recipes that the catalog has."""

    def search(
        self,
        source: AnyQuery,
        *,
        k: int = 9,
        by: RecipesLike | None = None,
        crop: Crop | Sequence[int] | None = None,
        where: str | None = None,
        with_self: bool = False,
        radius_bits: Radius = None,
        fusion: Fusion = "sum",
        turned: bool = False,
    ) -> list[Match]:
        """The *k* pictures that look most like *source*, nearest first; see `find`, which tells more."""
        found = self.find(
            source,
            k=k,
            by=by,
            crop=crop,
            where=where,
            with_self=with_self,
            radius_bits=radius_bits,
            fusion=fusion,
            turned=turned,
        )
        return list(found.matches)

    def find(
        self,
        source: AnyQuery,
        *,
        k: int = 9,
        by: RecipesLike | None = None,
        crop: Crop | Sequence[int] | None = None,
        where: str | None = None,
        with_self: bool = False,
        turned: bool = False,
        engine: str | None = None,
        radius_bits: Radius = None,
        fusion: Fusion = "sum",
        weights: Mapping[str, float] | None = None,
    ) -> SearchResult:
        """Search, and say how it was done.

        Args:
            source: a path inside the catalog or outside, bytes, a file object, a PIL image or an array; an `ImageId`
                of this catalog; or fingerprints, which decide by their own recipes.
            k: how many matches; fewer where fewer fit.
            by: recipes that decide, such as ``whash`` or ``whash,colorhash``, a `Recipe` or a list of them; several
                are ranked as *fusion* says. By default everything that looks alike in any way, by what it is worth
                (`find_lookalikes`): the same picture however it lies, parts of it, things of the same kind.
            crop: look only at this part of the upright picture: a `Crop`, or x, y, width, height.
            where: only pictures whose attributes fit, such as ``price < 50 and brand = 'Acme'``.
            with_self: list *source* itself too where its path is in the catalog.
            turned: find mirrored and turned copies too: all eight ways to lay the picture are compared, and each
                match's ``transform`` says what has to be done to *source*.
            engine: a registry name; by default the settings'.
            radius_bits: the largest distance under the first recipe; ``auto`` ends the list where chance begins.
            fusion: ``sum`` ranks by the sum of distance / width, ``chance`` by how rarely unrelated pictures are as
                near.
            weights: of the parts of a recipe's code, such as ``{"shape": 0.7, "colour": 0.3}`` of ``look``.

        Raises:
            ImageError, CropError: *source* can't be used. RecipeError, WhereError: a text can't be understood.
            SearchError: *k* or *radius_bits* isn't such a number, or no engine or fusion has such a name.
            NotInCatalog: the catalog has no fingerprints of a recipe. MissingExtra: the engine isn't installed.
        """
        name = engine if engine is not None else self.settings.engine
        by = "look" if by is None and weights is not None else by
        if given := given_fingerprints(source):
            by = tuple(one.recipe for one in given)
        by = None if by is None else as_recipes(by)  # once: an iterator gives its recipes only once
        ways = self.default_ways() if by is None and radius_bits is None and weights is None else ()
        if by is not None and radius_bits is None and not given:
            ways = by if len(by) == 1 and by[0].slots else ()  # parts alone: proved, with their regions
        if len(ways) > 1 or any(way.slots for way in ways):
            return find_lookalikes(
                self.store,
                source,
                ways,
                k=k,
                load_index=lambda recipe: self.load_index(recipe, name),
                engine_name=name,
                make_fingerprints=self.make_fingerprints,
                crop=None if crop is None else as_crop(crop),
                where=where,
                with_self=with_self,
                limits=self.limits,
            )
        return search_similar(
            self.store,
            source,
            (self.default_recipe(),) if by is None else by,
            k=k,
            make_engine=load_engine(name),
            engine_name=name,
            resident=self.resident,
            make_fingerprints=self.make_fingerprints,
            crop=None if crop is None else as_crop(crop),
            where=where,
            with_self=with_self,
            radius=radius_bits,
            fusion=fusion,
            turned=turned,
            weights=weights,
            limits=self.limits,
        )

    def load_index(self, recipe: Recipe, engine: str) -> RecipeIndex:
        """The index of *recipe* as the catalog is in the moment that its store is reading."""
        if self.resident is not None:
            return self.resident.load(self.store, recipe, load_engine(engine), engine)
        return RecipeIndex.load(self.store, recipe, load_engine(engine)(recipe.distance_bits))

    def warm_up(self) -> None:
        """Have the engines of the default search in memory, where engines stay there, before the first search."""
        if self.resident is not None:
            with self.store.reading():
                for recipe in self.default_ways():
                    self.load_index(recipe, self.settings.engine)

    def default_ways(self) -> tuple[Recipe, ...]:
        """The recipes of the default search: those of `WAYS` that the catalog has, else the `default_recipe`.

        Raises:
            NotInCatalog: the catalog has none at all.
        """
        ways = tuple(recipe for recipe in parse_recipes(WAYS) if self.store.has_recipe(recipe))
        return ways or (self.default_recipe(),)

    def default_recipe(self) -> Recipe:
        """The recipe that decides where none is named: the first of the settings' that the catalog has, or any.

        Raises:
            NotInCatalog: the catalog has none at all.
        """
        wanted = parse_recipes(self.settings.fingerprints)
        for recipe in wanted:
            if self.store.has_recipe(recipe):  # counting what the catalog has takes a while in a large one
                return recipe
        held = self.held_recipes()
        for one in held:
            if one.contents:
                return one.recipe
        raise missing_recipe(self.store, held[0].recipe if held else wanted[0])
