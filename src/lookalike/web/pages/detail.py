"""The page about one picture: what is known, how it lies beside the query, and what is alike at other prices."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from lookalike.catalog import Facet
from lookalike.model import Crop, Region
from lookalike.web.pages.cards import SEARCH_PATH, Card, brand_of, known_rows, price_of, search_on
from lookalike.web.pages.facets import SIMILAR_SHARE, as_number, numeric
from lookalike.web.pages.question import Question, Range
from lookalike.web.pages.shop import Known, Shop, Subject
from lookalike.web.pages.views import make_cards, show_known, show_subject
from lookalike.web.pages.words import (
    PRICE_ATTRIBUTES,
    TRANSFORM_WORDS,
    VERDICT_WORDS,
    chance_words,
    heading_words,
    price_words,
    reason_words,
    recipe_words,
)

ROW: Final = 6  # cards in a row of prices


@dataclass(frozen=True, slots=True)
class PriceRow:
    """Alike pictures within one range of numbers."""

    heading: str
    words: str
    none: str
    cards: Sequence[Card]


def picture_page(shop: Shop, picture: int, question: Question, row_attribute: str) -> dict[str, Any]:
    """The page about *picture*; where *question* asks, it is compared with the query.

    Args:
        shop: the server.
        picture: the catalog's id.
        question: what led here; its `picture` or `upload` is the query.
        row_attribute: the numeric attribute to order alternatives by; empty for the first.
    """
    known = shop.known(picture)
    shown = show_known(shop, known)
    return {
        "shown": shown,
        "known": [*known_rows(known.attributes, known.paths), *_file_rows(known)],
        "price": price_of(known.attributes),
        "brand": brand_of(known.attributes, shown.name),
        "again_address": search_on(Question(by=question.by, shape=question.shape), picture),
        "back_address": question.address(SEARCH_PATH) if question.asks else "",
        "here": f"/pictures/{picture}",
        "kept_pairs": question.pairs(),
        "private": bool(question.upload),
        **_compared(shop, picture, question),
        **_rows(shop, known, row_attribute),
    }


def _file_rows(known: Known) -> list[tuple[str, str]]:
    """Pixels and files; folders aren't shown, the page may be open to others than their owner."""
    names = [
        os.path.basename(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace") for path in known.paths
    ]
    rows = [("Pixels", f"{known.width:,} x {known.height:,}")]
    return [*rows, ("Copies" if len(names) > 1 else "File", ", ".join(names[:8]))] if names else rows


def _compared(shop: Shop, picture: int, question: Question) -> dict[str, Any]:
    """How the picture stands to the query; nothing where there is none, or it is the query itself."""
    plain: dict[str, Any] = {
        "asked": None,
        "asked_words": "",
        "reasons": [],
        "worth": None,
        "chance": "",
        "region": None,
        "transform": "identity",
        "transform_words": "",
    }
    if not question.asks or (question.picture == picture and question.crop is None):
        return plain
    subject = shop.subject(question.picture, question.upload)
    likeness = shop.compare(subject, picture, crop=question.crop, by=question.by)
    asked = show_subject(shop, subject)
    known = shop.known(picture)
    best = likeness.reasons[0] if likeness.reasons else None
    part = part_of(question.crop, best.query_region if best else None, subject)
    return {
        "asked": asked,
        "asked_part": show_subject(shop, subject, part),
        "shown_part": show_known(shop, known, pixels_of(likeness.region, known.width, known.height)),
        "asked_words": asked.name,
        "transform": likeness.transform,
        "transform_words": TRANSFORM_WORDS[likeness.transform],
        "region": likeness.region,
        "worth": None if likeness.verdict is None else VERDICT_WORDS[likeness.verdict],
        "chance": chance_words(likeness.expected),
        "reasons": [
            (
                reason.recipe,
                recipe_words(reason.recipe),
                reason_words(reason),
                chance_words(reason.expected),
            )
            for reason in likeness.reasons
        ],
    }


def part_of(crop: Crop | None, region: Region | None, subject: Subject) -> Crop | None:
    """The *region* of what was asked, which is the *crop* or all of the subject, in pixels of the subject."""
    if crop is None:
        return pixels_of(region, subject.width, subject.height)
    inner = pixels_of(region, crop.width, crop.height)
    return crop if inner is None else replace(inner, x=crop.x + inner.x, y=crop.y + inner.y)


def pixels_of(region: Region | None, width: int, height: int) -> Crop | None:
    """*region* in whole pixels of a picture of this size, inside it; None for all of it."""
    if region is None:
        return None
    left, top = min(int(region.left * width), width - 1), min(int(region.top * height), height - 1)
    wide, high = round(region.width * width), round(region.height * height)
    return Crop(left, top, max(1, min(wide, width - left)), max(1, min(high, height - top)))


def _rows(shop: Shop, known: Known, wanted: str) -> dict[str, Any]:
    """Cheaper, similar and dearer pictures that look like this one, by the attribute *wanted* where it has a number."""
    able = [one for one in numeric(shop.attributes()) if as_number(known.attributes.get(one.name)) is not None]
    if not able:
        return {"rows": []}
    chosen = next((one for one in able if one.name == wanted), able[0])
    value = as_number(known.attributes[chosen.name]) or 0.0
    subject = Subject(known.width, known.height, known)
    question = Question(picture=known.id)
    rows = []
    for heading, words, none, one in _bands(chosen, value):
        found = shop.search(subject, k=ROW, where=Question(ranges=(one,)).where({}))
        rows.append(PriceRow(heading, words, none, make_cards(shop, found, question)))
    return {
        "rows": rows,
        "row_attribute": chosen.name,
        "row_attribute_words": heading_words(chosen.name).lower(),
        "row_attributes": [(one.name, heading_words(one.name)) for one in able],
    }


def _bands(attribute: Facet, value: float) -> list[tuple[str, str, str, Range]]:
    """Heading, range in words, what is missing where there is none, and the range, for below, about and above."""
    spread = abs(value) * SIMILAR_SHARE
    low, high = round(value - spread, 2), round(value + spread, 2)
    if attribute.name.casefold() in PRICE_ATTRIBUTES:
        less, same, more = ("Cheaper", "cheaper"), ("Similar price", "similar in price"), ("Dearer", "dearer")
    else:
        less, same, more = ("Less", "below"), ("About the same", "about the same"), ("More", "above")
    below, above = round(low - 0.01, 2), round(high + 0.01, 2)
    return [
        (less[0], f"below {price_words(low)}", less[1], Range(attribute.name, None, below)),
        (same[0], f"{price_words(low)} to {price_words(high)}", same[1], Range(attribute.name, low, high)),
        (more[0], f"above {price_words(high)}", more[1], Range(attribute.name, above, None)),
    ]
