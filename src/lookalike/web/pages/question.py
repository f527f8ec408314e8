"""What a page's address asks: which picture, which part of it, how to look, and among what. Read and written back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

from lookalike.errors import CropError, LookalikeError
from lookalike.model import Crop

View = Literal["grid", "columns"]
Pairs = Iterable[tuple[str, str]]

CHOSEN, LEAST, MOST = "is.", "min.", "max."
LOOK: Final = "look"
OWN_SHAPE: Final = 75
"""Percent of `look`'s bits that tell shape: a slider that was left there asks for nothing."""

_CROP_FIELDS = ("crop_x", "crop_y", "crop_w", "crop_h")
_INTEGER = re.compile(r"[0-9]{1,18}", re.ASCII)


class AddressError(LookalikeError, ValueError):
    """An address that can't be understood: somebody changed it by hand, or it is cut off."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers of one attribute, both ends included; None is open."""

    name: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What an address asks.

    Attributes:
        picture: the catalog's id of the picture to start from. upload: the token of an uploaded one instead.
        crop: only this part of it, in pixels of the upright picture.
        by: the recipe's text; empty for what the server takes by itself.
        shape: of `look`, how much shape counts against colour, in percent; None for its own weights.
        view: one ranking, or the classic fingerprints side by side.
        cursor: where the next cards go on, as the server gave it.
        chosen: attribute -> the values of which it must have one.
        ranges: numbers that attributes must lie within.
    """

    picture: int | None = None
    upload: str = ""
    crop: Crop | None = None
    by: str = ""
    shape: int | None = None
    view: View = "grid"
    cursor: str = ""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ranges: tuple[Range, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether a picture is named at all."""
        return self.picture is not None or bool(self.upload)

    @property
    def subject(self) -> str:
        """A word for which picture is asked, the same for the same picture."""
        return f"upload-{self.upload}" if self.upload else f"picture-{self.picture}"

    def pairs(self) -> list[tuple[str, str]]:
        """The address's query, in one order."""
        told: list[tuple[str, str]] = []
        if self.upload:
            told.append(("upload", self.upload))
        elif self.picture is not None:
            told.append(("id", str(self.picture)))
        if self.crop is not None:
            told.append(("crop", f"{self.crop.x},{self.crop.y},{self.crop.width},{self.crop.height}"))
        told += [("by", self.by)] if self.by else []
        told += [("shape", str(self.shape))] if self.shape is not None else []
        told += [("view", self.view)] if self.view != "grid" else []
        for name, values in self.chosen:
            told += [(CHOSEN + name, value) for value in values]
        for one in self.ranges:
            told += [(LEAST + one.name, figure(one.least))] if one.least is not None else []
            told += [(MOST + one.name, figure(one.most))] if one.most is not None else []
        return [*told, ("cursor", self.cursor)] if self.cursor else told

    def address(self, path: str, **changes: Any) -> str:
        """The address of this question with *changes*, below *path*; from its first card unless a cursor is given."""
        query = urlencode(replace(self, **{"cursor": "", **changes}).pairs())
        return f"{path}?{query}" if query else path

    def choosing(self, name: str, values: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """`chosen` with *values* for *name*; none for an empty tuple."""
        others = tuple(pair for pair in self.chosen if pair[0] != name)
        return (*others, (name, values)) if values else others

    def ranging(self, name: str, least: float | None, most: float | None) -> tuple[Range, ...]:
        """`ranges` with this one for *name*; none where both ends are open."""
        others = tuple(one for one in self.ranges if one.name != name)
        return others if least is None and most is None else (*others, Range(name, least, most))

    def where(self, flags: Mapping[str, bool]) -> str | None:
        """The filter's text; *flags* tells of each attribute whether it is true or false rather than text."""
        terms = []
        for name, values in self.chosen:
            if flags.get(name):
                told = ", ".join(value if value in {"true", "false"} else _text(value) for value in values)
                terms.append(f"{_name(name)} in ({told})")
            else:
                terms.append(_one_of(_name(name), [_text(value) for value in values]))
        for one in self.ranges:
            terms += [f"{_name(one.name)} >= {figure(one.least)}"] if one.least is not None else []
            terms += [f"{_name(one.name)} <= {figure(one.most)}"] if one.most is not None else []
        return " and ".join(terms) or None


def read_question(pairs: Pairs) -> Question:
    """The question that an address asks; words that it doesn't know are passed over.

    Raises:
        AddressError, CropError: a number isn't one.
    """
    told: dict[str, str] = {}
    chosen: dict[str, list[str]] = {}
    ranges: dict[str, dict[str, float]] = {}
    for name, value in pairs:
        if name.startswith(CHOSEN) and len(name) > len(CHOSEN):
            chosen.setdefault(name[len(CHOSEN) :], []).append(value)
        elif name.startswith((LEAST, MOST)) and len(name) > len(LEAST):
            if value.strip():
                ranges.setdefault(name[len(LEAST) :], {})[name[: len(LEAST)]] = _number(value)
        else:
            told[name] = value
    view: View = "columns" if told.get("view") == "columns" else "grid"
    return Question(
        picture=None if told.get("upload") or not told.get("id") else whole(told["id"], "the picture's number"),
        upload=told.get("upload", ""),
        crop=_crop(told),
        by=told.get("by", ""),
        shape=min(100, whole(told["shape"], "the share of shape")) if told.get("shape") else None,
        view=view,
        cursor=told.get("cursor", ""),
        chosen=tuple((name, tuple(dict.fromkeys(values))) for name, values in chosen.items()),
        ranges=tuple(Range(name, ends.get(LEAST), ends.get(MOST)) for name, ends in ranges.items()),
    )


def whole(text: str, what: str) -> int:
    """*text* as a whole number, or an error that says *what* it should have been."""
    if not _INTEGER.fullmatch(text.strip()):
        raise AddressError(f"{what} is {text!r:.60}; a whole number was expected")
    return int(text)


def figure(number: float) -> str:
    """*number* in its shortest digits, whole ones without a point."""
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(float(number))


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise AddressError(f"{text!r:.60} is no number to filter by")
    return number


def _crop(told: Mapping[str, str]) -> Crop | None:
    """Four numbers joined by commas, or in fields of their own, as the form without a script sends them."""
    if not told.get("crop") and not all(told.get(name, "").strip() for name in _CROP_FIELDS):
        return None
    parts = told["crop"].split(",") if told.get("crop") else [told[name] for name in _CROP_FIELDS]
    if len(parts) != 4 or not all(_INTEGER.fullmatch(part.strip()) for part in parts):
        raise CropError(f"a crop is four whole numbers x, y, width, height; {','.join(parts)!r:.60} came")
    return Crop(*map(int, parts))


def _one_of(name: str, texts: Sequence[str]) -> str:
    """The filter for a text that is one of *texts*, or a list with one of them in it.

    ``contains`` means an equal element of a list, but a piece of a text: ``like '%'`` tells them apart.
    """
    held = " or ".join(f"{name} contains {text}" for text in texts)
    return f"({name} in ({', '.join(texts)}) or (not {name} like '%' and ({held})))"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
