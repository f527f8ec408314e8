"""Recall at a fixed rate of false matches, precision and recall, and intervals; every pair counted, none sampled.

Scores are distances or anything like them: the lower, the more alike. A pair of an attacked picture and its source is
true, a pair of it and any unrelated picture is false.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

Z_95 = 1.959963984540054  # the normal distribution's 97.5 % quantile
MOST_VALUES = 1 << 18
"""Different scores kept. Whole distances have a few hundred; of finer ones the lowest are kept, which decide."""


class Share(NamedTuple):
    """*found* of *asked*, and where the true share lies with 95 % confidence (Wilson 1927)."""

    found: int
    asked: int
    share: float
    low: float
    high: float


def wilson(found: int, asked: int) -> Share:
    """The share found and its 95 % interval by Wilson's score, which holds for small numbers and at 0 and 1 too.

    https://doi.org/10.1080/01621459.1927.10502953
    """
    if asked == 0:
        return Share(0, 0, 0.0, 0.0, 1.0)
    share, square = found / asked, Z_95 * Z_95
    middle = (share + square / (2 * asked)) / (1 + square / asked)
    reach = Z_95 / (1 + square / asked) * float(np.sqrt(share * (1 - share) / asked + square / (4 * asked * asked)))
    return Share(found, asked, share, max(0.0, middle - reach), min(1.0, middle + reach))


@dataclass(frozen=True, slots=True)
class ScoreCounts:
    """How many false pairs have which score, exactly, for all scores below *bound*.

    Attributes:
        values: float64 (n,), rising. counts: int64 (n,): pairs with each.
        pairs: all false pairs, those at or above *bound* included.
        bound: nothing is known of single scores from here on; infinite where everything is.
    """

    values: Scores
    counts: NDArray[np.int64]
    pairs: int
    bound: float = np.inf

    @classmethod
    def empty(cls) -> ScoreCounts:
        """Of no pair."""
        return cls(np.empty(0), np.empty(0, np.int64), 0)

    @classmethod
    def of(cls, scores: Scores, *, unlisted: int = 0, bound: float = np.inf) -> ScoreCounts:
        """Of *scores*, and of *unlisted* pairs of which is known only that they are at or above *bound*."""
        values, counts = np.unique(scores[scores < bound], return_counts=True)
        return cls(values, counts.astype(np.int64), len(scores) + unlisted, bound)._shortened()

    def plus(self, other: ScoreCounts) -> ScoreCounts:
        """Both together."""
        bound = min(self.bound, other.bound)
        values = np.concatenate([self.values, other.values])
        counts = np.concatenate([self.counts, other.counts])[values < bound]
        distinct, places = np.unique(values[values < bound], return_inverse=True)
        summed = np.zeros(len(distinct), np.int64)
        np.add.at(summed, places, counts)
        return ScoreCounts(distinct, summed, self.pairs + other.pairs, bound)._shortened()

    def _shortened(self) -> ScoreCounts:
        if len(self.values) <= MOST_VALUES:
            return self
        return ScoreCounts(
            self.values[:MOST_VALUES], self.counts[:MOST_VALUES], self.pairs, float(self.values[MOST_VALUES])
        )

    def at_most(self, scores: Scores) -> NDArray[np.int64]:
        """How many false pairs have at most each of *scores*, all below *bound*."""
        running = np.concatenate([[0], np.cumsum(self.counts)])
        counted: NDArray[np.int64] = running[np.searchsorted(self.values, scores, side="right")]
        return counted


class Threshold(NamedTuple):
    """Accept what scores below *limit*: then *false_matches* of *pairs* unrelated pairs match, *allowed* may."""

    limit: float
    false_matches: int
    allowed: int
    pairs: int

    def describe(self) -> str:
        """``< 9``: what is nearer matches. Where more than may match are as near as can be, nothing does."""
        if np.isinf(self.limit):
            return "everything"
        return "nothing" if self.limit == 0 else f"< {self.limit:.4g}"


def find_threshold(false: ScoreCounts, per_million: float) -> Threshold:
    """The largest limit under which no more than *per_million* of a million false pairs match.

    Ties count whole: a score at which too many would match is left out with all of its pairs. With fewer than a
    million / *per_million* pairs, none may match.
    """
    allowed = int(false.pairs * per_million // 1_000_000)
    running = np.cumsum(false.counts)
    place = int(np.searchsorted(running, allowed, side="right"))  # the first value with which there are too many
    limit = float(false.values[place]) if place < len(false.values) else false.bound
    return Threshold(limit, int(running[place - 1]) if place else 0, allowed, false.pairs)


class CurvePoint(NamedTuple):
    """What accepting scores up to *score* gives: recall, precision, and false matches a pair."""

    score: float
    recall: float
    precision: float
    false_rate: float


def trace_curve(true: Scores, false: ScoreCounts, most: int = 160) -> list[CurvePoint]:
    """Precision and recall, and the ROC, at every score that a true pair has below the bound; *most* points, evenly
    picked, the ends among them. Pairs without a score (infinite) count as never found.
    """
    scores, counts = np.unique(true[true < false.bound], return_counts=True)
    scores, counts = scores[np.isfinite(scores)], counts[np.isfinite(scores)]
    if not len(scores) or not false.pairs:
        return []
    found, wrong = np.cumsum(counts), false.at_most(scores)
    places = np.unique(np.linspace(0, len(scores) - 1, min(most, len(scores))).round().astype(np.int64))
    return [
        CurvePoint(
            float(scores[place]),
            float(found[place] / len(true)),
            float(found[place] / (found[place] + wrong[place])),
            float(wrong[place] / false.pairs),
        )
        for place in places
    ]
