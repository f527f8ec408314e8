"""What is known of contents: their facts, and the present files that hold them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import apsw
import numpy as np

from lookalike.catalog.codes import PRESENT
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.paths import AnyPath, catalog_path
from lookalike.catalog.records import ContentRecord, FileRecord
from lookalike.catalog.where_sql import ANY_FILE, compile_where
from lookalike.errors import NotInCatalog
from lookalike.model import Ids


def find_content(db: Database, path: AnyPath) -> int | None:
    """The id of the content that the present file *path* holds, None where the catalog knows no such file."""
    found = db.value(f"SELECT content_id FROM files WHERE path = ? AND {PRESENT}", (catalog_path(path),))
    return None if found is None else int(found)


def contents(db: Database, content_ids: Sequence[int] | Ids, where: str | None) -> list[ContentRecord]:
    """One record for each of *content_ids*, in their order.

    Raises:
        NotInCatalog: one of them isn't there. WhereError: *where* can't be understood.
    """
    asked = np.ascontiguousarray(content_ids, dtype=np.int64)
    if not len(asked):
        return []
    with db.reading(), rows_understood(db.path):
        files = _present_files(db, asked, where)
        rows = db.stream(
            "SELECT id, hash, bytes, width, height, format, mode, frames, orientation, notes, quality, marks"
            " FROM contents WHERE id IN (SELECT value FROM carray(?))",
            (apsw.carray(asked),),
        )
        records = {row[0]: _content_record(row, files.get(row[0], [])) for row in rows}
        missing = [content_id for content_id in asked.tolist() if content_id not in records]
        if missing:
            raise NotInCatalog(f"the catalog {db.path!r} holds no content {missing[0]}")
        return [records[content_id] for content_id in asked.tolist()]


def _content_record(row: tuple[Any, ...], files: list[FileRecord]) -> ContentRecord:
    content_id, digest, length, width, height, format_, mode, frames, orientation, notes, quality, marks = row
    return ContentRecord(
        id=content_id,
        hash=digest,
        bytes=length,
        width=width,
        height=height,
        format=format_,
        mode=mode,
        frames=frames,
        orientation=orientation,
        notes=_texts(notes),
        quality=quality,
        marks=_texts(marks),
        files=tuple(files),
    )


@lru_cache(maxsize=256)  # most contents have none, the others the same few
def _texts(told: str) -> tuple[str, ...]:
    return tuple(json.loads(told))


def _present_files(db: Database, asked: Ids, where: str | None) -> dict[int, list[FileRecord]]:
    condition = ANY_FILE if where is None else compile_where(db, where)
    rows = db.stream(
        "SELECT content_id, path, size, mtime_ns, coalesce(attributes.json, '{}')"
        " FROM files LEFT JOIN attributes ON attributes.file_id = files.id"
        f" WHERE {PRESENT} AND content_id IN (SELECT value FROM carray(?))"
        f" ORDER BY content_id, ({condition.sql}) DESC, files.id",
        (apsw.carray(asked), *condition.bindings),
    )
    files: dict[int, list[FileRecord]] = {}
    for content_id, path, size, mtime_ns, attributes in rows:
        files.setdefault(content_id, []).append(FileRecord(path, size, mtime_ns, _object(attributes)))
    return files


def _object(text: str) -> dict[str, Any]:
    if text == "{}":
        return {}
    attributes = json.loads(text)
    if not isinstance(attributes, dict):
        raise TypeError(f"attributes {text[:40]!r} are no object")
    return attributes


def contents_where(db: Database, where: str) -> Ids:
    """int64 (n,): ids, ascending, of the contents that a present file holds which satisfies *where*."""
    with db.reading(), rows_understood(db.path):
        condition = compile_where(db, where)
        rows = db.stream(
            "SELECT DISTINCT content_id FROM files LEFT JOIN attributes ON attributes.file_id = files.id"
            f" WHERE {PRESENT} AND ({condition.sql})",
            condition.bindings,
        )
        return np.sort(np.array([content_id for (content_id,) in rows], dtype=np.int64))
