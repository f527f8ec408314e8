"""Codes whose bits fall into parts that mean something of their own, such as the shape and the colour of `look`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from lookalike.errors import RecipeError
from lookalike.fingerprints.registry import load_algorithm

if TYPE_CHECKING:
    from lookalike.model import Recipe


class Part(NamedTuple):
    """Bits *begin_bits* to *begin_bits* + *width_bits* of a code; both are multiples of 64, so that parts are words."""

    name: str
    begin_bits: int
    width_bits: int


def parts_of(recipe: Recipe) -> tuple[Part, ...]:
    """The parts of *recipe*'s codes, which together are all of a code; none for most recipes."""
    if recipe.frames > 1:
        return ()  # the code tells several moments, one after the other
    parts: tuple[Part, ...] = getattr(load_algorithm(recipe.algorithm), "code_parts", ())
    return parts


def read_weights(text: str) -> dict[str, float]:
    """Weights as people type them: ``shape=0.7,colour=0.3``.

    Raises:
        RecipeError: the text isn't of that form.
    """
    weights: dict[str, float] = {}
    for word in text.split(","):
        name, equals, number = word.partition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = math.nan
        if not equals or name.strip() in weights or math.isnan(weight):
            raise RecipeError(f"{text!r} are no weights: write each part once, such as 'shape=0.7,colour=0.3'")
        weights[name.strip()] = weight
    return weights


def check_weights(recipe: Recipe, weights: Mapping[str, float]) -> tuple[float, ...]:
    """The weight of each part of *recipe*, in their order; a part that isn't named weighs nothing.

    Raises:
        RecipeError: the recipe has no parts or none of such a name; a weight is negative or no number, or all are 0.
    """
    names = [part.name for part in parts_of(recipe)]
    if not names:
        raise RecipeError(f"{recipe} has no parts to weigh; look has shape and colour")
    for name, weight in weights.items():
        if name not in names:
            raise RecipeError(f"{recipe} has no part {name!r}; its parts are {' and '.join(names)}")
        if not 0 <= weight < math.inf:
            raise RecipeError(f"the weight of {name} is {weight}; it must be 0 or more")
    if not any(weights.values()):
        raise RecipeError(f"no part of {recipe} weighs anything: give one of {' and '.join(names)} more than 0")
    return tuple(float(weights.get(name, 0.0)) for name in names)
