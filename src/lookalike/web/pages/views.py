"""Puts together what each page shows, from the question and the shop's answers; knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from lookalike.catalog import Facet
from lookalike.model import Crop, Match
from lookalike.web.pages.cards import SEARCH_PATH, SIDES, Card, Shown, make_card, name_of
from lookalike.web.pages.facets import VOTERS, PriceBand, make_band, make_filters, make_guesses, usable
from lookalike.web.pages.question import CHOSEN, LEAST, LOOK, MOST, OWN_SHAPE, Question
from lookalike.web.pages.shop import Found, Known, Shop, Subject
from lookalike.web.pages.words import NAME_ATTRIBUTES, find_attribute, heading_words, price_words, recipe_words

SHEET: Final = 81  # nine by nine, as the classic way has it
PAGE: Final = 24  # cards a step: whole rows of 2, 3, 4, 6 and 8
NEAREST: Final = 9  # a column of the side by side view, and the classic way's grid
CLASSIC: Final = ("whash", "colorhash", LOOK)
YOUR_PICTURE: Final = "Your picture"


def show_known(shop: Shop, known: Known, crop: Crop | None = None) -> Shown:
    """A picture of the catalog, or a part of it."""
    addresses = [shop.picture_address(known.id, side, crop) for side in SIDES]
    return shown(addresses, crop or known, name_of(known.attributes, known.paths))


def show_subject(shop: Shop, subject: Subject, crop: Crop | None = None) -> Shown:
    """The picture that is asked, or a part of it."""
    if subject.known is not None:
        return show_known(shop, subject.known, crop)
    addresses = [shop.upload_address(subject.upload, side, crop) for side in SIDES]
    return shown(addresses, crop or subject, YOUR_PICTURE)


def shown(addresses: Sequence[str], pixels: Known | Subject | Crop, name: str) -> Shown:
    """The small copies as a browser's choice: each one's width follows from its longer side."""
    width, height = pixels.width, pixels.height
    longer = max(width, height, 1)
    widths = [max(1, round(width * min(side, longer) / longer)) for side in SIDES]
    choices = tuple(dict(zip(widths, addresses, strict=True)).items())
    return Shown(addresses[1], choices, width, height, name)


def start_page(shop: Shop, seed: int) -> dict[str, Any]:
    """The start page: where to drop a picture, and a random sheet."""
    count = shop.count_pictures()
    sheet = [
        (show_known(shop, known), Question(picture=known.id).address(SEARCH_PATH)) for known in shop.sample(SHEET, seed)
    ]
    return {
        "sheet": sheet,
        "count": "1 picture is" if count == 1 else f"{count:,} pictures are",
        "next_seed": (seed + 1) % 10_000,
        "shop": bool(usable(shop.attributes(), count)),
    }


def similar_page(shop: Shop, question: Question) -> dict[str, Any]:
    """The results: one ranking or columns, with the query and the filters beside it."""
    question = replace(question, shape=None) if question.shape == OWN_SHAPE else question
    subject = shop.subject(question.picture, question.upload)
    summaries = usable(shop.attributes(), shop.count_pictures())
    asked = show_subject(shop, subject)
    where = question.where({one.name: one.kind == "flag" for one in summaries})
    columns = _columns(shop, subject, question, where) if question.view == "columns" else []
    found = shop.search(
        subject,
        k=NEAREST if columns else PAGE,
        by="" if columns else question.by,
        crop=question.crop,
        where=where,
        shape=question.shape,
        cursor=question.cursor,
    )
    cards = [] if columns else make_cards(shop, found, question)
    first = not question.cursor
    nearest = _nearest(shop, subject, question, found) if first else ()
    band = make_band(nearest, summaries)
    chips = _chips(question)
    many = sum(len(column["cards"]) for column in columns) or len(cards)
    return {
        "question": question,
        "asked": asked,
        "asked_words": asked.name,
        "heading": _heading(subject, asked.name),
        "private": subject.known is None,
        "known_subject": subject.known is not None,
        "told": f"{many} pictures found" if first else f"{many} more pictures",
        "cards": cards,
        "columns": columns,
        "notes": found.notes,
        "chips": chips,
        "guesses": make_guesses(nearest, summaries),
        "band": band,
        "band_addresses": _band_addresses(question, band),
        "more_address": question.address(SEARCH_PATH, cursor=found.cursor) if found.cursor else "",
        "unfiltered_address": question.address(SEARCH_PATH, chosen=(), ranges=()),
        "grid_address": question.address(SEARCH_PATH, view="grid"),
        "columns_address": question.address(SEARCH_PATH, view="columns"),
        **_asked(question, subject),
        **_refining(shop, question, summaries),
    }


def _heading(subject: Subject, name: str) -> str:
    """What the results are like: a title reads well, a kind of thing such as "Shirt" doesn't."""
    if subject.known is None:
        return f"Like {YOUR_PICTURE.lower()}"
    return f"Like {name}" if find_attribute(subject.known.attributes, NAME_ATTRIBUTES) else "Like this picture"


