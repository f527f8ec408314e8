"""Removes for good what is known of files that vanished. Nothing else ever takes a file out of the catalog."""

from __future__ import annotations

from collections.abc import Iterable

from lookalike.catalog.database import Database
from lookalike.catalog.faults import damaged
from lookalike.catalog.paths import UNDER, AnyPath, catalog_path, range_under
from lookalike.catalog.records import PruneCount, PruneReport
from lookalike.catalog.state_token import renew_state_token


def count_vanished(db: Database, places: Iterable[AnyPath]) -> PruneCount:
    """How many of the files under *places* vanished, of how many that are known there."""
    with db.reading():
        counts = [
            db.rows(f"SELECT count(vanished_scan_id), count(*) FROM files WHERE {UNDER}", range_under(place))[0]
            for place in outermost(places)
        ]
    return PruneCount(sum(vanished for vanished, _ in counts), sum(known for _, known in counts))


def prune_vanished(db: Database, places: Iterable[AnyPath]) -> PruneReport:
    """Remove the files under *places* that vanished, what is known of them, and the contents that no path holds then.

    All or nothing. A content that another file holds, vanished elsewhere or not, stays.
    """
    # SQLite would look for a content's files by reading all files, once for each content that goes: the index on
    # contents has two halves, which it doesn't put together. So the references are checked here, before the commit.
    with db.without_foreign_keys(), db.writing():
        db.execute("CREATE TEMP TABLE IF NOT EXISTS pruned (file_id INTEGER PRIMARY KEY, content_id INTEGER)")
        db.execute("DELETE FROM pruned")
        for place in outermost(places):
            db.execute(
                f"INSERT INTO pruned SELECT id, content_id FROM files WHERE {UNDER} AND vanished_scan_id IS NOT NULL",
                range_under(place),
            )
        for table in ("attributes", "sightings"):
            db.execute(f"DELETE FROM {table} WHERE file_id IN (SELECT file_id FROM pruned)")
        for table in ("files", "contents"):
            remember_numbers(db, table)
        files = db.execute("DELETE FROM files WHERE id IN (SELECT file_id FROM pruned)")
        # Each half of the index on contents is asked by its own condition.
        db.execute(
            "DELETE FROM pruned WHERE content_id IS NULL"
            " OR EXISTS (SELECT 1 FROM files WHERE files.content_id = pruned.content_id AND vanished_scan_id IS NULL"
            " AND content_id IS NOT NULL)"
            " OR EXISTS (SELECT 1 FROM files WHERE files.content_id = pruned.content_id"
            " AND vanished_scan_id IS NOT NULL)"
        )
        fingerprints = sum(
            db.execute(
                "DELETE FROM fingerprints WHERE recipe_id = ? AND content_id IN (SELECT content_id FROM pruned)",
                (recipe_id,),
            )
            for (recipe_id,) in db.rows("SELECT id FROM recipes")
        )
        gone = [content_id for (content_id,) in db.rows("SELECT DISTINCT content_id FROM pruned")]
        contents = db.execute("DELETE FROM contents WHERE id IN (SELECT content_id FROM pruned)")
        db.execute("DELETE FROM pruned")
        if files:
            renew_state_token(db, gone)  # what another file holds is as present as it was
        for table in ("files", "fingerprints", "attributes", "sightings"):
            if db.rows(f"PRAGMA foreign_key_check({table})"):
                raise damaged(db.path, f"rows of its table {table} would refer to nothing; nothing was removed")
    return PruneReport(files, contents, fingerprints)


def remember_numbers(db: Database, table: str) -> None:
    """Before rows of *table* are removed: their numbers are never given to others."""
    db.execute(
        f"INSERT INTO numbers SELECT ?, max(id) FROM {table} HAVING max(id) IS NOT NULL"
        " ON CONFLICT (name) DO UPDATE SET highest = max(highest, excluded.highest)",
        (table,),
    )


def outermost(places: Iterable[AnyPath]) -> list[bytes]:
    """*places* without those inside another: nothing is to be counted twice."""
    kept: list[bytes] = []
    for place in sorted({catalog_path(place) for place in places}, key=len):
        if not any(place.startswith(outer.rstrip(b"/") + b"/") for outer in kept):
            kept.append(place)
    return kept
