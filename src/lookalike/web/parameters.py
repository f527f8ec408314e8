"""Parameters of the API: one declaration reads the text that came and writes the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from lookalike.model import Crop
from lookalike.web.problems import Problem

Kind = Literal["integer", "number", "boolean", "text", "crop"]
INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
CROP = re.compile(r"-?[0-9]{1,10}(,-?[0-9]{1,10}){3}", re.ASCII)
SWITCHES = {"true": True, "false": False, "1": True, "0": False}
LONGEST_TEXT = 2000
LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Attributes:
        name, about: what it is called, and what it does.
        kind: how its text is read. place: in the path or behind the question mark.
        least, most: of a number; *most* of a text: its letters.
        default: where it is left out.
    """

    name: str
    about: str
    kind: Kind = "text"
    place: Literal["query", "path"] = "query"
    least: float | None = None
    most: float | None = None
    default: Any = None
    required: bool = False
    example: str | None = None

    def read(self, text: str) -> Any:
        """The value that *text* stands for.

        Raises:
            Problem: it stands for none, or for one out of bounds.
        """
        match self.kind:
            case "integer" | "number":
                return self._number(text)
            case "boolean":
                if text.lower() not in SWITCHES:
                    raise self.refusal(text, "true or false is expected")
                return SWITCHES[text.lower()]
            case "crop":
                return read_crop(text)
            case _:
                longest = LONGEST_TEXT if self.most is None else int(self.most)
                if not text or len(text) > longest or "\0" in text or not is_unicode(text):
                    raise self.refusal(text, f"1 to {longest} letters are expected, without NUL")
                return text

    def _number(self, text: str) -> int | float:
        pattern, make, words = (INTEGER, int, "whole number") if self.kind == "integer" else (NUMBER, float, "number")
        if not pattern.fullmatch(text):
            raise self.refusal(text, f"a {words} is expected")
        value = make(text)
        low, high = self.bounds()
        if not low <= value <= high:
            raise self.refusal(text, f"a {words} from {low:.15g} to {high:.15g} is expected")
        return value

    def bounds(self) -> tuple[float, float]:
        """The least and the most of a number."""
        low = -(2**63) if self.least is None else self.least
        return low, (2**63 - 1 if self.kind == "integer" else 1e30) if self.most is None else self.most

    def refusal(self, text: str, expected: str) -> Problem:
        """That *text* came, and what was *expected*."""
        return Problem("bad-parameter", f"{self.name} is {shown(text)}: {expected}")

    def describe(self) -> dict[str, Any]:
        """The parameter as OpenAPI has it."""
        schema: dict[str, Any] = {"type": {"text": "string", "crop": "string"}.get(self.kind, self.kind)}
        if self.kind in {"integer", "number"}:
            low, high = self.bounds()
            schema |= {"minimum": low, "maximum": high}
        elif self.kind == "crop":
            schema["pattern"] = f"^{CROP.pattern}$"
        elif self.kind == "text":
            schema |= {"minLength": 1, "maxLength": LONGEST_TEXT if self.most is None else int(self.most)}
        if self.default is not None:
            schema["default"] = self.default
        told = {"name": self.name, "in": self.place, "description": self.about, "schema": schema}
        if self.example is not None:
            told["example"] = self.example
        return {**told, "required": True} if self.required or self.place == "path" else told


def read_crop(text: str) -> Crop:
    """``x,y,width,height`` in whole pixels; whether it lies inside is told once the picture is known.

    Raises:
        Problem: it isn't that, or no picture can hold it.
    """
    if not CROP.fullmatch(text):
        raise Problem("bad-crop", f"crop is {shown(text)}: four whole numbers x,y,width,height are expected")
    x, y, width, height = map(int, text.split(","))
    if x < 0 or y < 0 or width < 1 or height < 1:
        raise Problem(
            "bad-crop",
            f"crop is {shown(text)}: x and y of at least 0 and a width and height of at least 1 are expected",
        )
    return Crop(x, y, width, height)


def read_parameters(
    declared: Iterable[Parameter], came: Iterable[tuple[str, str]], path: dict[str, str]
) -> dict[str, Any]:
    """Every declared parameter's value, its default where it was left out.

    Raises:
        Problem: one is unknown, came twice, is missing or can't be read.
    """
    known = {parameter.name: parameter for parameter in declared}
    texts: dict[str, str] = {}
    for name, text in came:
        if name not in known or known[name].place == "path":
            names = ", ".join(one.name for one in known.values() if one.place == "query") or "none"
            raise Problem("bad-parameter", f"there is no parameter {shown(name)} here; there are: {names}")
        if name in texts:
            raise Problem("bad-parameter", f"{name} came more than once: pass it once")
        texts[name] = text
    texts |= path
    for parameter in known.values():
        if parameter.required and parameter.name not in texts:
            raise Problem("bad-parameter", f"{parameter.name} is missing: {parameter.about}")
    return {
        name: parameter.read(texts[name]) if name in texts else parameter.default for name, parameter in known.items()
    }


def is_unicode(text: str) -> bool:
    """Whether *text* has no half of a surrogate pair."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def shown(text: str) -> str:
    """*text*, cut, for a message."""
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")
