"""The end of a scan: which files are gone, and which of them live on under another path."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from lookalike.catalog.database import Database, signed
from lookalike.catalog.paths import UNDER, AnyPath, catalog_path, is_under, range_under
from lookalike.catalog.records import VanishReport
from lookalike.catalog.scans import require_scan
from lookalike.catalog.state_token import renew_state_token


def mark_vanished(
    db: Database, scan_id: int, roots: Iterable[AnyPath], places: Iterable[AnyPath] | None = None
) -> VanishReport:
    """End the scan: files under *roots* that neither it nor a later one saw are marked as vanished.

    Their rows and contents stay. Where the same content appeared under another path in this scan, the
    attributes go along. With *places* the scan looked at these paths under the roots alone, and only there anything is
    marked.
    """
    vanished = 0
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
            vanished += db.execute(
                f"UPDATE files SET vanished_scan_id = ? WHERE {UNDER} AND vanished_scan_id IS NULL"
                " AND (SELECT scan_id FROM sightings WHERE file_id = files.id) < ?",
                (scan_id, *range_under(place), scan_id),
            )
        moved = 0
        if vanished:
            renew_state_token(db)
            moved = _carry_attributes(db, scan_id, looked_at)
        db.execute("UPDATE scans SET finished_at = ? WHERE id = ?", (int(time.time()), scan_id))
    return VanishReport(vanished, moved, tuple(kept))


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


def _carry_attributes(db: Database, scan_id: int, places: list[bytes]) -> int:
    """A file that was moved keeps what is known of it; how many files were moved.

    Found by the places that the scan looked at, so that a scan of one file costs the same in a catalog of any size.
    """
    gone: dict[int, int] = {}  # content: the first file that held it and is gone
    come: list[tuple[int, int]] = []
    for place in places:
        for file_id, content_id in db.stream(
            f"SELECT id, content_id FROM files WHERE {UNDER} AND vanished_scan_id = ? AND content_id IS NOT NULL",
            (*range_under(place), scan_id),
        ):
            gone[content_id] = min(file_id, gone.get(content_id, file_id))
    for place in places if gone else ():
        come += db.stream(
            f"SELECT id, content_id FROM files WHERE {UNDER} AND first_scan_id = ? AND vanished_scan_id IS NULL"
            " AND content_id IS NOT NULL",
            (*range_under(place), scan_id),
        )
    moves = [(gone[content_id], file_id) for file_id, content_id in come if content_id in gone]
    db.execute_many(
        "INSERT INTO attributes (file_id, json) SELECT ?2, json FROM attributes WHERE file_id = ?1"
        " ON CONFLICT (file_id) DO NOTHING",
        moves,
    )
    return len({former for former, _ in moves})
