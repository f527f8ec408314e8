"""Several recipes, one order of the contents.

``sum`` adds up distance / width, as it always was. ``chance`` turns each distance into how rarely unrelated pictures
are as near, -log10 p, and adds those up (R. A. Fisher's way): a bit then weighs as much as it says under its recipe.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import SearchError
from lookalike.worth.chance import ChanceModel
from lookalike.worth.gamma import gamma_tail
from lookalike.worth.tail import Reals

Fusion = Literal["sum", "chance"]
FUSIONS: tuple[Fusion, ...] = get_args(Fusion)

USUAL_CORRELATION = 0.5  # of -ln p: 0.45 of phash and dhash, 0.5 of whash and phash, 0.07 of whash and colorhash
USUAL_SAMPLES = 100


def check_fusion(name: str) -> None:
    """Raise SearchError where no fusion has this name."""
    if name not in FUSIONS:
        raise SearchError(f"no fusion is named {name!r}; known are {', '.join(FUSIONS)}")


def score_contents(
    distances: NDArray[np.int64],
    widths: Sequence[int],
    models: Sequence[ChanceModel | None] | None = None,
) -> Reals:
    """The score of each content, the smallest best: float64 (n,).

    Args:
        distances: bits, int64 (n, recipes).
        widths: of each recipe's codes.
        models: what distances are worth; scores are sums of log10 p. Where one is unknown or *models* is None, sums of
            distance / width.
    """
    if models is None or any(model is None for model in models):
        return np.asarray((distances / np.asarray(widths)).sum(axis=1), np.float64)
    score = np.zeros(len(distances))
    for column, model in enumerate(models):
        assert model is not None
        levels = np.log10(model.probabilities(np.arange(model.width_bits + 1)))
        score += levels[distances[:, column]]
    return score


def shared_scale(levels: Sequence[NDArray[np.float64]]) -> float:
    """How much recipes repeat each other: 1 for independent ones, their number for one and the same.

    Brown's scale (M. B. Brown, "A method for combining non-independent, one-sided tests of significance", Biometrics
    31, 1975) from *levels*, -ln p of the same unrelated pictures under each recipe. Few pictures say little and are
    filled up with what is usual, a correlation of a half.
    """
    recipes = len(levels)
    usual = 1.0 + USUAL_CORRELATION * (recipes - 1)
    samples = min((len(level) for level in levels), default=0)
    if recipes < 2 or samples < 3:
        return usual
    spread = [float(level.std()) for level in levels]
    if min(spread) <= 0:
        return usual
    seen = float(np.corrcoef(np.stack(levels)).sum()) / recipes
    blended = (samples * seen + USUAL_SAMPLES * usual) / (samples + USUAL_SAMPLES)
    return min(max(blended, 1.0), float(recipes))


def combined_probability(probabilities: Sequence[float], scale: float) -> float:
    """The chance that an unrelated picture is as near under several recipes taken together.

    -ln p adds up to a gamma variable (Fisher) that is wider by *scale* where recipes repeat each other (Brown).
    Measured for pairs and fours of recipes: docs/worth.md.
    """
    total = -sum(math.log(max(one, 1e-300)) for one in probabilities)
    if len(probabilities) == 1:
        return probabilities[0]
    return gamma_tail(len(probabilities) / scale, total / scale)
