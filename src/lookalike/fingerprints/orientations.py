"""One picture laid in all eight ways, for queries: a mirrored or turned copy has a fingerprint of its own.

What every recipe's answer must equal is ``fingerprint_picture`` of ``turn_picture``. That is also how most come to it:
Pillow rounds between its two passes, and turning swaps them, so that codes can't be turned and thumbnails only where
they are resized anew. Algorithms that know better say so by ``make_turned_bits``: ``pdq`` turns its frequencies,
``colorhash`` has no directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from PIL import Image

from lookalike.fingerprints.base import TurningAlgorithm
from lookalike.fingerprints.making import fingerprint_picture, pack_bits
from lookalike.fingerprints.registry import load_algorithm
from lookalike.fingerprints.views import Views
from lookalike.model import Fingerprint, Orientations, Transform

if TYPE_CHECKING:
    from lookalike.fingerprints.base import Bits
    from lookalike.model import Picture, Recipe

TRANSFORMS: tuple[Transform, ...] = get_args(Transform)

OPERATIONS: dict[Transform, Image.Transpose] = {
    "rotate-90": Image.Transpose.ROTATE_90,
    "rotate-180": Image.Transpose.ROTATE_180,
    "rotate-270": Image.Transpose.ROTATE_270,
    "mirror": Image.Transpose.FLIP_LEFT_RIGHT,
    "flip": Image.Transpose.FLIP_TOP_BOTTOM,
    "transpose": Image.Transpose.TRANSPOSE,
    "transverse": Image.Transpose.TRANSVERSE,
}
SWAPS_SIDES = frozenset({"rotate-90", "rotate-270", "transpose", "transverse"})


def fingerprint_orientations(picture: Picture, recipes: Sequence[Recipe]) -> tuple[Orientations, ...]:
    """For each of *recipes*, the fingerprint of *picture* after each transform, in the order of ``TRANSFORMS``.

    Quality and marks are those of the picture as it is: turning adds nothing to recognise.

    Raises:
        RecipeError, Undecodable: as ``fingerprint_picture``.
    """
    upright = fingerprint_picture(picture, recipes)
    turned_views: dict[Transform, Views] = {}
    made: list[dict[Transform, Fingerprint]] = []
    for recipe, fingerprint in zip(recipes, upright, strict=True):
        algorithm = load_algorithm(recipe.algorithm)
        bits: Sequence[Bits]
        if isinstance(algorithm, TurningAlgorithm):
            bits = algorithm.make_turned_bits(Views.of(picture), recipe)
        else:
            for transform in TRANSFORMS:
                if transform not in turned_views:
                    turned_views[transform] = Views.of(turn_picture(picture, transform))
            bits = [algorithm.make_bits(turned_views[transform], recipe) for transform in TRANSFORMS]
        made.append(
            {
                transform: pack_bits(one, recipe, fingerprint.quality, fingerprint.marks)
                for transform, one in zip(TRANSFORMS, bits, strict=True)
            }
        )
    return tuple(made)


def turn_picture(picture: Picture, transform: Transform) -> Picture:
    """*picture* after *transform*."""
    if transform == "identity":
        return picture
    image = picture.image.transpose(OPERATIONS[transform])
    swapped = transform in SWAPS_SIDES
    width, height = (picture.height, picture.width) if swapped else (picture.width, picture.height)
    return replace(picture, image=image, width=width, height=height, pixels=None)
