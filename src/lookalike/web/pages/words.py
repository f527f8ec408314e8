"""Plain words for what the machine knows: distances, what they are worth, how a picture was turned, prices."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeGuard

from lookalike.model import SLOT_CODE_BYTES, Match, Reason, Region, Transform, Verdict

VERDICT_WORDS: Final[dict[Verdict, tuple[str, str]]] = {
    "same picture": ("same", "Same picture"),
    "edited copy": ("edited", "Edited copy"),
    "similar look": ("similar", "Similar look"),
    "chance": ("chance", "Perhaps chance"),
}
"""Verdict -> the style's name and what a card says."""

TRANSFORM_WORDS: Final[dict[Transform, str]] = {
    "identity": "",
    "rotate-90": "turned left",
    "rotate-180": "turned upside down",
    "rotate-270": "turned right",
    "mirror": "mirrored",
    "flip": "flipped top to bottom",
    "transpose": "mirrored and turned",
    "transverse": "mirrored and turned",
}

RECIPE_WORDS: Final[dict[str, str]] = {
    "look": "shape and colour of the thing",
    "whash": "layout, coarse",
    "phash": "layout, fine",
    "phash_simple": "layout, fine",
    "dhash": "edges",
    "dhash_vertical": "edges, downwards",
    "ahash": "brightness",
    "colorhash": "colour",
    "crop_resistant": "parts",
    "pdq": "the whole picture, as copies keep it",
    "parts": "parts of pictures",
    "embedding": "what it shows",
}
"""What each algorithm compares, for people who know none of their names."""

PARTS: Final = "parts"
PART_BITS: Final = SLOT_CODE_BYTES * 8
WHOLE_SHARE: Final = 0.95
"""Of a picture's area, from which on it is no part: edges are found to some hundredths."""

LEANING: Final = 0.2
"""Of a side: the margins of a part in the middle differ by less."""

NAME_ATTRIBUTES: Final = ("title", "name", "product")
BRAND_ATTRIBUTES: Final = ("brand", "maker", "manufacturer", "marke")
TYPE_ATTRIBUTES: Final = ("type", "category", "kind", "label", "product_type", "class")
PRICE_ATTRIBUTES: Final = ("price", "price_eur", "price_usd", "preis", "cost", "msrp")


def recipe_words(recipe: str) -> str:
    """What *recipe* compares; nothing where that isn't known."""
    algorithm = recipe.split("@", maxsplit=1)[0].split(":", maxsplit=1)[0]
    return RECIPE_WORDS.get(algorithm, "")


def chance_words(expected: float | None) -> str:
    """How many unrelated pictures would be as near by chance, in words; nothing where the catalog can't tell."""
    if expected is None:
        return ""
    if expected < 0.001:
        return "practically never by chance"
    if expected < 0.095:
        return f"by chance once in {_round(1 / expected):,} searches"
    if expected < 0.75:
        return "seldom by chance"
    if expected < 1.5:
        return "chance alone brings about one this near"
    return f"chance alone brings about {_round(expected):,} this near"


def _round(number: float) -> int:
    """One leading digit, two from 100 on: more would say more than is known."""
    digits = len(str(int(number)))
    return int(round(number, -max(0, digits - (1 if digits < 3 else 2))))


def distance_words(match: Match, widths: Mapping[str, int]) -> str:
    """How far apart they are under the recipe that decided."""
    if match.reasons:
        best = match.reasons[0]
        return apart_words(best.recipe, best.distance, best.width_bits)
    return apart_words(next(iter(match.distances), ""), match.distance, widths.get(next(iter(match.distances), ""), 0))


def apart_words(recipe: str, distance: int, width: int) -> str:
    """Bits that differ, of how many; of parts that were laid over each other, how many fit."""
    if recipe.partition("@")[0] == PARTS and width < PART_BITS:
        return f"{width - distance} of {width} parts found"
    return f"{distance} of {width} bits apart" if width else f"{distance} bits apart"


def reason_words(reason: Reason) -> str:
    """What one recipe says of a match, as a sentence without an end."""
    parts = [apart_words(reason.recipe, reason.distance, reason.width_bits)]
    parts += lying_words(reason.transform, reason.region, reason.query_region)
    parts += ["pixels compared"] if reason.verified else []
    return ", ".join(parts)


def lying_words(transform: Transform, region: Region | None, query_region: Region | None = None) -> list[str]:
    """How a match lies: turned or mirrored, and which part of which picture is in the other."""
    told = [TRANSFORM_WORDS[transform]] if TRANSFORM_WORDS[transform] else []
    told += [f"part of this picture: {place_words(region)}"] if is_part(region) else []
    told += [f"in a part of yours: {place_words(query_region)}"] if is_part(query_region) else []
    return told


def is_part(region: Region | None) -> TypeGuard[Region]:
    """Whether *region* is noticeably less than the whole."""
    return region is not None and region.width * region.height < WHOLE_SHARE


def place_words(region: Region) -> str:
    """Where a region lies and how much of the picture it is: "the upper left 20 %", "the middle 50 %"."""
    across = _third(region.left, region.width, "left", "right")
    down = _third(region.top, region.height, "upper", "lower")
    share = max(1, round(100 * region.width * region.height))
    return f"the {' '.join(filter(None, (down, across))) or 'middle'} {share} %"


def _third(begin: float, length: float, low: str, high: str) -> str:
    """The side to which a stretch of 0 to 1 lies; nothing where it leaves about as much on both."""
    before, behind = begin, 1 - begin - length
    return "" if abs(before - behind) < LEANING else low if before < behind else high


def why_words(match: Match) -> str:
    """Which recipes agree, where several found the match."""
    recipes = list(dict.fromkeys(reason.recipe for reason in match.reasons))
    *others, last = recipes[:3] or [""]
    return f"by {', '.join(others)} and {last}" if others else ""


def where_words(match: Match) -> str:
    """How the match lies, as a sentence; nothing where both are whole and lie alike, or chance may have laid them."""
    if match.verdict == "chance":
        return ""
    found = (reason.query_region for reason in match.reasons if reason.region == match.region and match.region)
    words = ", ".join(lying_words(match.transform, match.region, next(found, None)))
    return words[:1].upper() + words[1:]


def find_attribute(attributes: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """The name of the first attribute that is there under one of *names*, in any case."""
    known = {name.casefold(): name for name in attributes}
    return next((known[name] for name in names if name in known and attributes[known[name]] not in (None, "")), None)


def picture_name(attributes: Mapping[str, Any], path: str) -> str:
    """What to call a picture: its title, or brand and type, or its file's name."""
    named = find_attribute(attributes, NAME_ATTRIBUTES)
    if named is not None:
        return value_words(attributes[named])
    parts = [find_attribute(attributes, names) for names in (BRAND_ATTRIBUTES, TYPE_ATTRIBUTES)]
    told = [value_words(attributes[name]) for name in parts if name is not None]
    return " ".join(told) or file_name(path)


def file_name(path: str) -> str:
    """The last part of *path*; broken Unicode is shown as such."""
    return os.path.basename(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace") or "picture"


def value_words(value: Any) -> str:
    """An attribute's value for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return price_words(value)
    if isinstance(value, list):
        return ", ".join(map(value_words, value))
    return str(value)


def price_words(number: float) -> str:
    """A number as price tags have it: 1,549 and 59.90."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"


def heading_words(name: str) -> str:
    """An attribute's name as a heading: ``shoe_size`` is "Shoe size"."""
    plain = name.replace("_", " ").strip()
    return plain[:1].upper() + plain[1:]
