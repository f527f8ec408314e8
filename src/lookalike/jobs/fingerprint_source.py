"""Fingerprints of one image by any recipes: decoded once for each preparation of pixels that they ask for.

An animation gets the fingerprints of animations instead, by the recipe that goes with each one asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from lookalike.errors import TooSmall
from lookalike.fingerprints import animated_recipe, fingerprint_frames, fingerprint_picture, reads_colors
from lookalike.images import Channels, Limits, Source, is_animation, load_frames, load_picture
from lookalike.model import Crop, Fingerprint, Picture, Recipe


def fingerprint_source(
    source: Source,
    recipes: Sequence[Recipe],
    limits: Limits,
    crop: Crop | None = None,
    *,
    first_frame: bool = False,
) -> tuple[Picture, tuple[Fingerprint, ...]]:
    """The picture as the first recipe has it prepared, and the fingerprints in the order of *recipes*, at least one.

    The picture of an animation is its first frame; its fingerprints are of ``animated_recipe(recipe)``, or of that frame
    alone where *first_frame* is set.

    Raises:
        ImageError: the image can't be used; TooSmall where a recipe's width can't be kept.
        CropError: *crop* isn't a rectangle inside the picture.
    """
    groups: dict[tuple[str, str], list[Recipe]] = {}
    for recipe in recipes:
        groups.setdefault((recipe.decode, recipe.prepare), []).append(recipe)
    made: dict[Recipe, Fingerprint] = {}
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
            if is_animation(picture) and not first_frame
            else ()
        )
        fingerprints = fingerprint_frames(frames, group) if frames else fingerprint_picture(picture, group)
        made |= zip(group, fingerprints, strict=True)
    for recipe, fingerprint in made.items():
        if fingerprint.recipe not in {recipe, animated_recipe(recipe)}:
            raise TooSmall(
                f"the picture, {pictures[0].width} x {pictures[0].height} pixels, is too small for {recipe}: it gives "
                f"{fingerprint.recipe.width_bits} bits in place of {recipe.width_bits}"
            )
    return pictures[0], tuple(made[recipe] for recipe in recipes)
