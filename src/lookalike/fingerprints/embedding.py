"""Embedding: on which side of many planes the vector lies that a neural network makes of the picture.

``embedding:clothes`` asks the model declared as ``clothes`` (see ``embedding_models``). The whole text is
``embedding:clothes:512:m0123456789ab``: the width and the mark of the model's file are filled in, so that codes of a
changed model are codes of another recipe, and a catalog can be read where the model isn't.

Bits are the signs of random sums of the vector's numbers, whose distance grows with the angle between two vectors: of w
bits, w * angle / pi differ (M. Charikar, "Similarity Estimation Techniques from Rounding Algorithms", STOC 2002). The
signs of the numbers themselves would be cheaper, but many networks have numbers that hardly ever change sign, and there
would be only as many bits as numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import RecipeError
from lookalike.fingerprints.embedding_models import load_model
from lookalike.fingerprints.options import LARGEST_WIDTH_BITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.embedding_models import Model
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe

ALIAS = re.compile(r"[a-z][a-z0-9_]*")
MARK = re.compile(r"m[0-9a-f]{12}")
SMALLEST_WIDTH_BITS = 8
SEED = 20_260_101  # any; another one would make other codes
WORD_BITS = 64


class Embedding:
    """Options: the model's alias, the width in bits, and the mark of the model's file."""

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = True

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        if not words or not ALIAS.fullmatch(words[0]) or MARK.fullmatch(words[0]):
            raise RecipeError(
                "embedding takes the alias of a model first, of letters, digits and underscores, as in "
                f"'embedding:clothes' with LOOKALIKE_MODEL_CLOTHES in the environment; {':'.join(words)!r:.80} came"
            )
        alias, *others = words
        numbers = [word for word in others if word.isascii() and word.isdigit() and len(word) <= 9]
        marks = [word for word in others if MARK.fullmatch(word)]
        if len(numbers) > 1 or len(marks) > 1 or len(numbers) + len(marks) < len(others):
            raise RecipeError(
                f"embedding:{alias} got the options {', '.join(map(repr, others))}: it takes a width in bits and the "
                f"mark of a model's file, as in 'embedding:{alias}:512:m0123456789ab'"
            )
        if numbers and not SMALLEST_WIDTH_BITS <= int(numbers[0]) <= LARGEST_WIDTH_BITS:
            raise RecipeError(
                f"embedding:{alias} got a width of {numbers[0]} bits; it takes {SMALLEST_WIDTH_BITS} to "
                f"{LARGEST_WIDTH_BITS}"
            )
        if not (numbers and marks):
            model = load_model(alias)
            marks = marks or [model.mark]
            numbers = numbers or [str(default_width(model.length))]
        return (alias, int(numbers[0]), marks[0]), int(numbers[0])

    def thumbnails(self, _recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        return ()

    def make_bits(self, views: Views, recipe: Recipe) -> Bits:
        model = model_of(recipe)
        vector = model.encode(views.image if views.image.mode == "RGB" else views.converted("RGB"))
        above: Bits = _planes(recipe.width_bits, model.length) @ vector.astype(np.float64) > 0.0
        return above[None, :]


def model_of(recipe: Recipe) -> Model:
    """The model that *recipe* was made by.

    Raises:
        RecipeError: it isn't declared, or another file is by now.
    """
    model = load_model(str(recipe.options[0]))
    if model.mark != recipe.options[2]:
        raise RecipeError(
            f"{recipe} was made by another model than the one that is declared as {recipe.options[0]} now, which has "
            f"the mark {model.mark}: declare the old one, or index again by embedding:{recipe.options[0]}"
        )
    return model


def default_width(length: int) -> int:
    """A bit a number, rounded up to whole words and within what codes may have."""
    return min(-(-length // WORD_BITS) * WORD_BITS, LARGEST_WIDTH_BITS)


@lru_cache(maxsize=4)
def _planes(width_bits: int, length: int) -> NDArray[np.int8]:
    """int8 (width_bits, length) of 1 and -1: sums with random signs, as good as normal ones for long vectors.

    Raw bits of PCG64, whose stream NumPy promises to keep; it promises that of no distribution.
    """
    words = np.random.PCG64(SEED).random_raw(-(-width_bits * length // WORD_BITS))
    bits = np.unpackbits(words.astype("<u8").view(np.uint8), count=width_bits * length)
    return (bits.astype(np.int8) * 2 - 1).reshape(width_bits, length)
