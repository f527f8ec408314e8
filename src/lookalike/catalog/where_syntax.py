"""The language of filters: what a text such as ``price < 50 and brand = 'Acme'`` may say, as a tree.

    filter     = conjunction { "or" conjunction }
    conjunction = term { "and" term }
    term       = "not" term | "(" filter ")" | comparison
    comparison = name ("=" | "!=" | "<" | "<=" | ">" | ">=") value
               | name ["not"] "in" "(" value { "," value } ")"
               | name ["not"] ("like" | "contains") text
               | name "is" ["not"] "null"
    value      = number | text | "true" | "false"
    name       = bare word | "double quoted"
    text       = 'single quoted, '' for a quote'

``==`` and ``<>`` are read as ``=`` and ``!=``; keywords in any case.

What it means. An attribute that an image doesn't have is null. Every comparison is either true or false: it is false
of null, and false between kinds (numbers compare to numbers, text to text, true and false to each other and only by
``=`` and ``!=``); ``not`` turns it around. So ``price != 5``, ``price not in (5)`` and ``name not like 'x'`` hold
only of images that have such an attribute of that kind, while ``not price = 5`` holds of all others too. ``like`` knows
``%`` (any text) and ``_`` (any one character) and, as ``contains`` does, ignores the case of A to Z; ``contains`` of
a list means an equal element.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Value = int | float | str | bool
Operator = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """``name operator value``; ``at`` is where the name begins, in characters."""

    name: str
    operator: Operator
    value: Value
    at: int


@dataclass(frozen=True, slots=True)
class Among:
    """``name in (values)``; negated: has such a value, but none of these."""

    name: str
    values: tuple[Value, ...]
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Like:
    """``name like 'pattern'``."""

    name: str
    pattern: str
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Contains:
    """``name contains 'text'``."""

    name: str
    text: str
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class IsNull:
    """``name is null``."""

    name: str
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    """``not filter``."""

    operand: Filter


@dataclass(frozen=True, slots=True)
class Every:
    """Filters joined by ``and``."""

    operands: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Filters joined by ``or``."""

    operands: tuple[Filter, ...]


Comparison = Compare | Among | Like | Contains | IsNull
Filter = Comparison | Not | Every | Some
