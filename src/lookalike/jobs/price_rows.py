"""Alternatives to one picture: what looks like it and costs less, about the same, or more.

Any numeric attribute will do in place of a price.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from lookalike.model import Match

SIMILAR_SHARE = 0.1  # a tenth up or down is the same price to most people
MOST_LOOKED_AT = 200  # matches among which the rows are made: further away nothing looks alike any more


@dataclass(frozen=True, slots=True)
class PriceRows:
    """Matches by what they cost beside *value*, each row nearest first.

    Attributes:
        attribute: what was compared.
        value: of the picture asked; where it has none, the median of its matches; None where these have none either.
        known: whether *value* is the picture's own, or was given.
    """

    attribute: str
    value: float | None
    known: bool
    cheaper: tuple[Match, ...] = ()
    similar: tuple[Match, ...] = ()
    dearer: tuple[Match, ...] = ()


def price_rows(matches: Sequence[Match], attribute: str, own: object, k: int) -> PriceRows:
    """Divide *matches*, nearest first, into three rows of at most *k*; those without the number are left out.

    *own* is the value of the picture asked; what is no number counts as none.
    """
    priced = [(match, value) for match in matches if (value := as_number(match.attributes.get(attribute))) is not None]
    value = as_number(own)
    known = value is not None
    if value is None and priced:
        value = float(statistics.median(one for _, one in priced[: max(k, 1)]))
    if value is None:
        return PriceRows(attribute, None, known=False)
    margin = abs(value) * SIMILAR_SHARE
    rows: dict[str, list[Match]] = {"cheaper": [], "similar": [], "dearer": []}
    for match, price in priced:
        row = "cheaper" if price < value - margin else "dearer" if price > value + margin else "similar"
        if len(rows[row]) < k:
            rows[row].append(match)
    return PriceRows(attribute, value, known, tuple(rows["cheaper"]), tuple(rows["similar"]), tuple(rows["dearer"]))


def as_number(value: object) -> float | None:
    """*value* where it is a number, otherwise None; a truth value is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
