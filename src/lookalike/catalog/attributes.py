"""Joins a table of attributes to the files of the catalog, and tells what found no partner: nothing is dropped in
silence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass

import apsw
import numpy as np

from lookalike.catalog.attribute_tables import AttributeTable, TableRow
from lookalike.catalog.attribute_values import type_word
from lookalike.catalog.codes import PRESENT
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.file_names import FileNames

EXAMPLES = 10
"""Pictures without a row that a report names; it counts all of them."""


@dataclass(frozen=True, slots=True)
class UnmatchedRow:
    """A row that is about no picture of the catalog; ``key`` is empty where its cell is."""

    line: int
    key: str


@dataclass(frozen=True, slots=True)
class AmbiguousRow:
    """A row whose key fits several pictures; it was applied to all of them."""

    line: int
    key: str
    paths: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ReplacedRow:
    """A row that a later one, at line ``by_line``, replaced for the picture at ``path``."""

    line: int
    by_line: int
    path: bytes


@dataclass(frozen=True, slots=True)
class AttributeReport:
    """What became of each row of a table, and which pictures got none.

    Attributes:
        source: the table's file.
        key_column: the column that named the pictures.
        columns: the table's columns.
        rows: how many rows came. matched: how many were about at least one picture.
        images_with_row: present pictures that got a row. images_without_row: those that didn't.
        examples_without_row: some of their paths.
    """

    source: str
    key_column: str
    columns: tuple[str, ...]
    rows: int
    matched: int
    unmatched_rows: tuple[UnmatchedRow, ...]
    ambiguous: tuple[AmbiguousRow, ...]
    replaced: tuple[ReplacedRow, ...]
    images_with_row: int
    images_without_row: int
    examples_without_row: tuple[bytes, ...]


def apply_attributes(db: Database, table: AttributeTable, key: str | None) -> AttributeReport:
    """Write *table* to the present files that its rows are about.

    A table speaks for its own columns: they are replaced, emptied where its cell is empty; what other tables said
    stays.

    Raises:
        AttributesError: no column *key*, or none that can be one.
    """
    with db.writing():
        names = FileNames(
            dict(db.rows("SELECT path, id FROM files WHERE vanished_scan_id IS NULL")),
            [path for (path,) in db.rows("SELECT path FROM roots")],
            os.fsencode(os.path.dirname(os.path.abspath(table.source))),
        )
        images = [file_id for (file_id,) in db.rows(f"SELECT id FROM files WHERE {PRESENT} ORDER BY id")]
        key_column, found = _choose_key(table, key, names)
        chosen: dict[int, TableRow] = {}
        replaced: list[ReplacedRow] = []
        for row, file_ids in zip(table.rows, found, strict=True):
            for file_id in file_ids:
                if file_id in chosen:
                    replaced.append(ReplacedRow(chosen[file_id].line, row.line, names.paths[file_id]))
                chosen[file_id] = row
        if chosen:
            _write(db, table.columns, chosen)
    without = [file_id for file_id in images if file_id not in chosen]
    joined = list(zip(table.rows, found, strict=True))
    return AttributeReport(
        source=table.source,
        key_column=key_column,
        columns=table.columns,
        rows=len(table.rows),
        matched=sum(1 for file_ids in found if file_ids),
        unmatched_rows=tuple(
            UnmatchedRow(row.line, row.keys.get(key_column, "")) for row, file_ids in joined if not file_ids
        ),
        ambiguous=tuple(
            AmbiguousRow(row.line, row.keys[key_column], tuple(sorted(names.paths[file_id] for file_id in file_ids)))
            for row, file_ids in joined
            if len(file_ids) > 1
        ),
        replaced=tuple(replaced),
        images_with_row=len(images) - len(without),
        images_without_row=len(without),
        examples_without_row=tuple(names.paths[file_id] for file_id in without[:EXAMPLES]),
    )


def _choose_key(table: AttributeTable, key: str | None, names: FileNames) -> tuple[str, list[tuple[int, ...]]]:
    """The key column, and for each row the files it is about: the column asked for, or the one that most rows match
    by.
    """
    candidates = table.check_key(key)
    if len(candidates) == 1:
        return candidates[0], _match(table.rows, candidates[0], names)
    matches = [(column, _match(table.rows, column, names)) for column in candidates]
    return max(matches, key=lambda match: sum(1 for file_ids in match[1] if file_ids))  # the first of equals


def _match(rows: Iterable[TableRow], column: str, names: FileNames) -> list[tuple[int, ...]]:
    return [names.find(row.keys.get(column, "")) for row in rows]


def _write(db: Database, columns: tuple[str, ...], chosen: dict[int, TableRow]) -> None:
    rows = db.rows(
        "SELECT file_id, json FROM attributes WHERE file_id IN (SELECT value FROM carray(?))",
        (apsw.carray(np.fromiter(chosen, np.int64, len(chosen))),),
    )
    with rows_understood(db.path):
        known = {file_id: dict(json.loads(text)) for file_id, text in rows}
    types: set[tuple[str, str]] = set()
    texts: list[tuple[int, str]] = []
    for file_id, row in chosen.items():
        kept = {name: value for name, value in known.get(file_id, {}).items() if name not in columns}
        types.update((name, type_word(value)) for name, value in row.values.items())
        texts.append((file_id, json.dumps({**kept, **row.values}, ensure_ascii=False, allow_nan=False)))
    db.execute_many(
        "INSERT INTO attributes (file_id, json) VALUES (?, ?) ON CONFLICT (file_id) DO UPDATE SET json = excluded.json",
        texts,
    )
    db.execute_many("INSERT INTO attribute_types (name, type) VALUES (?, ?) ON CONFLICT DO NOTHING", sorted(types))
