"""What is asked without an open catalog, wired up as `assembly` wires one: two pictures, an installation, a shop.

What only some questions need is imported where it is used, as there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.fingerprints import ALGORITHMS, RecipesLike, as_recipe, as_recipes, fingerprint_picture, reads_colors
from lookalike.images import Channels, Source, load_picture
from lookalike.model import Decode, Fingerprint, Prepare, Recipe
from lookalike.settings import Settings

if TYPE_CHECKING:
    from lookalike.jobs.check_installation import Finding
    from lookalike.jobs.compare_images import Comparison
    from lookalike.jobs.explain_match import Explanation
    from lookalike.jobs.list_engines import EngineEntry
    from lookalike.worth import ChanceModel


def fingerprint(
    source: Source, recipe: str | Recipe, *, decode: Decode | None = None, prepare: Prepare | None = None
) -> Fingerprint:
    """The fingerprint that *recipe* makes of one image; of an animation, of its first frame.

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
    one = as_recipe(recipe).prepared(decode=decode, prepare=prepare)
    channels: Channels = "stored" if reads_colors(one) else "luminance"
    picture = load_picture(source, decode=one.decode, prepare=one.prepare, channels=channels)
    return fingerprint_picture(picture, [one])[0]


def compare(
    first: Source,
    second: Source,
    *,
    by: RecipesLike | None = None,
    settings: Settings | None = None,
    chance: Callable[[Recipe], ChanceModel | None] | None = None,
) -> Comparison:
    """The distance between two images under every fingerprint, or under those that *by* names, and its worth.

    *chance* tells what distances are worth, such as an open catalog's ``chance_or_default``; shipped numbers do else.

    Raises:
        ImageError: one of the images can't be used. RecipeError: *by* can't be understood.
    """
    from lookalike.jobs.compare_images import compare_images, name_both, shipped_model

    recipes = as_recipes(by if by is not None else tuple(ALGORITHMS))
    limits = (settings or Settings.from_environment()).limits
    return compare_images(first, second, recipes, name_both(first, second), limits, chance or shipped_model)


def explain(
    first: Source,
    second: Source,
    *,
    by: RecipesLike | None = None,
    sheet: str | os.PathLike[str] | None = None,
    settings: Settings | None = None,
    chance: Callable[[Recipe], ChanceModel | None] | None = None,
    pictures: int | None = None,
) -> Explanation:
    """Why two pictures match: how the first lies on the second, which bits differ, and what that is worth.

        lookalike.explain("a.jpg", "b.jpg", sheet="why.png").verdict

    Args:
        first: whatever the loader takes.
        second: the same.
        by: recipes; by default the settings', those of new catalogs.
        sheet: a PNG file to draw it into.
        settings: by default the environment's.
        chance: what tells the worth of distances, such as a catalog's ``chance_or_default``; shipped numbers else.
        pictures: among how many the match counts as found; 1,000 by default.

    Raises:
        ImageError: one of the images can't be used. RecipeError: *by* can't be understood.
        RenderingError: *sheet* can't be written.
    """
    from lookalike.jobs.compare_images import name_both, shipped_model
    from lookalike.jobs.explain_match import NOMINAL_PICTURES, explain_match

    settings = settings or Settings.from_environment()
    explanation = explain_match(
        first,
        second,
        as_recipes(by if by is not None else settings.fingerprints),
        name_both(first, second),
        settings.limits,
        chance=chance or shipped_model,
        pictures=pictures or NOMINAL_PICTURES,
    )
    if sheet is not None:
        from lookalike.jobs.draw_explanation import write_explanation

        write_explanation(explanation, sheet)
    return explanation


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
