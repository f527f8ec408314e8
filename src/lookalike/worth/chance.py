"""How often unrelated pictures are as near as that: one recipe in one catalog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.worth.tail import COUNTED_PAIRS, Reals, end_of_copies, fit_near_end, occurring

Source = Literal["this catalog", "default"]

MODEL_PICTURES = 200
"""From so many pictures on, their own pairs tell enough: 19,900 pairs reach down to 1 in 1,000 by counting."""

# The pairs of a catalog share pictures, so that counts spread wider than independent ones would. Measured on halves of
# catalogs: two to three times (docs/worth.md).
SPREAD = 2.5

# A query's neighbourhood is weighed by how the nearest hundredth to thousandth of pairs thins out; see `density`.
NEAR_SHARE, WIDE_SHARE = 1e-3, 1e-2
PRIOR_SAMPLES = 100  # average pictures that are taken to have been sampled besides


class _Curve(NamedTuple):
    """For each distance from 0 to the width: the share of unrelated pairs at most so near, and ln's standard error."""

    shares: Reals
    errors: Reals


@dataclass(frozen=True, eq=False)
class ChanceModel:
    """The distances between unrelated pictures of one catalog under one recipe.

    Attributes:
        recipe: its text.
        counts: how many sampled pairs lay at each distance: float64 (width_bits + 1,).
        pictures: of how many pictures pairs were drawn.
        source: ``this catalog``, or ``default`` where it is too small and shipped numbers were used, or helped out.
        left_out: pairs not counted since they are copies of each other.
    """

    recipe: str
    counts: Reals
    pictures: int
    source: Source = "this catalog"
    left_out: int = 0

    @property
    def width_bits(self) -> int:
        return len(self.counts) - 1

    @property
    def pairs(self) -> float:
        """Pairs counted."""
        return float(self.counts.sum())

    @cached_property
    def distances(self) -> NDArray[np.int64]:
        """The distances that can occur, rising."""
        return occurring(self.counts)

    def probability(self, distance: int) -> float:
        """The chance that a picture unrelated to the query is at most *distance* bits away."""
        if distance < 0:
            return 0.0
        return float(self._curve.shares[min(distance, self.width_bits)])

    def probabilities(self, distances: ArrayLike) -> Reals:
        """The same of many distances at once: float64 of their shape."""
        places = np.clip(np.asarray(distances, np.int64), 0, self.width_bits)
        shares: Reals = self._curve.shares[places]
        return shares

    def expected(self, distance: int, pictures: float, *, tries: int = 1, density: float = 1.0) -> float:
        """How many unrelated pictures, of *pictures*, are expected to be at most *distance* bits away by chance.

        As the E-value of sequence searches (Karlin & Altschul 1990): 0.01 is one such find in a hundred searches.

        Args:
            distance: bits.
            pictures: how many were looked at.
            tries: how many ways the query was laid, such as eight orientations.
            density: how crowded the query's neighbourhood is, as `density` tells.
        """
        return pictures * min(1.0, self.probability(distance) * tries * density)

    def error_factor(self, distance: int) -> float:
        """By which factor `probability` may be off, up or down, in nineteen cases of twenty."""
        return float(np.exp(2.0 * self._curve.errors[min(max(distance, 0), self.width_bits)]))

    def density(self, sampled: ArrayLike) -> float:
        """How many times more chance neighbours one query has than the average one, from its *sampled* distances to
        some hundred random pictures.

        Pictures of a common layout lie in a crowd. Each sampled distance counts with the weight at which near pairs
        thin out; those nearer than 1 in 1,000 count as that, so that a copy in the sample can't outweigh the rest.
        The mean over queries is 1, so that `expected` stays right on average. Measured: docs/worth.md.
        """
        distances = np.asarray(sampled)
        if distances.size == 0:
            return 1.0
        weights, average = self._weights
        seen = float(weights.take(distances, mode="clip").sum())
        return (seen + PRIOR_SAMPLES * average) / ((distances.size + PRIOR_SAMPLES) * average)

    def share_at_each_distance(self) -> Reals:
        """The share of unrelated pairs at each distance from 0 to the width: float64 (width_bits + 1,)."""
        shares = np.zeros(self.width_bits + 1)
        shares[self.distances] = np.diff(self._curve.shares[self.distances], prepend=0.0)
        return shares

    @cached_property
    def _weights(self) -> tuple[Reals, float]:
        shares = self._curve.shares
        near, wide = (int(np.searchsorted(shares, share)) for share in (NEAR_SHARE, WIDE_SHARE))
        near = min(near, self.width_bits - 1)
        wide = min(max(wide, near + 2), self.width_bits)
        slope = float(np.log(shares[wide] / shares[near])) / (wide - near)
        weights = np.exp(-slope * np.maximum(np.arange(len(shares)) - near, 0))
        return weights, float((weights * self.counts).sum() / self.pairs)

    @cached_property
    def _curve(self) -> _Curve:
        distances = self.distances
        counts = self.counts[distances].astype(np.float64)
        first = end_of_copies(counts)
        counts[:first] = 0.0
        reached = np.cumsum(counts)
        total = max(reached[-1], 1.0)
        counted = int(np.searchsorted(reached, min(float(COUNTED_PAIRS), reached[-1])))
        shares = reached / total
        errors = SPREAD / np.sqrt(np.maximum(reached, 1.0))
        if counted > 0 or first > 0:
            fitted, spread = fit_near_end(counts, distances, self.width_bits, first)
            tail = np.cumsum(fitted)
            shares[:counted] = shares[counted] * tail[:counted] / max(tail[counted], 1e-300)
            errors[:counted] = np.hypot(errors[counted], SPREAD * spread[:counted])
        every = np.searchsorted(distances, np.arange(self.width_bits + 1), side="right") - 1
        return _Curve(np.clip(shares[every], 1e-300, 1.0), errors[every])


def blend(own: Sequence[float] | Reals, default: ChanceModel, pictures: int, *, left_out: int = 0) -> ChanceModel:
    """The model of a small catalog: the pairs that it has, filled up by *default* to those of `MODEL_PICTURES`."""
    counts = np.asarray(own, np.float64)
    wanted = MODEL_PICTURES * (MODEL_PICTURES - 1) / 2
    missing = max(0.0, wanted - float(counts.sum()))
    return ChanceModel(
        default.recipe, counts + missing * default.share_at_each_distance(), pictures, "default", left_out
    )
