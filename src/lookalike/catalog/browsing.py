"""Looking through the catalog: page by page, and how often each value of each attribute comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import apsw
import numpy as np

from lookalike.catalog.codes import PRESENT
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.where_sql import ANY_FILE, compile_where
from lookalike.model import Ids

FacetKind = Literal["text", "number", "flag"]

KINDS: dict[str, FacetKind] = {"text": "text", "integer": "number", "real": "number", "true": "flag", "false": "flag"}
"""json_type()'s words (https://www.sqlite.org/json1.html#jtype) that a facet is made of; of a list, its elements."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One attribute over the pictures that fit.

    Attributes:
        name: of the attribute. kind: of its values; an attribute with several has a facet for each.
        count: pictures that have a value of this kind.
        values: texts and flags with how many pictures have each, most first; empty for numbers.
        more: values that were left out.
        least, most: of numbers; None for other kinds.
    """

    name: str
    kind: FacetKind
    count: int
    values: tuple[tuple[str | bool, int], ...] = ()
    more: int = 0
    least: float | None = None
    most: float | None = None


def roots(db: Database) -> list[bytes]:
    """The folders that were indexed, as the scans named them."""
    return [path for (path,) in db.rows("SELECT path FROM roots ORDER BY path")]


def page_of_contents(db: Database, after: int, count: int, where: str | None) -> Ids:
    """int64 (up to *count*,): ids, ascending, of present contents above *after*, with a file that satisfies *where*."""
    with db.reading(), rows_understood(db.path):
        condition = ANY_FILE if where is None else compile_where(db, where)
        rows = db.rows(
            "SELECT DISTINCT content_id FROM files LEFT JOIN attributes ON attributes.file_id = files.id"
            f" WHERE {PRESENT} AND content_id > ? AND ({condition.sql}) ORDER BY content_id LIMIT ?",
            (after, *condition.bindings, count),
        )
        return np.array([content_id for (content_id,) in rows], dtype=np.int64)


def sizes(db: Database, content_ids: Ids) -> dict[int, tuple[int, int]]:
    """Width and height, upright, of those of *content_ids* that the catalog holds."""
    asked = np.ascontiguousarray(content_ids, dtype=np.int64)
    sql = "SELECT id, width, height FROM contents WHERE id IN (SELECT value FROM carray(?))"
    return {row[0]: (row[1], row[2]) for row in db.rows(sql, (apsw.carray(asked),))} if len(asked) else {}


def count_facets(db: Database, where: str | None, most_values: int) -> tuple[int, list[Facet]]:
    """How many contents fit, and the facets of their files that fit, by name; every count is of contents."""
    with db.reading(), rows_understood(db.path):
        condition = ANY_FILE if where is None else compile_where(db, where)
        fitting = (
            f" FROM files LEFT JOIN attributes ON attributes.file_id = files.id WHERE {PRESENT} AND ({condition.sql})"
        )
        total = db.value(f"SELECT count(DISTINCT content_id){fitting}", condition.bindings)
        types = ", ".join(f"'{word}'" for word in KINDS)
        rows = db.rows(
            f"WITH told AS (SELECT content_id, json{fitting} AND json IS NOT NULL), single AS ("
            " SELECT content_id, key AS name, type, atom FROM told, json_each(told.json)"
            " UNION ALL SELECT content_id, outer_.key, inner_.type, inner_.atom"
            " FROM told, json_each(told.json) AS outer_, json_each(outer_.value) AS inner_ WHERE outer_.type = 'array'"
            ") SELECT name, type, atom, count(DISTINCT content_id)"
            f" FROM single WHERE type IN ({types}) GROUP BY 1, 2, 3",
            condition.bindings,
        )
        of_kind = {
            (name, kind): count
            for name, kind, count in db.rows(
                f"WITH told AS (SELECT content_id, json{fitting} AND json IS NOT NULL), single AS ("
                " SELECT content_id, key AS name, type FROM told, json_each(told.json)"
                " UNION ALL SELECT content_id, outer_.key, inner_.type"
                " FROM told, json_each(told.json) AS outer_, json_each(outer_.value) AS inner_"
                " WHERE outer_.type = 'array')"
                " SELECT name, CASE WHEN type = 'text' THEN 'text' WHEN type IN ('true', 'false') THEN 'flag'"
                f" ELSE 'number' END, count(DISTINCT content_id) FROM single WHERE type IN ({types}) GROUP BY 1, 2",
                condition.bindings,
            )
        }
    grouped: dict[tuple[str, FacetKind], list[tuple[Any, int]]] = {}
    for name, type_, atom, count in rows:
        value = type_ == "true" if KINDS[type_] == "flag" else atom
        grouped.setdefault((name, KINDS[type_]), []).append((value, count))
    return int(total), [
        _facet(name, kind, of_kind[name, kind], values, most_values) for (name, kind), values in sorted(grouped.items())
    ]


def _facet(name: str, kind: FacetKind, count: int, values: list[tuple[Any, int]], most_values: int) -> Facet:
    if kind == "number":
        numbers = [value for value, _ in values]
        return Facet(name, kind, count, least=min(numbers), most=max(numbers))
    ranked = sorted(values, key=lambda pair: (-pair[1], str(pair[0])))
    return Facet(name, kind, count, tuple(ranked[:most_values]), max(0, len(ranked) - most_values))
