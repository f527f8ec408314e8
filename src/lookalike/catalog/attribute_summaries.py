"""What the catalog's attributes are, as a whole: which there are, of which kind, their usual values and their range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from lookalike.catalog.codes import PRESENT
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood

AttributeKind = Literal["text", "number", "flag"]

KINDS: dict[str, AttributeKind] = {
    "text": "text",
    "integer": "number",
    "real": "number",
    "true": "flag",
    "false": "flag",
}
"""SQLite's words for JSON types (https://www.sqlite.org/json1.html#jtype); lists and objects are not summed up."""


@dataclass(frozen=True, slots=True)
class AttributeSummary:
    """One attribute over all present files.

    Attributes:
        name: as the table of attributes had it.
        kind: of its values; the more frequent kind where there are several.
        files: how many have a value of that kind.
        distinct: how many different values there are.
        values: the most frequent texts or flags and how many files have each; empty for numbers.
        least, most: of numbers; None for other kinds.
    """

    name: str
    kind: AttributeKind
    files: int
    distinct: int
    values: tuple[tuple[str | bool, int], ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(slots=True)
class _Tally:
    files: int = 0
    distinct: int = 0
    values: list[tuple[str | bool, int]] = field(default_factory=list)
    least: float | None = None
    most: float | None = None


_VALUES = (
    "SELECT told.key AS name, told.type AS type, told.atom AS atom, count(*) AS files"
    " FROM files JOIN attributes ON attributes.file_id = files.id, json_each(attributes.json) AS told"
    f" WHERE {PRESENT} AND told.type IN ('text', 'integer', 'real', 'true', 'false') GROUP BY 1, 2, 3"
)


def summarize_attributes(db: Database, most_values: int) -> list[AttributeSummary]:
    """Every attribute that a present file has, by name; of texts the *most_values* most frequent values."""
    with db.reading(), rows_understood(db.path):
        rows = db.rows(
            f"WITH valued AS ({_VALUES}), ranked AS (SELECT *, row_number() OVER (PARTITION BY name, type"
            " ORDER BY files DESC, atom) AS place, sum(files) OVER (PARTITION BY name, type) AS everywhere,"
            " count(*) OVER (PARTITION BY name, type) AS varieties, min(atom) OVER (PARTITION BY name, type) AS least,"
            " max(atom) OVER (PARTITION BY name, type) AS most FROM valued)"
            " SELECT name, type, atom, files, everywhere, varieties, least, most FROM ranked"
            " WHERE place <= CASE WHEN type IN ('integer', 'real') THEN 1 ELSE ? END ORDER BY name, type, place",
            (most_values,),
        )
        tallies: dict[str, dict[AttributeKind, _Tally]] = {}
        seen: set[tuple[str, str]] = set()
        for name, type_, atom, files, everywhere, varieties, least, most in rows:
            kind = KINDS[type_]
            tally = tallies.setdefault(name, {}).setdefault(kind, _Tally())
            if (name, type_) not in seen:
                seen.add((name, type_))
                tally.files += everywhere
                tally.distinct += varieties
                if kind == "number":
                    tally.least = least if tally.least is None else min(tally.least, least)
                    tally.most = most if tally.most is None else max(tally.most, most)
            if kind != "number":
                tally.values.append((_value(type_, atom), files))
    return [_summary(name, kinds) for name, kinds in sorted(tallies.items())]


def _value(type_: str, atom: Any) -> str | bool:
    return type_ == "true" if KINDS[type_] == "flag" else str(atom)


def _summary(name: str, kinds: dict[AttributeKind, _Tally]) -> AttributeSummary:
    kind, tally = max(kinds.items(), key=lambda pair: pair[1].files)
    values = tuple(sorted(tally.values, key=lambda pair: (-pair[1], str(pair[0]))))
    return AttributeSummary(name, kind, tally.files, tally.distinct, values, tally.least, tally.most)
