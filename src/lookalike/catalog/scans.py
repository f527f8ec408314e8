"""The bookkeeping of a scan: what is known of a folder before it, which files were seen, and which are gone after
it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from itertools import islice

import apsw

from lookalike.catalog.codes import contents_with_all
from lookalike.catalog.database import UNSIGNED_BITS, Database, signed
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.paths import UNDER, AnyPath, catalog_path, range_under
from lookalike.catalog.records import FileStamp, VanishReport
from lookalike.catalog.state_token import renew_state_token
from lookalike.errors import MissingDecoder, NotInCatalog
from lookalike.model import Recipe

TOUCHED_AT_ONCE = 20_000
"""Paths a statement: a few megabytes of names, and the writer's lock is never held for longer than about 0.1 s."""

NEEDS_EXTRA = MissingDecoder.reason
"""A file skipped for this is looked at again by every scan: the extra may have been installed since."""


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


def known_files(db: Database, root: AnyPath, recipes: Sequence[Recipe]) -> dict[bytes, FileStamp]:
    """Every file at or under *root* that was ever recorded, with what tells whether it changed since."""
    place = range_under(catalog_path(root))
    with db.reading(), rows_understood(db.path):
        done = contents_with_all(db, recipes)
        rows = db.stream(
            "SELECT path, size, mtime_ns, ctime_ns, device, inode, content_id, outcome, reason, vanished_scan_id"
            f" FROM files WHERE {UNDER}",
            place,
        )
        return {
            path: FileStamp(
                size,
                mtime_ns,
                ctime_ns,
                device & UNSIGNED_BITS,
                inode & UNSIGNED_BITS,
                content_id,
                outcome,
                reason != NEEDS_EXTRA if content_id is None else content_id in done,
                vanished is None,
            )
            for path, size, mtime_ns, ctime_ns, device, inode, content_id, outcome, reason, vanished in rows
        }


def touch_unchanged(db: Database, scan_id: int, paths: Iterable[bytes]) -> int:
    """Note that *scan_id* saw *paths* just as they were recorded; how many of them the catalog knows."""
    remaining, touched = iter(paths), 0
    while batch := tuple(islice(remaining, TOUCHED_AT_ONCE)):
        with db.writing():
            require_scan(db, scan_id)
            touched += _touch(db, scan_id, batch)
    return touched


def _touch(db: Database, scan_id: int, batch: tuple[bytes, ...]) -> int:
    returned = db.rows(
        "UPDATE files SET vanished_scan_id = NULL"
        " WHERE vanished_scan_id IS NOT NULL AND path IN (SELECT value FROM carray(?)) RETURNING content_id",
        (apsw.carray(batch),),
    )
    if returned:
        renew_state_token(db, (content_id for (content_id,) in returned))
    # A younger scan of the same folder may run beside this one: what it saw stays seen by it.
    return db.execute(
        "INSERT INTO sightings (file_id, scan_id, unchanged)"
        " SELECT id, ?, 1 FROM files WHERE path IN (SELECT value FROM carray(?))"
        " ON CONFLICT (file_id) DO UPDATE SET scan_id = excluded.scan_id, unchanged = 1"
        " WHERE scan_id <= excluded.scan_id",
        (scan_id, apsw.carray(batch)),
    )


def mark_vanished(db: Database, scan_id: int, roots: Iterable[AnyPath]) -> VanishReport:
    """End the scan: files under *roots* that neither it nor a later one saw are marked as vanished.

    Their rows and contents stay. Where the same content appeared under another path in this scan, the
    attributes go along.
    """
    vanished: list[int | None] = []
    kept: list[bytes] = []
    with db.writing():
        require_scan(db, scan_id)
        for root in dict.fromkeys(catalog_path(root) for root in roots):
            device = _device_of(db, root)
            if device is None:
                kept.append(root)
                continue
            db.execute("UPDATE roots SET device = ? WHERE path = ?", (signed(device), root))
            rows = db.rows(
                f"UPDATE files SET vanished_scan_id = ? WHERE {UNDER} AND vanished_scan_id IS NULL"
                " AND (SELECT scan_id FROM sightings WHERE file_id = files.id) < ? RETURNING content_id",
                (scan_id, *range_under(root), scan_id),
            )
            vanished += [content_id for (content_id,) in rows]
        if vanished:
            renew_state_token(db, vanished)
        moved = _carry_attributes(db, scan_id)
        db.execute("UPDATE scans SET finished_at = ? WHERE id = ?", (int(time.time()), scan_id))
    return VanishReport(len(vanished), moved, tuple(kept))


def _device_of(db: Database, root: bytes) -> int | None:
    """The device that *root* lies on; None where nothing that is missing under it may be taken for gone."""
    try:
        status = os.stat(root)
        is_empty = os.path.isdir(root) and not os.listdir(root)
    except OSError:
        return None
    recorded = db.value("SELECT device FROM roots WHERE path = ?", (root,))
    # An empty folder on another device than last time is the place of a disk that isn't mounted.
    if is_empty and recorded is not None and recorded != signed(status.st_dev):
        return None
    return status.st_dev


def _carry_attributes(db: Database, scan_id: int) -> int:
    """A file that was moved keeps what is known of it; how many files were moved."""
    moves = db.rows(
        "SELECT min(gone.id), come.id FROM files come JOIN files gone ON gone.content_id = come.content_id"
        " WHERE gone.vanished_scan_id = ?1 AND come.first_scan_id = ?1 AND come.vanished_scan_id IS NULL"
        " GROUP BY come.id",
        (scan_id,),
    )
    db.execute_many(
        "INSERT INTO attributes (file_id, json) SELECT ?2, json FROM attributes WHERE file_id = ?1"
        " ON CONFLICT (file_id) DO NOTHING",
        moves,
    )
    return len({gone for gone, _ in moves})
