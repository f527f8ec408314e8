"""The learned numbers of `look`: ``look.npz`` beside this file, written by ``make look`` (training/)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "look.npz"
CONVOLUTIONS = 7  # the stem, then two in each of three stages
EXACT_BELOW = 1 << 24  # float32 holds every whole number up to here, so sums below it have no rounding and no order


class Convolution(NamedTuple):
    """A 3 x 3 convolution in whole numbers.

    Attributes:
        weights: float32 (9 * channels in, channels out): whole numbers from -127 to 127, kernel row by row.
        scale, shift: float64 (channels out): a sum times *scale* plus *shift* is an activation, 0 to 255.
    """

    weights: NDArray[np.float32]
    scale: NDArray[np.float64]
    shift: NDArray[np.float64]


class Linear(NamedTuple):
    """Weights float64 (inputs, outputs), or (inputs,) where each has its own output; shift float64 (outputs).

    Whole numbers all.
    """

    weights: NDArray[np.float64]
    shift: NDArray[np.float64]


class LookNumbers(NamedTuple):
    """All of them.

    Attributes:
        convolutions: from the picture to 160 planes of 4 x 4.
        foreground: of the 96 planes of 8 x 8: where the garment is, in 1/64 of the odds' logarithm.
        features: of the sums of the 160 planes: the features, centred and scaled, times 4096; one weight each.
        kinds: of the features: the scores of the kinds of garment, in 1/64 of the odds' logarithm, times 4096.
        outline_kinds: of the outlines: the scores of the kinds, in the same unit.
        outline_means: float64 (2880,): the outlines' average over the training photos.
        shape_means, color_means: float64: what the shape and colour vectors are on average over the training photos.
    """

    convolutions: tuple[Convolution, ...]
    foreground: Linear
    features: Linear  # one weight each
    kinds: Linear
    outline_kinds: Linear
    outline_means: NDArray[np.float64]
    shape_means: NDArray[np.float64]
    color_means: NDArray[np.float64]


@cache
def load_numbers() -> LookNumbers:
    """The numbers that ship; read once a process."""
    with files(__package__).joinpath(FILE).open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return as_numbers(dict(stored))


def as_numbers(stored: Mapping[str, NDArray[np.generic]]) -> LookNumbers:
    """The numbers out of the stored arrays.

    Raises:
        ValueError: a sum could exceed what float32 holds without rounding.
    """
    convolutions = tuple(
        Convolution(
            stored[f"convolution{place}"].astype(np.float32),
            stored[f"scale{place}"].astype(np.float64),
            stored[f"shift{place}"].astype(np.float64),
        )
        for place in range(CONVOLUTIONS)
    )
    if any(np.abs(one.weights).sum(axis=0).max() * 255 >= EXACT_BELOW for one in convolutions):
        raise ValueError(f"{FILE} has a convolution whose sums exceed {EXACT_BELOW:,}: train and quantise it anew")

    def linear(name: str) -> Linear:
        return Linear(stored[f"{name}_weights"].astype(np.float64), stored[f"{name}_shift"].astype(np.float64))

    return LookNumbers(
        convolutions,
        linear("foreground"),
        linear("features"),
        linear("kinds"),
        linear("outline_kinds"),
        stored["outline_means"].astype(np.float64),
        stored["shape_means"].astype(np.float64),
        stored["color_means"].astype(np.float64),
    )
