"""The upper tail of the gamma distribution, for numbers one by one: SciPy would take 0.1 s to load."""

from __future__ import annotations

import math

TINY = 1e-300
STEPS = 500


def gamma_tail(shape: float, x: float) -> float:
    """The chance that a gamma variable of *shape* and scale 1 is at least *x*.

    By its series below the mean and by Lentz's continued fraction above (Press et al., Numerical Recipes, 6.2).
    """
    if x <= 0:
        return 1.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        for step in range(1, STEPS):
            term *= x / (shape + step)
            total += term
            if term < total * 1e-15:
                break
        return max(0.0, 1.0 - total * front)
    b = x + 1 - shape
    c, d = 1 / TINY, 1 / b
    fraction = d
    for step in range(1, STEPS):
        numerator = -step * (step - shape)
        b += 2
        d = 1 / _away_from_zero(numerator * d + b)
        c = _away_from_zero(b + numerator / c)
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * fraction


def _away_from_zero(number: float) -> float:
    return number if abs(number) > TINY else TINY
