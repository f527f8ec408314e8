"""Fingerprints of one image by any recipes: decoded once for each preparation of pixels that they ask for.

An animation gets the fingerprints of animations instead, by the recipe that goes with each one asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from lookalike.errors import RecipeError, TooSmall
from lookalike.fingerprints import animated_recipe, fingerprint_frames, fingerprint_picture, reads_colors
from lookalike.images import Channels, Limits, Source, is_animation, load_frames, load_picture
from lookalike.model import Crop, Decode, Fingerprint, Picture, Prepare, Recipe


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
    groups = _group(tuple(recipes))
    made: dict[Recipe, Fingerprint] = {}
    first = None
    for decode, prepare, channels, group in groups:
        picture = load_picture(source, decode=decode, prepare=prepare, limits=limits, crop=crop, channels=channels)
        first = first or picture
        frames = (
            load_frames(source, decode=decode, prepare=prepare, limits=limits, crop=crop)
            if is_animation(picture) and not first_frame
            else ()
        )
        fingerprints = fingerprint_frames(frames, group) if frames else fingerprint_picture(picture, group)
        for recipe, fingerprint in zip(group, fingerprints, strict=True):
            _refuse_narrower(fingerprint, recipe, picture)
        if len(groups) == 1:
            return picture, fingerprints
        made |= zip(group, fingerprints, strict=True)
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
