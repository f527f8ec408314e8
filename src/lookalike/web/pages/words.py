"""Plain words for what the machine knows: distances, what they are worth, how a picture was turned, prices."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lookalike.model import Match, Reason, Region, Transform, Verdict

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
    "pdq": "copies, robust",
    "crops": "parts of pictures",
    "embedding": "what it shows",
}
"""What each algorithm compares, for people who know none of their names."""

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
    """Bits that differ, of how many, under the recipe that decided."""
    recipe = match.reasons[0].recipe if match.reasons else next(iter(match.distances), "")
    bits = match.reasons[0].distance if match.reasons else match.distance
    width = match.reasons[0].width_bits if match.reasons else widths.get(recipe)
    return f"{bits} of {width} bits apart" if width else f"{bits} bits apart"


def reason_words(reason: Reason) -> str:
    """Why one recipe says that a picture matches, as a sentence without an end."""
    parts = [f"{reason.recipe}: {reason.distance} of {reason.width_bits} bits apart"]
    parts += [TRANSFORM_WORDS[reason.transform]] if TRANSFORM_WORDS[reason.transform] else []
    parts += [region_words(reason.region)] if reason.region else []
    parts += ["a part of your picture"] if reason.query_region else []
    parts += ["pixels compared"] if reason.verified else []
    return ", ".join(parts)


def region_words(region: Region) -> str:
    """How large a part of the match was found."""
    share = max(1, round(100 * region.width * region.height))
    return f"found in {share} % of it"


def why_words(match: Match) -> str:
    """The short line below a card: what the match took besides nearness."""
    recipes = list(dict.fromkeys(reason.recipe for reason in match.reasons))
    parts = [TRANSFORM_WORDS[match.transform]] if match.transform != "identity" else []
    parts += [region_words(match.region)] if match.region else []
    parts += [f"by {' and '.join(recipes[:3])}"] if len(recipes) > 1 or (parts and recipes) else []
    return ", ".join(parts)


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
