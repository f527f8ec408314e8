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
        condition = ANY_FILE if where is None else compile_where(db, where)
        rows = db.rows(
            "SELECT contents.id, hash, bytes, width, height, format, mode, frames, orientation, notes, quality, marks,"
            " path, size, mtime_ns, attributes.json"
            f" FROM contents LEFT JOIN files ON content_id = contents.id AND {PRESENT}"
            " LEFT JOIN attributes ON attributes.file_id = files.id"
            " WHERE contents.id IN (SELECT value FROM carray(?))"
            f" ORDER BY contents.id, ({condition.sql}) DESC, files.id",
            (apsw.carray(asked), *condition.bindings),
        )
        records: dict[int, ContentRecord] = {}
        at = 0
        while at < len(rows):
            content_id, end = rows[at][0], at + 1
            while end < len(rows) and rows[end][0] == content_id:
                end += 1
            records[content_id] = _content_record(rows[at:end])
            at = end
        missing = [content_id for content_id in asked.tolist() if content_id not in records]
        if missing:
            raise NotInCatalog(f"the catalog {db.path!r} holds no content {missing[0]}")
        return [records[content_id] for content_id in asked.tolist()]


def _content_record(rows: list[tuple[Any, ...]]) -> ContentRecord:
    """The record of one content, of which each present file has a row; without files there is one row."""
    content_id, digest, length, width, height, format_, mode, frames, orientation, notes, quality, marks = rows[0][:12]
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
        files=tuple(
            FileRecord(path, size, mtime_ns, _object(attributes))
            for *_, path, size, mtime_ns, attributes in rows
            if path is not None
        ),
    )


@lru_cache(maxsize=256)  # most contents have none, the others the same few
def _texts(told: str) -> tuple[str, ...]:
    return tuple(json.loads(told))


def _object(text: str | None) -> dict[str, Any]:
    if text is None:
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
