"""Recipe texts: ``name[:option]*[@full][,imagehash]``, the words that people type and the catalog stores.

The catalog also stores ``…@frames8``, what ``animated_recipe`` makes of a recipe; people name the recipe of stills.

``parse_recipe(str(recipe)) == recipe`` holds for every recipe: options that equal the defaults are dropped, the others
are put in the algorithm's own order, so equal recipes have equal texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from lookalike.errors import RecipeError
from lookalike.fingerprints.animations import animated_recipe
from lookalike.fingerprints.registry import ALGORITHMS, MODEL_ALGORITHMS, load_algorithm
from lookalike.model import ANIMATION_FRAMES, Recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.model import Decode, Prepare

RecipesLike: TypeAlias = str | Recipe | Iterable[str | Recipe]
"""What names recipes: a comma-separated text, a recipe, or several of both."""

DECODES: dict[str, Decode] = {"reduced": "reduced", "full": "full"}
PREPARES: dict[str, Prepare] = {"lookalike": "lookalike", "imagehash": "imagehash"}
ANIMATION_WORD = f"frames{ANIMATION_FRAMES}"


def parse_recipe(text: str) -> Recipe:
    """The recipe that *text* names, such as ``whash``, ``phash:16``, ``whash:16:db4`` or ``dhash@full,imagehash``.

    Upper case, blanks around words and the order of options don't matter.

    Raises:
        RecipeError: an unknown algorithm, option or preparation; the message lists what is known.
    """
    name_and_options, at, preparation = text.strip().lower().partition("@")
    name, *options = [word.strip() for word in name_and_options.split(":")]
    if name not in ALGORITHMS | MODEL_ALGORITHMS:
        known = [*ALGORITHMS, *MODEL_ALGORITHMS]
        close = get_close_matches(name, known, n=2, cutoff=0.5)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise RecipeError(f"no fingerprint is called {name!r} (in {text!r}); known are {', '.join(known)}.{hint}")
    algorithm = load_algorithm(name)
    canonical, width_bits = algorithm.read_options(options)
    slots = getattr(algorithm, "slots", 0)  # only algorithms of local codes have them
    recipe = Recipe(name, canonical, width_bits, version=algorithm.version, slots=slots)
    return _read_preparation(recipe, preparation.split(","), text) if at else recipe


def parse_recipes(text: str) -> tuple[Recipe, ...]:
    """The recipes of a comma-separated list, such as ``whash,phash:16`` or ``dhash@full,imagehash,whash``.

    ``full``, ``imagehash`` and their opposites after an ``@`` belong to the recipe before them.

    Raises:
        RecipeError: as ``parse_recipe``; or the list is empty or names a recipe twice.
    """
    texts: list[str] = []
    for word in text.split(","):
        if texts and "@" in texts[-1] and word.strip().lower() in {*DECODES, *PREPARES, ANIMATION_WORD}:
            texts[-1] += f",{word}"
        else:
            texts.append(word)
    recipes = tuple(parse_recipe(one) for one in texts)
    for recipe in recipes:
        if recipe.frames > 1:
            raise RecipeError(
                f"{recipe} is how animations are fingerprinted wherever stills are by {recipe.algorithm}: "
                f"leave {ANIMATION_WORD} out"
            )
    _refuse_twice(recipes)
    return recipes


def as_recipes(asked: RecipesLike) -> tuple[Recipe, ...]:
    """The recipes that *asked* names, in its order.

    Raises:
        RecipeError: as ``parse_recipes``; or what came is no text, recipe or series of them.
    """
    if isinstance(asked, str):
        return parse_recipes(asked)
    if isinstance(asked, Recipe):
        return (asked,)
    several = list(asked) if isinstance(asked, Iterable) else [asked]
    for one in several:
        if not isinstance(one, str | Recipe):
            raise RecipeError(
                f"a recipe is a text such as 'whash' or a Recipe, or several in a list; {one!r:.100} came"
            )
    if not several:
        raise RecipeError("no recipe came; name at least one, such as 'whash'")
    recipes = tuple(recipe for one in several for recipe in ([one] if isinstance(one, Recipe) else parse_recipes(one)))
    _refuse_twice(recipes)
    return recipes


def as_recipe(asked: RecipesLike) -> Recipe:
    """The one recipe that *asked* names.

    Raises:
        RecipeError: as ``as_recipes``; or it names several.
    """
    recipes = as_recipes(asked)
    if len(recipes) != 1:
        raise RecipeError(f"one recipe is wanted here, {len(recipes)} came: {', '.join(map(str, recipes))}")
    return recipes[0]


def reads_colors(recipe: Recipe) -> bool:
    """Whether *recipe* reads more of a picture than its luminance."""
    return load_algorithm(recipe.algorithm).reads_colors


def check_models(recipes: Iterable[Recipe]) -> None:
    """See to it that those of *recipes* that need a model have theirs, before work is begun.

    Raises:
        RecipeError: a model isn't declared, or isn't the one any more that the recipe marks.
        MissingExtra: what runs it isn't installed.
    """
    for recipe in recipes:
        if recipe.algorithm in MODEL_ALGORITHMS:
            from lookalike.fingerprints.embedding import model_of

            model_of(recipe)


def _read_preparation(recipe: Recipe, words: Sequence[str], text: str) -> Recipe:
    decodes: list[Decode] = []
    prepares: list[Prepare] = []
    moments = 0
    for word in (each.strip() for each in words):
        if word == ANIMATION_WORD:
            moments += 1
        elif word in DECODES:
            decodes.append(DECODES[word])
        elif word in PREPARES:
            prepares.append(PREPARES[word])
        else:
            raise RecipeError(
                f"{word!r} in {text!r} is no way to prepare pixels; known are {', '.join([*DECODES, *PREPARES])}"
            )
    if max(len(decodes), len(prepares), moments) > 1:
        raise RecipeError(
            f"{text!r} says twice how to prepare the pixels; after the @ put at most one of {', '.join(DECODES)} "
            f"and one of {', '.join(PREPARES)}"
        )
    prepared = recipe.prepared(decode=decodes[0] if decodes else None, prepare=prepares[0] if prepares else None)
    return animated_recipe(prepared) if moments else prepared


def _refuse_twice(recipes: Sequence[Recipe]) -> None:
    seen: set[Recipe] = set()
    for recipe in recipes:
        if recipe in seen:
            raise RecipeError(f"the recipe {recipe} came twice; name each one once")
        seen.add(recipe)
