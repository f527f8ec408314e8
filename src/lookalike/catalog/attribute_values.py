"""Which values an attribute can have, and how the text of a CSV becomes one."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from lookalike.errors import AttributesError

INT64 = range(-(2**63), 2**63)
"""Integers that SQLite holds exactly."""

# Leading zeros and plus signs belong to codes and telephone numbers, not to numbers.
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
BOOLEANS = {"true": True, "false": False}

MAX_NESTING = 32
"""Lists and objects inside each other that a JSON value may have: far below SQLite's limit of 1,000."""


def typed_column(cells: Sequence[str]) -> list[Any]:
    """One CSV column's values; None for empty cells.

    It is a column of integers, numbers or booleans where every cell that isn't empty is one; otherwise it is text,
    ``007``, ``nan`` and ``inf`` included. Integers of more than 64 bits stay text, so that no digit is lost.
    """
    filled = [cell for cell in cells if cell]
    if filled and all(cell.lower() in BOOLEANS for cell in filled):
        return [BOOLEANS[cell.lower()] if cell else None for cell in cells]
    if filled and all(INTEGER.fullmatch(cell) for cell in filled):
        if all(len(cell) < 20 and int(cell) in INT64 for cell in filled):  # 2^63 has 19 digits
            return [int(cell) if cell else None for cell in cells]
    elif filled and all(NUMBER.fullmatch(cell) and math.isfinite(float(cell)) for cell in filled):
        return [float(cell) if cell else None for cell in cells]
    return [cell or None for cell in cells]


def stored_value(value: Any, place: str, depth: int = 0) -> Any:
    """*value* as JSON and SQLite can hold it; None for a missing one (``nan`` of a Parquet file among them).

    Integers of more than 64 bits become text; dates, times and decimals become their ISO or decimal text.

    Raises:
        AttributesError: infinite, text with NUL or broken Unicode, or nested too deeply; *place* says where.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value in INT64 else str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            raise AttributesError(f"{place}: an infinite number came, which can't be stored: leave the cell empty")
        return value
    if isinstance(value, str):
        return stored_text(value, place)
    if depth >= MAX_NESTING:
        raise AttributesError(f"{place}: more than {MAX_NESTING} lists or objects inside each other")
    if isinstance(value, list | tuple):
        return [stored_value(one, place, depth + 1) for one in value]
    if isinstance(value, dict):
        return {stored_text(str(name), place): stored_value(one, place, depth + 1) for name, one in value.items()}
    if isinstance(value, bytes):
        raise AttributesError(f"{place}: raw bytes came, which aren't an attribute: leave that column out")
    told = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return stored_text(told, place)


def stored_text(text: str, place: str) -> str:
    """*text*, where it can be stored and compared.

    Raises:
        AttributesError: it holds NUL, or half a surrogate pair.
    """
    if "\0" in text:
        raise AttributesError(f"{place}: text with a NUL character came: remove it")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise AttributesError(f"{place}: text that isn't valid Unicode came ({error.reason})") from error
    return text


def type_word(value: Any) -> str:
    """What SQLite's json_type() says of a stored *value*."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return "integer"
        case float():
            return "real"
        case str():
            return "text"
        case list():
            return "array"
        case _:
            return "object"
