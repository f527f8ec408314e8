"""The bookkeeping of a scan: what is known of a folder before it, and which files were seen."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import apsw
import numpy as np

from lookalike.catalog.codes import lacking_recipes
from lookalike.catalog.database import UNSIGNED_BITS, Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.paths import UNDER, AnyPath, catalog_path, range_under
from lookalike.catalog.records import LOOKED_AT_AGAIN, FileStamp
from lookalike.catalog.state_token import renew_state_token
from lookalike.errors import NotInCatalog
from lookalike.model import Recipe

TOUCHED_AT_ONCE = 20_000
"""Paths a statement: a few megabytes of names, and the writer's lock is never held for longer than about 0.1 s."""


def begin_scan(db: Database, roots: Iterable[AnyPath]) -> int:
    """Note that the folders *roots* are about to be scanned; the scan's number, which only ever grows."""
    now = int(time.time())
    with db.writing():
        scan_id = int(db.value("INSERT INTO scans (started_at) VALUES (?) RETURNING id", (now,)))
        for root in roots:
            db.execute(
                "INSERT INTO roots (path, added_at, last_scan_at) VALUES (?, ?, ?)"
                " ON CONFLICT (path) DO UPDATE SET last_scan_at = excluded.last_scan_at",
                (catalog_path(root), now, now),
            )
    return scan_id


def require_scan(db: Database, scan_id: int) -> None:
    """Raise ``NotInCatalog`` where no such scan was begun."""
    if db.value("SELECT 1 FROM scans WHERE id = ?", (scan_id,)) is None:
        raise NotInCatalog(f"no scan {scan_id} was begun in {db.path!r}: call begin_scan first")


STAMP = (
    "size, mtime_ns, ctime_ns, device, inode, content_id, outcome, content_id IS NOT NULL"
    f" OR reason NOT IN ({', '.join(map(repr, LOOKED_AT_AGAIN))}), vanished_scan_id IS NULL, files.id"
)
"""Columns of a ``FileStamp``, in its order; ``complete`` as far as a file without content goes."""


def known_files(db: Database, root: AnyPath, recipes: Sequence[Recipe]) -> dict[bytes, FileStamp]:
    """Every file at or under *root* that was ever recorded, with what tells whether it changed since."""
    place = range_under(catalog_path(root))
    with db.reading(), rows_understood(db.path):
        rows = db.rows(f"SELECT path, {STAMP} FROM files WHERE {UNDER}", place)
        return dict(zip((row[0] for row in rows), _stamps(db, rows, recipes), strict=True))


def stamps(db: Database, paths: Sequence[bytes], recipes: Sequence[Recipe]) -> dict[bytes, FileStamp]:
    """The stamps of those of *paths* that were ever recorded. The cost depends on their number, not on the catalog's.

    *recipes* may be empty where every content is known to have all that are wanted.
    """
    if not paths:
        return {}
    with rows_understood(db.path):
        # CROSS JOIN: SQLite takes the array as the outer loop and looks each path up, rather than read all files.
        rows = db.rows(
            f"SELECT path, {STAMP} FROM carray(?) AS wanted CROSS JOIN files ON path = wanted.value",
            (apsw.carray(tuple(paths)),),
        )
        return dict(zip((row[0] for row in rows), _stamps(db, rows, recipes), strict=True))


def _stamps(db: Database, rows: Sequence[tuple[Any, ...]], recipes: Sequence[Recipe]) -> Iterator[FileStamp]:
    content_ids = [row[6] for row in rows if recipes and row[6] is not None]
    lacking = lacking_recipes(db, np.array(content_ids, dtype=np.int64), recipes)
    for row in rows:  # a rescan makes as many as there are files: mostly nothing is left to do
        stamp = FileStamp._make(row[1:])
        if stamp.device < 0 or stamp.inode < 0:
            stamp = stamp._replace(device=stamp.device & UNSIGNED_BITS, inode=stamp.inode & UNSIGNED_BITS)
        if lacking and stamp.content_id in lacking:
            stamp = stamp._replace(complete=False)
        yield stamp


def touch_unchanged(db: Database, scan_id: int, paths: Iterable[bytes]) -> int:
    """Note that *scan_id* saw *paths* just as they were recorded; how many of them the catalog knows."""
    remaining, touched = iter(paths), 0
    while batch := tuple(islice(remaining, TOUCHED_AT_ONCE)):
        with db.writing():
            require_scan(db, scan_id)
            touched += _touch(db, scan_id, "path IN (SELECT value FROM carray(?))", (apsw.carray(batch),))
    return touched


def touch_files(db: Database, scan_id: int, file_ids: Sequence[int]) -> int:
    """`touch_unchanged` of files known by their ids (``FileStamp.file_id``), which is faster."""
    touched = 0
    for place in range(0, len(file_ids), TOUCHED_AT_ONCE):
        batch = np.sort(np.array(file_ids[place : place + TOUCHED_AT_ONCE], dtype=np.int64))
        with db.writing():
            require_scan(db, scan_id)
            touched += _touch(db, scan_id, "id IN (SELECT value FROM carray(?))", (apsw.carray(batch),))
    return touched


def touch_under(db: Database, scan_id: int, folder: AnyPath) -> int:
    """Note that *scan_id* takes what is present below *folder* to be as it was; how many files that are."""
    _, low, high = range_under(catalog_path(folder))
    below = "vanished_scan_id IS NULL AND path >= ? AND path < ?"
    if db.value(f"SELECT 1 FROM files WHERE {below} LIMIT 1", (low, high)) is None:
        return 0  # mostly, for a link: a thousand of them that lead nowhere are to cost no thousand commits
    with db.writing():
        require_scan(db, scan_id)
        return _touch(db, scan_id, below, (low, high))


def _touch(db: Database, scan_id: int, which: str, bindings: tuple[Any, ...]) -> int:
    returned = db.rows(
        f"UPDATE files SET vanished_scan_id = NULL WHERE vanished_scan_id IS NOT NULL AND {which} RETURNING content_id",
        bindings,
    )
    if returned:
        renew_state_token(db, (content_id for (content_id,) in returned))
    # A younger scan of the same folder may run beside this one: what it saw stays seen by it.
    return db.execute(
        f"INSERT INTO sightings (file_id, scan_id, unchanged) SELECT id, ?, 1 FROM files WHERE {which}"
        " ON CONFLICT (file_id) DO UPDATE SET scan_id = excluded.scan_id, unchanged = 1"
        " WHERE scan_id <= excluded.scan_id",
        (scan_id, *bindings),
    )
