"""The near end of a histogram of distances: which distances occur at all, where copies show, and what lies beyond.

Too few pairs are as near as matters most, so the curve is continued. Bits of a fingerprint hang together, so that
unrelated pictures are near far more often than coin tosses would be. What was tried on halves of real collections is in
docs/worth.md, by benchmarks/chance.py: a beta-binomial by moments is far off, an exponential says too much. A parabola
does well with the binomial's logarithm, with half of it or with none of it: where pairs can be counted the three differ
by less than their error, with all of it somewhat worse. Half is taken, since without a binomial nothing tells wide
codes that hardly any pair can be nearer than some distance:

    ln(pairs at distance d) = ln(pairs of coin tosses at d) / 2 + a + b d + c d²        (Poisson regression)

Half a binomial is a binomial over about half as many bits: codes of real pictures have that many independent ones
(the effective degrees of freedom of J. Daugman, "The importance of being random", Pattern Recognition 36, 2003).
"""

from __future__ import annotations

from math import lgamma

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

# Pairs that are fitted: the nearest 0.4 % where there are many, up to 2 % where there are few. 10 % did worse
# (docs/worth.md).
FITTED_PAIRS = 2000
LEAST_SHARE, MOST_SHARE = 0.004, 0.02
LEAST_POINTS = 4  # one more than a parabola has

# From so many pairs on, a share is counted and not fitted: its standard error is below a fifth.
COUNTED_PAIRS = 30

# Copies make a second heap at the near end. It is rare, has a valley behind it, and is twice as high as the valley.
RARE_SHARE = 1e-3
HEAP_PAIRS = 10
HEAP_RATIO = 2.0
ODD_SHARE = 0.01


def occurring(counts: Reals) -> NDArray[np.int64]:
    """The distances that can occur: all, or the even ones where codes have as many ones as zeros, as of phash."""
    odd = counts[1::2].sum()
    step = 2 if odd <= ODD_SHARE * counts.sum() else 1
    return np.arange(0, len(counts), step, dtype=np.int64)


def end_of_copies(counts: Reals) -> int:
    """How many of the nearest *counts* (of occurring distances) are a heap of copies before a valley; mostly 0."""
    reached = np.cumsum(counts)
    rare = int(np.searchsorted(reached, RARE_SHARE * reached[-1])) + 1
    valley = int(np.argmin(counts[:rare][::-1]))  # the last of several: a gap belongs to the heap
    valley = len(counts[:rare]) - 1 - valley
    heap = counts[:valley]
    if heap.sum() >= HEAP_PAIRS and heap.max() >= HEAP_RATIO * max(counts[valley], 1.0):
        return valley
    return 0


def fit_near_end(counts: Reals, distances: NDArray[np.int64], width_bits: int, first: int) -> tuple[Reals, Reals]:
    """Pairs at each of *distances*, as fitted to the nearest few, and the standard error of their logarithm.

    Args:
        counts: pairs at each distance, float64 (n,).
        distances: the occurring distances, (n,).
        width_bits: of the codes.
        first: the first place that is fitted; what lies before it are copies.
    """
    reached = np.cumsum(counts[first:])
    share = min(max(FITTED_PAIRS / max(reached[-1], 1.0), LEAST_SHARE), MOST_SHARE)
    last = int(np.searchsorted(reached, share * reached[-1]))
    last = first + max(min(last, int(np.argmax(counts[first:]))), LEAST_POINTS - 1)
    used = slice(first, min(last, len(counts) - 1) + 1)
    offset = 0.5 * _log_tosses(distances, width_bits)
    powers = np.vander(distances / width_bits, 3, increasing=True)
    coefficients, covariance = _regress(powers[used], counts[used], offset[used])
    logarithms = np.minimum(offset + powers @ coefficients, 700.0)
    end = used.stop
    for place in range(end - 2, -1, -1):  # nearer pairs are never more frequent
        logarithms[place] = min(logarithms[place], logarithms[place + 1])
    errors = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", powers, covariance, powers), 0.0))
    return np.exp(logarithms), errors


def _log_tosses(distances: NDArray[np.int64], width_bits: int) -> Reals:
    """Logarithms of how many codes lie at each distance; where all are even, of codes with half their bits set."""
    if len(distances) > 1 and distances[1] == 2:
        return 2.0 * _log_choose(width_bits // 2, distances // 2)
    return _log_choose(width_bits, distances)


def _log_choose(of: int, chosen: NDArray[np.int64]) -> Reals:
    return np.array([lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) if k <= of else -1e3 for k in chosen.tolist()])


def _regress(powers: Reals, counts: Reals, offset: Reals) -> tuple[Reals, Reals]:
    """Poisson regression by weighted least squares, repeated (McCullagh & Nelder 1989, 2.5): what, and covariance."""
    fitted = np.log(counts + 0.5)
    coefficients = np.zeros(powers.shape[1])
    covariance = np.eye(powers.shape[1])
    for _ in range(60):
        mean = np.exp(np.clip(fitted, -30.0, 40.0))
        work = fitted - offset + (counts - mean) / mean
        normal = powers.T @ (mean[:, None] * powers) + 1e-9 * np.eye(powers.shape[1])
        covariance = np.linalg.inv(normal)
        newer = covariance @ (powers.T @ (mean * work))
        fitted = offset + powers @ newer
        settled = float(np.abs(newer - coefficients).max()) < 1e-8
        coefficients = newer
        if settled:
            break
    return coefficients, covariance
