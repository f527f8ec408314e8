"""One picture, several recipes: shared greyscale, shared thumbnails, one verdict on quality."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lookalike.errors import RecipeError
from lookalike.fingerprints.quality import judge_quality
from lookalike.fingerprints.registry import load_algorithm
from lookalike.fingerprints.views import Views
from lookalike.model import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Algorithm, Bits
    from lookalike.fingerprints.views import Size
    from lookalike.model import Picture, Recipe


def fingerprint_picture(picture: Picture, recipes: Sequence[Recipe]) -> tuple[Fingerprint, ...]:
    """The fingerprints that *recipes* make of *picture*, in their order. Each is the same alone or in company.

    Under ``prepare="imagehash"`` a picture too small for ``whash:db4`` gets imagehash's narrower code, and the
    fingerprint's recipe then has that ``width_bits``: it can't be compared with others by mistake.

    Raises:
        RecipeError: a recipe asks for other preparation of the pixels than the picture got.
        Undecodable: the picture has a mode of which Pillow makes no greyscale or colours.
    """
    for recipe in recipes:
        _check_preparation(picture, recipe)
    views = Views.of(picture)
    algorithms, sizes = _plan(tuple(recipes), views.size)
    views.prepare(sizes)
    quality, marks = judge_quality(views.grey_pixels, views.sight)
    fingerprints = []
    for algorithm, recipe in zip(algorithms, recipes, strict=True):
        fingerprints.append(pack_bits(algorithm.make_bits(views, recipe), recipe, quality, marks))
    return tuple(fingerprints)


@lru_cache(maxsize=128)
def _plan(recipes: tuple[Recipe, ...], size: Size) -> tuple[tuple[Algorithm, ...], tuple[Size, ...]]:
    """The algorithms, and the thumbnails that they will read of a picture of *size*."""
    algorithms = tuple(load_algorithm(recipe.algorithm) for recipe in recipes)
    wanted = [algorithm.thumbnails(recipe, size) for algorithm, recipe in zip(algorithms, recipes, strict=True)]
    return algorithms, tuple(dict.fromkeys(one for sizes in wanted for one in sizes))


def pack_bits(bits: Bits, recipe: Recipe, quality: int, marks: tuple[str, ...]) -> Fingerprint:
    """The fingerprint of *bits*, bool (parts, width_bits), that *recipe* made."""
    made = recipe if bits.shape[1] == recipe.width_bits else replace(recipe, width_bits=bits.shape[1])
    packed = np.packbits(bits, axis=1)
    parts = (packed.tobytes(),) if len(packed) == 1 else tuple(code.tobytes() for code in packed)
    return Fingerprint(made, parts, quality, marks)


def _check_preparation(picture: Picture, recipe: Recipe) -> None:
    if recipe.frames != 1:
        raise RecipeError(f"{recipe} is a fingerprint of animations; one picture has none")
    if (recipe.decode, recipe.prepare) != (picture.decode, picture.prepare):
        raise RecipeError(
            f"{recipe} wants pixels prepared as {recipe.decode}, {recipe.prepare}, but the picture came as "
            f"{picture.decode}, {picture.prepare}: load the picture with the recipe's decode and prepare"
        )
