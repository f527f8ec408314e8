"""Recipe texts: ``name[:option]*[@full][,imagehash]``, the words that people type and the catalog stores.

``parse_recipe(str(recipe)) == recipe`` holds for every recipe: options that equal the defaults are dropped, the others
are put in the algorithm's own order, so equal recipes have equal texts.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from lookalike.errors import RecipeError
from lookalike.fingerprints.registry import ALGORITHMS, load_algorithm
from lookalike.model import Recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.model import Decode, Prepare

DECODES: dict[str, Decode] = {"reduced": "reduced", "full": "full"}
PREPARES: dict[str, Prepare] = {"lookalike": "lookalike", "imagehash": "imagehash"}


def parse_recipe(text: str) -> Recipe:
    """The recipe that *text* names, such as ``whash``, ``phash:16``, ``whash:16:db4`` or ``dhash@full,imagehash``.

    Upper case, blanks around words and the order of options don't matter.

    Raises:
        RecipeError: an unknown algorithm, option or preparation; the message lists what is known.
    """
    name_and_options, at, preparation = text.strip().lower().partition("@")
    name, *options = [word.strip() for word in name_and_options.split(":")]
    if name not in ALGORITHMS:
        close = get_close_matches(name, ALGORITHMS, n=2, cutoff=0.5)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise RecipeError(f"no fingerprint is called {name!r} (in {text!r}); known are {', '.join(ALGORITHMS)}.{hint}")
    algorithm = load_algorithm(name)
    canonical, width_bits = algorithm.read_options(options)
    recipe = Recipe(name, canonical, width_bits, version=algorithm.version)
    return _read_preparation(recipe, preparation.split(","), text) if at else recipe


def parse_recipes(text: str) -> tuple[Recipe, ...]:
    """The recipes of a comma-separated list, such as ``whash,phash:16`` or ``dhash@full,imagehash,whash``.

    ``full``, ``imagehash`` and their opposites after an ``@`` belong to the recipe before them.

    Raises:
        RecipeError: as ``parse_recipe``; or the list is empty or names a recipe twice.
    """
    texts: list[str] = []
    for word in text.split(","):
        if texts and "@" in texts[-1] and word.strip().lower() in DECODES | PREPARES:
            texts[-1] += f",{word}"
        else:
            texts.append(word)
    recipes = tuple(parse_recipe(one) for one in texts)
    _refuse_twice(recipes)
    return recipes


def reads_colors(recipe: Recipe) -> bool:
    """Whether *recipe* reads more of a picture than its luminance."""
    return load_algorithm(recipe.algorithm).reads_colors


def _read_preparation(recipe: Recipe, words: Sequence[str], text: str) -> Recipe:
    decodes: list[Decode] = []
    prepares: list[Prepare] = []
    for word in (each.strip() for each in words):
        if word in DECODES:
            decodes.append(DECODES[word])
        elif word in PREPARES:
            prepares.append(PREPARES[word])
        else:
            raise RecipeError(
                f"{word!r} in {text!r} is no way to prepare pixels; known are {', '.join([*DECODES, *PREPARES])}"
            )
    if len(decodes) > 1 or len(prepares) > 1:
        raise RecipeError(
            f"{text!r} says twice how to prepare the pixels; after the @ put at most one of {', '.join(DECODES)} "
            f"and one of {', '.join(PREPARES)}"
        )
    return recipe.prepared(decode=decodes[0] if decodes else None, prepare=prepares[0] if prepares else None)


def _refuse_twice(recipes: Sequence[Recipe]) -> None:
    seen: set[Recipe] = set()
    for recipe in recipes:
        if recipe in seen:
            raise RecipeError(f"the recipe {recipe} came twice; name each one once")
        seen.add(recipe)
