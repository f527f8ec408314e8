"""Fingerprints of one image by any recipes: decoded once for each preparation of pixels that they ask for.

An animation gets the fingerprints of animations instead, by the recipe that goes with each one asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import TypeVar

from lookalike.errors import RecipeError, TooSmall
from lookalike.fingerprints import (
    animated_recipe,
    fingerprint_frames,
    fingerprint_orientations,
    fingerprint_picture,
    reads_colors,
)
from lookalike.images import Channels, Limits, Source, is_animation, load_frames, load_picture
from lookalike.model import Crop, Decode, Fingerprint, Orientations, Picture, Prepare, Recipe

Made = TypeVar("Made")


def fingerprint_source(
    source: Source,
    recipes: Sequence[Recipe],
    limits: Limits,
    crop: Crop | None = None,
    *,
    first_frame: bool = False,
) -> tuple[Picture, tuple[Fingerprint, ...]]:
    """The picture as the first recipe has it prepared, and the fingerprints in the order of *recipes*, at least one.

    The picture of an animation is its first frame; its fingerprints are of ``animated_recipe(recipe)``, or of that
    frame alone where *first_frame* is set.

    Raises:
        ImageError: the image can't be used; TooSmall where a recipe's width can't be kept.
        CropError: *crop* isn't a rectangle inside the picture.
    """
    picture, made = _by_preparation(
        source, recipes, limits, crop, fingerprint_picture, None if first_frame else fingerprint_frames
    )
    for recipe, fingerprint in zip(recipes, made, strict=True):
        _refuse_narrower(fingerprint, recipe, picture)
    return picture, made


def fingerprint_laid_source(
    source: Source,
    recipes: Sequence[Recipe],
    limits: Limits,
    crop: Crop | None = None,
    turned: Collection[Recipe] = (),
    *,
    first_frame: bool = False,
) -> tuple[Picture, tuple[Orientations, ...]]:
    """As ``fingerprint_source``; of the recipes *turned*, with the fingerprints of the picture laid in all eight ways.

    An animation has those of ``identity`` alone: turned films are rare, and each way would cost eight frames.
    """

    def lay(picture: Picture, group: Sequence[Recipe]) -> tuple[Orientations, ...]:
        as_is = [recipe for recipe in group if recipe not in turned]
        laid = [recipe for recipe in group if recipe in turned]
        made: dict[Recipe, Orientations] = dict(zip(laid, fingerprint_orientations(picture, laid), strict=True))
        upright = fingerprint_picture(picture, as_is)
        made |= zip(as_is, ({"identity": one} for one in upright), strict=True)
        return tuple(made[recipe] for recipe in group)

    def keep_as_is(frames: Sequence[Picture], group: Sequence[Recipe]) -> tuple[Orientations, ...]:
        return tuple({"identity": fingerprint} for fingerprint in fingerprint_frames(frames, group))

    picture, made = _by_preparation(source, recipes, limits, crop, lay, None if first_frame else keep_as_is)
    for recipe, orientations in zip(recipes, made, strict=True):
        for fingerprint in orientations.values():
            _refuse_narrower(fingerprint, recipe, picture)
    return picture, made


def _by_preparation(
    source: Source,
    recipes: Sequence[Recipe],
    limits: Limits,
    crop: Crop | None,
    of_still: Callable[[Picture, Sequence[Recipe]], tuple[Made, ...]],
    of_frames: Callable[[Sequence[Picture], Sequence[Recipe]], tuple[Made, ...]] | None,
) -> tuple[Picture, tuple[Made, ...]]:
    """The picture, and what is made of it by each recipe: of an animation's frames, or of a still.

    Without *of_frames* an animation is taken for its first frame.
    """
    groups = _group(tuple(recipes))
    made: dict[Recipe, Made] = {}
    first = None
    for decode, prepare, channels, group in groups:
        picture = load_picture(source, decode=decode, prepare=prepare, limits=limits, crop=crop, channels=channels)
        first = first or picture
        if of_frames is not None and is_animation(picture):
            frames = load_frames(source, decode=decode, prepare=prepare, limits=limits, crop=crop)
            several = of_frames(frames, group) if frames else of_still(picture, group)
        else:
            several = of_still(picture, group)
        if len(groups) == 1:
            return picture, several
        made |= zip(group, several, strict=True)
    if first is None:
        raise RecipeError("no recipe came, at least one is needed")
    return first, tuple(made[recipe] for recipe in recipes)


@lru_cache(maxsize=16)
def _group(recipes: tuple[Recipe, ...]) -> tuple[tuple[Decode, Prepare, Channels, tuple[Recipe, ...]], ...]:
    """What has to be loaded, and the recipes that are made of it; asked for every picture of a run."""
    groups: dict[tuple[Decode, Prepare], list[Recipe]] = {}
    for recipe in recipes:
        groups.setdefault((recipe.decode, recipe.prepare), []).append(recipe)
    return tuple(
        (*preparation, "stored" if any(map(reads_colors, group)) else "luminance", tuple(group))
        for preparation, group in groups.items()
    )


def _refuse_narrower(fingerprint: Fingerprint, recipe: Recipe, picture: Picture) -> None:
    if fingerprint.recipe is recipe or fingerprint.recipe in {recipe, animated_recipe(recipe)}:
        return
    raise TooSmall(
        f"the picture, {picture.width} x {picture.height} pixels, is too small for {recipe}: it gives "
        f"{fingerprint.recipe.width_bits} bits in place of {recipe.width_bits}"
    )