def _nearest(shop: Shop, subject: Subject, question: Question, found: Found) -> Sequence[Match]:
    """Those that vote on what the picture shows: whatever is filtered by, or Acme would win by being asked for."""
    if not question.chosen and not question.ranges:
        return found.matches
    return shop.search(subject, k=VOTERS, by=question.by, crop=question.crop, shape=question.shape).matches


def make_cards(shop: Shop, found: Found, question: Question) -> list[Card]:
    """The cards of *found*."""
    cards = []
    for match in found.matches:
        width, height = found.sizes.get(match.id, (4, 5))
        known = Known(match.id, width, height, match.paths or (match.path,), match.attributes)
        cards.append(make_card(match, show_known(shop, known), question, found.widths))
    return cards


def _columns(shop: Shop, subject: Subject, question: Question, where: str | None) -> list[dict[str, Any]]:
    """The nine nearest by each of the classic recipes, and of `look` where there is one."""
    held = shop.recipes()
    columns = []
    for recipe in [name for name in CLASSIC if name in held] or list(held[:3]):
        found = shop.search(subject, k=NEAREST, by=recipe, crop=question.crop, where=where, shape=question.shape)
        cards = make_cards(shop, found, question)
        columns.append({"recipe": recipe, "words": _sentence(recipe_words(recipe)), "cards": cards})
    return columns


def _sentence(words: str) -> str:
    return f"Compares {words}." if words else ""


def _asked(question: Question, subject: Subject) -> dict[str, Any]:
    """The query's own panel: its crop, and where its parts lead."""
    crop = question.crop
    values = (crop.x, crop.y, crop.width, crop.height) if crop else (0, 0, subject.width, subject.height)
    mosts = (subject.width, subject.height, subject.width, subject.height)
    return {
        "crop_text": ",".join(map(str, values)) if crop else "",
        "crop_fields": list(zip("xywh", ("Left", "Top", "Width", "Height"), values, mosts, strict=True)),
        "whole_address": question.address(SEARCH_PATH, crop=None),
        "pairs_without_crop": [pair for pair in question.pairs() if pair[0] not in {"crop", "cursor"}],
        "detail_address": f"/pictures/{subject.known.id}" if subject.known else "",
    }


def _refining(shop: Shop, question: Question, summaries: Sequence[Facet]) -> dict[str, Any]:
    """The form that says how to look: recipe, shape against colour, filters."""
    held = list(shop.recipes())
    own = {"by", "shape", "cursor"}
    kept = [pair for pair in question.pairs() if pair[0] not in own and not pair[0].startswith((CHOSEN, LEAST, MOST))]
    look = LOOK in held and question.by in {"", LOOK}
    return {
        "recipes": [("", "everything, best first"), *((one, _recipe_choice(one)) for one in held)],
        "shape": (OWN_SHAPE if question.shape is None else question.shape) if look else None,
        "weighed": look and question.shape is not None,
        "filters": make_filters(summaries, question),
        "kept_pairs": kept,
        "refined": bool(question.chosen or question.ranges or question.by or question.shape is not None),
    }


def _recipe_choice(recipe: str) -> str:
    words = recipe_words(recipe)
    return f"{words} ({recipe})" if words else recipe


def _chips(question: Question) -> list[tuple[str, str]]:
    """What is filtered by, each with the address without it."""
    chips = []
    for name, values in question.chosen:
        for value in values:
            left = tuple(other for other in values if other != value)
            address = question.address(SEARCH_PATH, chosen=question.choosing(name, left))
            chips.append((f"{heading_words(name)}: {value}", address))
    for one in question.ranges:
        low, high = one.least, one.most
        words = f"from {price_words(low)}" if low is not None else ""
        words += f"{' ' if words else ''}to {price_words(high)}" if high is not None else ""
        address = question.address(SEARCH_PATH, ranges=question.ranging(one.name, None, None))
        chips.append((f"{heading_words(one.name)} {words}", address))
    return chips


def _band_addresses(question: Question, band: PriceBand | None) -> dict[str, str]:
    if band is None:
        return {}
    ends = {"cheaper": (None, band.low), "similar": (band.low, band.high), "dearer": (band.high, None)}
    return {
        word: question.address(SEARCH_PATH, ranges=question.ranging(band.name, *pair)) for word, pair in ends.items()
    }
