"""What is known of contents: their facts, the present files that hold them, and a random sample of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import apsw
import numpy as np

from lookalike.catalog.codes import PRESENT
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.paths import AnyPath, catalog_path
from lookalike.catalog.records import ContentRecord, FileRecord
from lookalike.catalog.where_sql import ANY_FILE, compile_where
from lookalike.errors import CatalogError, NotInCatalog
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
        notes=tuple(json.loads(notes)),
        quality=quality,
        marks=tuple(json.loads(marks)),
        files=tuple(files),
    )


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


def random_contents(db: Database, count: int, seed: int) -> Ids:
    """int64 (up to *count*,): present contents drawn by *seed*.

    A content's rank depends on its hash and the seed alone: the same pictures give the same sample whatever the
    order they came in, on every machine, and one picture more changes at most one place.
    """
    if count < 0:
        raise CatalogError(f"a sample of {count} contents was asked for, at least 0 was expected")
    with db.reading(), rows_understood(db.path):
        rows = db.rows(
            "SELECT id, substr(hash, 1, 8) FROM contents"
            f" WHERE EXISTS (SELECT 1 FROM files WHERE content_id = contents.id AND {PRESENT}) ORDER BY hash"
        )
        ids = np.array([content_id for content_id, _ in rows], dtype=np.int64)
        digests = np.frombuffer(b"".join(digest for _, digest in rows), dtype=">u8").astype(np.uint64)
        if len(digests) != len(ids):
            raise ValueError("a hash is too short")
    mixed_seed = _mix(np.array([seed % 2**64], dtype=np.uint64))
    return ids[np.argsort(_mix(digests ^ mixed_seed), kind="stable")[:count]]


def _mix(words: np.ndarray[Any, np.dtype[np.uint64]]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """SplitMix64's output function (Steele, Lea and Flood 2014, https://doi.org/10.1145/2660193.2660195); wraps at
    2^64.
    """
    mixed = words + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
