"""Several recipes, one order of the contents.

``sum`` adds up distance / width, as it always was. ``chance`` turns each distance into how rarely unrelated pictures
are as near, -log10 p, and adds those up (R. A. Fisher's way): a bit then weighs as much as it says under its recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import SearchError
from lookalike.worth.chance import ChanceModel
from lookalike.worth.tail import Reals

Fusion = Literal["sum", "chance"]
FUSIONS: tuple[Fusion, ...] = get_args(Fusion)


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


def combine_expected(expected: Sequence[float | None]) -> float | None:
    """The chance matches expected of the strongest of several recipes: its own, times how many could have been it.

    Right whatever the recipes have in common (Bonferroni), where adding up would need them independent. None where
    nothing is known of any.
    """
    known = [one for one in expected if one is not None]
    return min(known) * len(expected) if known else None
