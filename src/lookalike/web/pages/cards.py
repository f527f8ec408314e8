"""A match as a page shows it: picture, name, price, what the match is worth and why."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lookalike.model import Match, Region
from lookalike.web.pages.question import Question
from lookalike.web.pages.words import (
    BRAND_ATTRIBUTES,
    PRICE_ATTRIBUTES,
    TYPE_ATTRIBUTES,
    VERDICT_WORDS,
    chance_words,
    distance_words,
    find_attribute,
    heading_words,
    is_part,
    picture_name,
    price_words,
    value_words,
    where_words,
    why_words,
)

SIDES: Final = (160, 320, 640)
"""Sides in pixels of the small pictures that a browser may pick from: a third of a phone's, a card, twice that."""

SEARCH_PATH: Final = "/similar"


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture on a page: its name and pixels, and where its small copies are: width and address of each."""

    src: str
    choices: tuple[tuple[int, str], ...]
    width: int
    height: int
    name: str


@dataclass(frozen=True, slots=True)
class Card:
    """One match.

    Attributes:
        shown: its picture.
        again: the address that searches on from it. detail: of the page about it.
        price, brand: words, empty where unknown.
        worth: (style, words) of the verdict; None where there is none.
        distance, chance, why: words; empty where there is nothing to say. lies: how, turned or a part only.
        part: what was found of it, see `Match`.
    """

    id: int
    shown: Shown
    again: str
    detail: str
    price: str
    brand: str
    worth: tuple[str, str] | None
    distance: str
    chance: str
    why: str
    lies: str
    part: Region | None


def make_card(match: Match, shown: Shown, question: Question, widths: Mapping[str, int]) -> Card:
    """The card of *match* among the answers to *question*."""
    return Card(
        id=match.id,
        shown=shown,
        again=search_on(question, match.id),
        detail=question.address(f"/pictures/{match.id}"),
        price=price_of(match.attributes),
        brand=brand_of(match.attributes, shown.name),
        worth=None if match.verdict is None else VERDICT_WORDS[match.verdict],
        distance=distance_words(match, widths),
        chance=chance_words(match.expected),
        why=why_words(match),
        lies=where_words(match),
        part=match.region if is_part(match.region) and match.verdict != "chance" else None,
    )


def search_on(question: Question, picture: int) -> str:
    """The address that asks the same of another picture."""
    return question.address(SEARCH_PATH, picture=picture, upload="", crop=None)


def price_of(attributes: Mapping[str, Any]) -> str:
    """The price as tags have it, with its currency where the attributes name one."""
    name = find_attribute(attributes, PRICE_ATTRIBUTES)
    if name is None:
        return ""
    value = attributes[name]
    words = price_words(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
    currency = find_attribute(attributes, ("currency",))
    sign = {"price_eur": " €", "price_usd": " $"}.get(name.casefold(), "")
    return f"{words} {attributes[currency]}" if currency else f"{words}{sign}"


def brand_of(attributes: Mapping[str, Any], name: str) -> str:
    """Brand, or type, where the picture's *name* doesn't say it already."""
    for names in (BRAND_ATTRIBUTES, TYPE_ATTRIBUTES):
        found = find_attribute(attributes, names)
        if found is not None and value_words(attributes[found]).casefold() not in name.casefold():
            return value_words(attributes[found])
    return ""


def known_rows(attributes: Mapping[str, Any], paths: Sequence[str]) -> list[tuple[str, str]]:
    """Everything that is known, as rows of a table, without the column that only names the file."""
    own = {path_name for path in paths for path_name in (path, os.path.basename(path))}
    return [
        (heading_words(name), value_words(value))
        for name, value in attributes.items()
        if value not in (None, "") and not (isinstance(value, str) and value in own)
    ]


def name_of(attributes: Mapping[str, Any], paths: Sequence[str]) -> str:
    """What to call a picture that lies at *paths*."""
    return picture_name(attributes, paths[0] if paths else "")
