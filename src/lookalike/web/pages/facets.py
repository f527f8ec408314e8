"""What attributes let a page say: filters, a guess at what the picture shows, and prices below and above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, Final

from lookalike.catalog import Facet
from lookalike.model import Match
from lookalike.web.pages.question import Question, figure
from lookalike.web.pages.words import (
    BRAND_ATTRIBUTES,
    PRICE_ATTRIBUTES,
    TYPE_ATTRIBUTES,
    heading_words,
    price_words,
    value_words,
)

MOST_VALUES: Final = 60
"""Values that a filter lists: with more it can't be read, and is no kind of thing any more but a name."""

MOST_FACETS: Final = 6
VOTERS: Final = 9
"""Neighbours that vote on what a picture shows: those of the classic way's grid."""

_FIRST: Final = (*BRAND_ATTRIBUTES, *TYPE_ATTRIBUTES, "colour", "color", "material")
_NUMBERED: Final = ("id", "number", "sku", "ean", "index", "row", "key")
SIMILAR_SHARE: Final = 0.15
"""A price within 15 % of another counts as similar."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter: how it is sent, how it reads, how many files have it, whether it is chosen."""

    sent: str
    words: str
    files: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter by one attribute: choices, or a range of numbers."""

    name: str
    heading: str
    choices: tuple[Choice, ...] = ()
    least: str = ""
    most: str = ""
    least_chosen: str = ""
    most_chosen: str = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """What the nearest say that a picture is: the value that most of those who know have."""

    name: str
    heading: str
    words: str
    votes: int
    of: int
    flag: bool = False

    @property
    def percent(self) -> int:
        """The share of the votes."""
        return round(100 * self.votes / self.of)


@dataclass(frozen=True, slots=True)
class PriceBand:
    """What the nearest cost: the middle half of them."""

    name: str
    low: float
    high: float

    @property
    def words(self) -> str:
        """From and to, as price tags have it."""
        return (
            price_words(self.low) if self.low == self.high else f"{price_words(self.low)} to {price_words(self.high)}"
        )


def usable(summaries: Sequence[Facet], pictures: int) -> list[Facet]:
    """The attributes to filter by, those that shops know first: most pictures have them, and not each its own value."""
    fit = [one for one in summaries if 2 * one.count >= pictures and _sorts(one)]
    kept = sorted(fit, key=lambda one: (_rank(one), one.name))
    return [one for one in kept if one.kind != "number"][:MOST_FACETS] + [one for one in kept if one.kind == "number"][
        : MOST_FACETS // 2
    ]


def numeric(summaries: Sequence[Facet]) -> list[Facet]:
    """The attributes that put pictures in an order, prices first."""
    fit = [one for one in summaries if one.kind == "number" and _sorts(one)]
    return sorted(fit, key=lambda one: (_rank(one), one.name))


def _sorts(one: Facet) -> bool:
    if one.kind == "number":
        words = one.name.casefold().replace("-", "_").split("_")
        return one.least != one.most and not any(word in _NUMBERED for word in words)
    distinct = len(one.values) + one.more
    return 1 < distinct <= MOST_VALUES and 2 * distinct <= one.count


def _rank(one: Facet) -> int:
    names = PRICE_ATTRIBUTES if one.kind == "number" else _FIRST
    plain = one.name.casefold()
    return names.index(plain) if plain in names else len(names)


def make_filters(summaries: Sequence[Facet], question: Question) -> list[Filter]:
    """The filters of a page, with what *question* has chosen."""
    chosen = dict(question.chosen)
    ranges = {one.name: one for one in question.ranges}
    filters = []
    for one in summaries:
        if one.kind == "number":
            taken = ranges.get(one.name)
            filters.append(
                Filter(
                    one.name,
                    heading_words(one.name),
                    least=_figure(one.least),
                    most=_figure(one.most),
                    least_chosen=_figure(taken.least if taken else None),
                    most_chosen=_figure(taken.most if taken else None),
                )
            )
            continue
        choices = tuple(
            Choice(sent, value_words(value), files, sent in chosen.get(one.name, ()))
            for value, files in one.values
            for sent in [str(value).lower() if isinstance(value, bool) else value]
        )
        filters.append(Filter(one.name, heading_words(one.name), choices))
    return filters


def _figure(number: float | None) -> str:
    return "" if number is None else figure(number)


def make_guesses(matches: Sequence[Match], summaries: Sequence[Facet]) -> list[Guess]:
    """What the nearest of *matches* vote for, one guess an attribute that sorts; the nearer decides where votes tie."""
    guesses = []
    for one in summaries:
        voters = [
            dict.fromkeys(map(value_words, told if isinstance(told, list) else [told]))
            for match in matches[:VOTERS]
            if one.kind != "number" and (told := match.attributes.get(one.name)) not in (None, "", [])
        ]
        if voters:
            words, votes = Counter(words for voter in voters for words in voter).most_common(1)[0]
            guesses.append(Guess(one.name, heading_words(one.name), words, votes, len(voters), one.kind == "flag"))
    return guesses[:4]


def make_band(matches: Sequence[Match], summaries: Sequence[Facet]) -> PriceBand | None:
    """What the nearest cost; None where too few have a number."""
    for one in numeric(summaries)[:1]:
        numbers = [
            number for match in matches[:VOTERS] if (number := as_number(match.attributes.get(one.name))) is not None
        ]
        if len(numbers) >= 3:
            low, _, high = quantiles(numbers, n=4, method="inclusive")
            return PriceBand(one.name, round(low, 2), round(high, 2))
    return None


def as_number(value: Any) -> float | None:
    """*value* where it is a number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
