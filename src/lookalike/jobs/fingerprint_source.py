"""Fingerprints of one image by any recipes: decoded once for each preparation of pixels that they ask for.

An animation gets the fingerprints of animations instead, by the recipe that goes with each one asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from lookalike.errors import TooSmall
from lookalike.fingerprints import (
    animated_recipe,
    fingerprint_frames,
    fingerprint_orientations,
    fingerprint_picture,
    reads_colors,
)
from lookalike.images import Channels, Limits, Source, is_animation, load_frames, load_picture
from lookalike.model import Crop, Fingerprint, Picture, Recipe, Transform

Made = TypeVar("Made")


def fingerprint_source(
    source: Source, recipes: Sequence[Recipe], limits: Limits, crop: Crop | None = None
) -> tuple[Picture, tuple[Fingerprint, ...]]:
    """The picture as the first recipe has it prepared, and the fingerprints in the order of *recipes*, at least one.

    The picture of an animation is its first frame; its fingerprints are of ``animated_recipe(recipe)``.

    Raises:
        ImageError: the image can't be used; TooSmall where a recipe's width can't be kept.
        CropError: *crop* isn't a rectangle inside the picture.
    """
    picture, made = _by_preparation(source, recipes, limits, crop, fingerprint_picture, fingerprint_frames)
    for recipe, fingerprint in zip(recipes, made, strict=True):
        _check_width(picture, recipe, fingerprint)
    return picture, made


def fingerprint_turned_source(
    source: Source, recipes: Sequence[Recipe], limits: Limits, crop: Crop | None = None
) -> tuple[Picture, tuple[Mapping[Transform, Fingerprint], ...]]:
    """As ``fingerprint_source``, with each recipe's fingerprints of the picture laid in all eight ways.

    An animation has those of ``identity`` alone: turned films are rare, and each way would cost eight frames.
    """

    def keep_as_is(frames: Sequence[Picture], group: Sequence[Recipe]) -> tuple[Mapping[Transform, Fingerprint], ...]:
        return tuple({"identity": fingerprint} for fingerprint in fingerprint_frames(frames, group))

    picture, made = _by_preparation(source, recipes, limits, crop, fingerprint_orientations, keep_as_is)
    for recipe, orientations in zip(recipes, made, strict=True):
        for fingerprint in orientations.values():
            _check_width(picture, recipe, fingerprint)
    return picture, made


def _by_preparation(
    source: Source,
    recipes: Sequence[Recipe],
    limits: Limits,
    crop: Crop | None,
    of_still: Callable[[Picture, Sequence[Recipe]], tuple[Made, ...]],
    of_frames: Callable[[Sequence[Picture], Sequence[Recipe]], tuple[Made, ...]],
) -> tuple[Picture, tuple[Made, ...]]:
    """The picture, and what is made of it by each recipe: of an animation's frames, or of a still."""
    groups: dict[tuple[str, str], list[Recipe]] = {}
    for recipe in recipes:
        groups.setdefault((recipe.decode, recipe.prepare), []).append(recipe)
    made: dict[Recipe, Made] = {}
    pictures = []
    for group in groups.values():
        first = group[0]
        channels: Channels = "stored" if any(map(reads_colors, group)) else "luminance"
        picture = load_picture(
            source, decode=first.decode, prepare=first.prepare, limits=limits, crop=crop, channels=channels
        )
        pictures.append(picture)
        frames = (
            load_frames(source, decode=first.decode, prepare=first.prepare, limits=limits, crop=crop)
            if is_animation(picture)
            else ()
        )
        made |= zip(group, of_frames(frames, group) if frames else of_still(picture, group), strict=True)
    return pictures[0], tuple(made[recipe] for recipe in recipes)


def _check_width(picture: Picture, recipe: Recipe, fingerprint: Fingerprint) -> None:
    if fingerprint.recipe not in {recipe, animated_recipe(recipe)}:
        raise TooSmall(
            f"the picture, {picture.width} x {picture.height} pixels, is too small for {recipe}: it gives "
            f"{fingerprint.recipe.width_bits} bits in place of {recipe.width_bits}"
        )
