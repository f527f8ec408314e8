"""What a catalog says about distances and matches: how much they are worth, and why two pictures match.

Apart from `assembly`, which is long; picks concrete machines as that does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from lookalike.fingerprints import ALGORITHMS, as_recipe, as_recipes
from lookalike.model import ImageId

if TYPE_CHECKING:
    from lookalike.catalog import Store
    from lookalike.fingerprints import RecipesLike
    from lookalike.images import Limits, Source
    from lookalike.jobs.compare_images import Comparison
    from lookalike.model import Recipe
    from lookalike.worth import ChanceModel


class Insight(ABC):
    """The part of `Catalog` that weighs."""

    limits: Limits

    @property
    @abstractmethod
    def store(self) -> Store:
        """The catalog file, open."""

    def compare(
        self, first: Source | ImageId, second: Source | ImageId, *, by: RecipesLike | None = None
    ) -> Comparison:
        """The distance between two pictures, of the catalog (`ImageId`) or any other, and what it is worth here.

        Raises:
            NotInCatalog: there is no such image. ImageGone: its file isn't there. ImageChanging: it isn't what was
                indexed. ImageError, RecipeError: as `lookalike.compare`.
        """
        from lookalike.jobs.compare_images import compare_images, name_both
        from lookalike.jobs.locate_image import locate_image, read_image

        def read(source: Source | ImageId) -> Source:
            if not isinstance(source, ImageId):
                return source
            return read_image(locate_image(self.store, source.id)[1], self.limits)

        recipes = as_recipes(by if by is not None else tuple(ALGORITHMS))
        names = name_both(first, second)
        return compare_images(read(first), read(second), recipes, names, self.limits, self.chance_or_default)

    def chance(self, recipe: str | Recipe) -> ChanceModel | None:
        """How near unrelated pictures of this catalog are by chance under *recipe*; None where it is too small to tell.

            model = catalog.chance("phash")
            model.expected(8, pictures=100_000)   # unrelated pictures of so many that are at most 8 bits away

        Measured once and kept beside the catalog until a tenth of it has changed.

        Raises:
            RecipeError: *recipe* can't be understood. NotInCatalog: the catalog has no fingerprints of it.
        """
        from lookalike.jobs.measure_chance import measure_chance
        from lookalike.jobs.search_similar import check_recipes

        one = as_recipe(recipe)
        check_recipes(self.store, [one])
        return measure_chance(self.store, one)

    def chance_or_default(self, recipe: Recipe) -> ChanceModel | None:
        """The same, or the shipped numbers where the catalog has no fingerprints of *recipe*."""
        from lookalike.jobs.compare_images import shipped_model

        return self.chance(recipe) if self.store.has_recipe(recipe) else shipped_model(recipe)
