"""The end of a scan: which files are gone, and which of them live on under another path."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable

import apsw
import numpy as np

from lookalike.catalog.database import Database, signed
from lookalike.catalog.paths import UNDER, AnyPath, catalog_path, is_under, range_under
from lookalike.catalog.pruning import remember_numbers
from lookalike.catalog.records import VanishReport
from lookalike.catalog.scans import require_scan
from lookalike.catalog.state_token import renew_state_token

READ = (
    f"{UNDER} AND vanished_scan_id IS NULL AND content_id IS NOT NULL"
    " AND EXISTS (SELECT 1 FROM sightings WHERE file_id = files.id AND scan_id = ? AND NOT unchanged)"
)
"""Present files of a place whose content a scan set."""

LAST_GONE = (
    "(SELECT gone.id FROM files gone CROSS JOIN attributes ON file_id = gone.id"
    " WHERE gone.content_id = files.content_id AND gone.vanished_scan_id IS NOT NULL"
    " ORDER BY gone.vanished_scan_id DESC, gone.id LIMIT 1)"
)
"""Of the files that held a file's content, have attributes and are gone, the one that went last."""

NEVER_FILES = frozenset(
    ("unreadable-folder", "bad-ignore-file", "dangling-link", "symbolic-link", "link-loop", "not-a-file")
)
"""Reasons of lines that are about no file: when such a line isn't true any more, nothing has gone. A folder behind
a link that can be followed again has no line of its own."""


def mark_vanished(
    db: Database, scan_id: int, roots: Iterable[AnyPath], places: Iterable[AnyPath] | None = None
) -> VanishReport:
    """End the scan: files under *roots* that neither it nor a later one saw are marked as vanished.

    Their rows and contents stay, and their attributes go to the present files that hold the same content and have none.
    A line about a folder or an ignore file that isn't true any more is removed. With *places* the scan looked at these
    paths under the roots alone, and only there anything is marked.
    """
    vanished: list[tuple[int, int | None, str | None]] = []
    kept: list[bytes] = []
    looked_at: list[bytes] = []
    wanted = None if places is None else [catalog_path(place) for place in places]
    with db.writing():
        require_scan(db, scan_id)
        for root in dict.fromkeys(catalog_path(root) for root in roots):
            device = _device_of(db, root)
            if device is None:
                kept.append(root)
                continue
            db.execute("UPDATE roots SET device = ? WHERE path = ?", (signed(device), root))
            looked_at += [root] if wanted is None else [place for place in wanted if is_under(place, root)]
        for place in looked_at:
            vanished += db.rows(
                f"UPDATE files SET vanished_scan_id = ? WHERE {UNDER} AND vanished_scan_id IS NULL"
                " AND (SELECT scan_id FROM sightings WHERE file_id = files.id) < ? RETURNING id, content_id, reason",
                (scan_id, *range_under(place), scan_id),
            )
        vanished = _end_lines(db, vanished)
        moved = 0
        if vanished:
            gone = [content_id for _, content_id, _ in vanished if content_id is not None]
            renew_state_token(db, gone)
            moved = _count_moved(db, scan_id, looked_at, Counter(gone)) if gone else 0
        _carry_attributes(db, scan_id, looked_at, vanished=bool(vanished))
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


def _end_lines(
    db: Database, rows: list[tuple[int, int | None, str | None]]
) -> list[tuple[int, int | None, str | None]]:
    """Remove those of *rows* (file, content, reason), just vanished, that are lines about something else than a file;
    the others. One that attributes were given to stays.
    """
    lines = [file_id for file_id, _, reason in rows if reason in NEVER_FILES]
    if not lines:
        return rows
    wanted = apsw.carray(np.array(lines, dtype=np.int64))
    ended = {
        file_id
        for (file_id,) in db.rows(
            "SELECT value FROM carray(?) WHERE NOT EXISTS (SELECT 1 FROM attributes WHERE file_id = value)", (wanted,)
        )
    }
    remember_numbers(db, "files")
    for table, key in (("sightings", "file_id"), ("files", "id")):
        db.execute_many(f"DELETE FROM {table} WHERE {key} = ?", [(file_id,) for file_id in sorted(ended)])
    return [row for row in rows if row[0] not in ended]


def _count_moved(db: Database, scan_id: int, places: list[bytes], gone: Counter[int]) -> int:
    """How many of the files that held the contents *gone* live on under a path that the scan read in *places*."""
    come: Counter[int] = Counter()
    for place in places:
        for (content_id,) in db.stream(f"SELECT content_id FROM files WHERE {READ}", (*range_under(place), scan_id)):
            if content_id in gone:
                come[content_id] += 1
    return sum(min(count, come[content_id]) for content_id, count in gone.items())


def _carry_attributes(db: Database, scan_id: int, places: list[bytes], *, vanished: bool) -> None:
    """Give what is known of a file that is gone to the present ones that hold the same and of which nothing is known.

    Both ways: from what vanished in this scan to whatever holds it, and to what this scan read from whatever vanished
    before. Found by the places that the scan looked at and the indexes on contents, so that a scan of one file costs
    the same in a catalog of any size.
    """
    if db.value("SELECT 1 FROM attributes LIMIT 1") is None:
        return
    heirs: list[tuple[int, int]] = []
    for place in places if vanished else ():
        heirs += db.stream(
            "SELECT min(files.id), content_id FROM files CROSS JOIN attributes ON file_id = files.id"
            f" WHERE {UNDER} AND vanished_scan_id = ? AND content_id IS NOT NULL GROUP BY content_id",
            (*range_under(place), scan_id),
        )
    db.execute_many(
        "INSERT INTO attributes (file_id, json) SELECT id, (SELECT json FROM attributes WHERE file_id = ?1) FROM files"
        " WHERE content_id = ?2 AND vanished_scan_id IS NULL AND content_id IS NOT NULL"
        " ON CONFLICT (file_id) DO NOTHING",
        heirs,
    )
    for place in places:
        db.execute(
            "INSERT INTO attributes (file_id, json) SELECT heir, json FROM"
            f" (SELECT files.id AS heir, {LAST_GONE} AS former FROM files WHERE {READ}"
            " AND NOT EXISTS (SELECT 1 FROM attributes WHERE file_id = files.id))"
            " CROSS JOIN attributes ON file_id = former WHERE true ON CONFLICT (file_id) DO NOTHING",
            (*range_under(place), scan_id),
        )
