"""Turns a filter's tree into an SQL condition. Names and values are always bound, never pasted."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass

from lookalike.catalog.database import Database
from lookalike.catalog.where_parser import parse_where
from lookalike.catalog.where_syntax import (
    Among,
    Compare,
    Comparison,
    Contains,
    Every,
    Filter,
    IsNull,
    Like,
    Not,
    Some,
    Value,
)
from lookalike.catalog.where_tokens import where_error

Bound = int | float | str

TYPES_OF_KIND = {
    "number": ("integer", "real"),
    "text": ("text",),
    "true or false": ("true", "false"),
    "list": ("array",),
}
"""json_type()'s words (https://www.sqlite.org/json1.html#jtype) for each kind of value."""

NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over a row of ``attributes`` (whose ``json`` may be null), and the values it binds, in order."""

    sql: str
    bindings: tuple[Bound, ...] = ()


ANY_FILE = Condition("1")


def compile_where(db: Database, text: str) -> Condition:
    """The condition that *text* states.

    Raises:
        WhereError: it can't be parsed, names an attribute that the catalog has none of, or compares one with a kind
        of value
            that it never has.
    """
    tree = parse_where(text)
    known: dict[str, set[str]] = {}
    for name, kind in db.rows("SELECT name, type FROM attribute_types"):
        known.setdefault(name, set()).add(kind)
    for comparison in comparisons_of(tree):
        _refuse_pointless(comparison, known, text)
    return condition_of(tree)


def comparisons_of(tree: Filter) -> list[Comparison]:
    """Every comparison in *tree*, from left to right."""
    match tree:
        case Not(operand):
            return comparisons_of(operand)
        case Every(operands) | Some(operands):
            return [found for operand in operands for found in comparisons_of(operand)]
        case _:
            return [tree]


def kind_of(value: Value) -> str:
    """``number``, ``text`` or ``true or false``."""
    if isinstance(value, bool):
        return "true or false"
    return "text" if isinstance(value, str) else "number"


def _refuse_pointless(comparison: Comparison, known: dict[str, set[str]], text: str) -> None:
    types = known.get(comparison.name)
    if types is None:
        raise where_error(text, comparison.at, _unknown(comparison.name, sorted(known)))
    match comparison:
        case Compare(_, _, value, _):
            wanted = {kind_of(value)}
        case Among(_, values, _, _):
            wanted = {kind_of(value) for value in values}
        case Like():
            wanted = {"text"}
        case Contains():
            wanted = {"text", "list"}
        case _:
            return
    held = {kind for kind, words in TYPES_OF_KIND.items() if types.intersection(words)}
    if not wanted & held:
        is_, asked = " and ".join(sorted(held)) or "neither number nor text", " or ".join(sorted(wanted))
        raise where_error(
            text, comparison.at, f"{comparison.name!r} is {is_}, it is compared with {asked}: nothing could match"
        )


def _unknown(name: str, known: list[str]) -> str:
    if not known:
        return f"there is no attribute {name!r}: the catalog has none yet (index with --attributes items.csv)"
    by_lower = {one.lower(): one for one in known}
    close = [by_lower[one] for one in difflib.get_close_matches(name.lower(), list(by_lower), n=3)]
    hint = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
    more = f" and {len(known) - NAMES_SHOWN} more" if len(known) > NAMES_SHOWN else ""
    return f"there is no attribute {name!r}; {hint}there are: {', '.join(known[:NAMES_SHOWN])}{more}"


def condition_of(tree: Filter) -> Condition:
    """The condition for *tree*; always 0 or 1, never NULL, so that ``not`` turns it around."""
    match tree:
        case Not(operand):
            inner = condition_of(operand)
            return Condition(f"(NOT {inner.sql})", inner.bindings)
        case Every(operands):
            return _joined([condition_of(operand) for operand in operands], "AND")
        case Some(operands):
            return _joined([condition_of(operand) for operand in operands], "OR")
        case Compare(name, operator, value, _):
            return _compared(name, operator, (value,))
        case Among(name, values, negated, _):
            return _among(name, values, negated=negated)
        case Like(name, pattern, negated, _):
            like = "NOT LIKE" if negated else "LIKE"
            return _of_text(name, f"json_extract(attributes.json, ?) {like} ?", (_path(name), pattern))
        case Contains(name, text, negated, _):
            return _contains(name, text, negated=negated)
        case IsNull(name, negated, _):
            # A JSON null counts as missing, as does an image without attributes.
            is_null = "(coalesce(json_type(attributes.json, ?), 'null') = 'null')"
            return Condition(f"(NOT {is_null})" if negated else is_null, (_path(name),))


def _joined(conditions: list[Condition], operator: str) -> Condition:
    """Halves of halves: SQLite allows expressions 1,000 deep, and a chain is as deep as it is long."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    left, right = _joined(conditions[:middle], operator), _joined(conditions[middle:], operator)
    return Condition(f"({left.sql} {operator} {right.sql})", left.bindings + right.bindings)


def _path(name: str) -> str:
    """SQLite's JSON path of a top-level member: quoted and escaped as JSON is."""
    return f"$.{json.dumps(name, ensure_ascii=False)}"


def _compared(name: str, operator: str, values: tuple[Value, ...]) -> Condition:
    """Whether the attribute has the values' kind and stands to them as *operator* says."""
    if isinstance(values[0], bool):
        # json_extract makes 1 and 0 of true and false, so that only the type tells them from numbers.
        words = tuple(str(bool(value)).lower() for value in values)
        told = f"json_type(attributes.json, ?) {operator} {_places(operator, len(words))}"
        kind = "json_type(attributes.json, ?) IN ('true', 'false')"
        return Condition(f"(({kind} AND {told}) IS TRUE)", (_path(name), _path(name), *words))
    types = ", ".join(f"'{word}'" for word in TYPES_OF_KIND[kind_of(values[0])])
    kind = f"json_type(attributes.json, ?) IN ({types})"
    told = f"json_extract(attributes.json, ?) {operator} {_places(operator, len(values))}"
    return Condition(f"(({kind} AND {told}) IS TRUE)", (_path(name), _path(name), *values))


def _places(operator: str, count: int) -> str:
    return f"({', '.join('?' * count)})" if operator.endswith("IN") else "?"


def _among(name: str, values: tuple[Value, ...], *, negated: bool) -> Condition:
    """One condition a kind. Negated, the attribute has one of the kinds listed, and none of its values."""
    kinds = dict.fromkeys(kind_of(value) for value in values)
    operator = "NOT IN" if negated else "IN"
    each = [_compared(name, operator, tuple(value for value in values if kind_of(value) == kind)) for kind in kinds]
    return _joined(each, "OR")


def _of_text(name: str, told: str, bindings: tuple[Bound, ...]) -> Condition:
    return Condition(f"((json_type(attributes.json, ?) = 'text' AND {told}) IS TRUE)", (_path(name), *bindings))


def _contains(name: str, text: str, *, negated: bool) -> Condition:
    found = "= 0" if negated else "> 0"
    of_text = _of_text(name, f"instr(lower(json_extract(attributes.json, ?)), lower(?)) {found}", (_path(name), text))
    exists = "NOT EXISTS" if negated else "EXISTS"
    element = "SELECT 1 FROM json_each(attributes.json, ?) WHERE type = 'text' AND lower(atom) = lower(?)"
    of_list = Condition(
        f"((json_type(attributes.json, ?) = 'array' AND {exists} ({element})) IS TRUE)",
        (_path(name), _path(name), text),
    )
    return _joined([of_text, of_list], "OR")
