"""Which recipes a catalog holds fingerprints of, and which of those an older Lookalike made otherwise."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from lookalike.catalog import Store
from lookalike.errors import NotInCatalog, RecipeError
from lookalike.fingerprints import parse_recipe
from lookalike.model import Recipe


@dataclass(frozen=True, slots=True)
class HeldRecipe:
    """A recipe as this Lookalike makes it.

    Attributes:
        recipe: of the version that is made now.
        contents: how many contents have it, of that version.
        outdated: how many present contents have it of an older version only; a search by it passes them over.
    """

    recipe: Recipe
    contents: int
    outdated: int


def held_recipes(store: Store) -> list[HeldRecipe]:
    """Every recipe that *store* holds of this version or an older one, those with most contents first.

    What a newer Lookalike made is left out: this one can neither make nor compare it.
    """
    most: dict[Recipe, int] = {}
    current: dict[Recipe, int] = {}
    for record in store.recipes():
        with contextlib.suppress(RecipeError):  # a fingerprint or option that this Lookalike doesn't know
            recipe = parse_recipe(record.text)
            if record.contents and record.version <= recipe.version:
                most[recipe] = max(record.contents, most.get(recipe, 0))
            if record.describes(recipe):
                current[recipe] = record.contents
    ranked = sorted(most, key=lambda recipe: -most[recipe])
    held = [HeldRecipe(recipe, current.get(recipe, 0), store.count_outdated(recipe)) for recipe in ranked]
    return [one for one in held if one.contents or one.outdated]


def missing_recipe(store: Store, recipe: Recipe) -> NotInCatalog:
    """The error for a *store* that has no fingerprints of *recipe*: why, and what to do."""
    held = [record for record in store.recipes() if record.contents]
    versions = [record.version for record in held if record.text == str(recipe)]
    if versions and max(versions) > recipe.version:
        return NotInCatalog(
            f"the catalog's {recipe} fingerprints are of version {max(versions)}, made by a newer Lookalike; this one "
            f"makes version {recipe.version}: update Lookalike"
        )
    if versions:
        return NotInCatalog(
            f"the catalog's {recipe} fingerprints are of an older version, {max(versions)}; this Lookalike makes "
            f"version {recipe.version}: index again: lookalike index FOLDER"
        )
    if not held:
        return NotInCatalog(
            f"the catalog {store.path} has no fingerprints yet; index a folder first: lookalike index FOLDER"
        )
    return NotInCatalog(
        f"the catalog has no {recipe} fingerprints; it has: {', '.join(record.text for record in held)}. "
        f"Add them with: lookalike index FOLDER --fingerprints {recipe}"
    )
