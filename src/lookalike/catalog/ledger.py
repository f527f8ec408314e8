"""The ledger: every path that a scan ever saw, with its outcome; and how much the catalog holds."""

from __future__ import annotations

from collections.abc import Iterator

import apsw

from lookalike.catalog.codes import PRESENT, recipes
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.records import OUTCOMES, LedgerEntry, Outcome
from lookalike.catalog.scans import require_scan
from lookalike.catalog.summaries import Statistics
from lookalike.errors import CatalogError

PAGE_ROWS = 2_000
"""Entries read at once: the caller may write between two pages, and few are in memory."""

FIRST_HOLDER = f"(SELECT min(other.id) FROM files other WHERE other.content_id = files.content_id AND {PRESENT})"

OUTCOME = (
    "CASE WHEN vanished_scan_id IS NOT NULL THEN 'vanished' WHEN content_id IS NULL THEN outcome"
    f" WHEN sightings.unchanged THEN 'unchanged' WHEN {FIRST_HOLDER} <> files.id THEN 'duplicate' ELSE outcome END"
)
"""A path's outcome follows from all that is known, so that it can't go stale when another file vanishes or moves."""

FILES_SEEN = "files JOIN sightings ON sightings.file_id = files.id JOIN scans ON scans.id = sightings.scan_id"


def ledger(db: Database, outcome: Outcome | None, reason: str | None) -> Iterator[LedgerEntry]:
    """Entries in the order of first sight, of one outcome or reason where asked.

    Raises:
        CatalogError: *outcome* isn't one.
    """
    if outcome is not None and outcome not in OUTCOMES:
        raise CatalogError(f"the outcome {outcome!r} came, expected one of: {', '.join(OUTCOMES)}")
    return _entries(db, outcome, reason)


def _entries(db: Database, outcome: Outcome | None, reason: str | None) -> Iterator[LedgerEntry]:
    last_id = 0
    while True:
        with rows_understood(db.path):
            rows = db.rows(
                f"SELECT files.id, path, {OUTCOME} AS told, reason, detail, content_id, size,"
                f" (SELECT path FROM files holder WHERE holder.id = {FIRST_HOLDER} AND holder.id <> files.id),"
                f" first_seen_at, scans.started_at FROM {FILES_SEEN}"
                " WHERE files.id > ?1 AND (?2 IS NULL OR told = ?2) AND (?3 IS NULL OR reason = ?3)"
                " ORDER BY files.id LIMIT ?4",
                (last_id, outcome, reason, PAGE_ROWS),
            )
            page = [LedgerEntry(*row[1:]) for row in rows]
        yield from page
        if len(page) < PAGE_ROWS:
            return
        last_id = rows[-1][0]


def outcome_counts(db: Database, scan_id: int | None) -> dict[Outcome, int]:
    """Paths by outcome, every outcome named: of the whole catalog, or of those that one scan was the last to see or
    missed.

    Raises:
        NotInCatalog: no such scan was begun.
    """
    with db.reading(), rows_understood(db.path):
        if scan_id is not None:
            require_scan(db, scan_id)
        rows = db.rows(
            f"SELECT {OUTCOME} AS told, count(*) FROM {FILES_SEEN} WHERE ?1 IS NULL"
            " OR coalesce(vanished_scan_id, sightings.scan_id) = ?1 GROUP BY told",
            (scan_id,),
        )
        found = dict(rows)
    return {outcome: found.get(outcome, 0) for outcome in OUTCOMES}


def reason_counts(db: Database, scan_id: int | None) -> dict[str, int]:
    """How many present paths were skipped or failed, by reason: of all, or of those last seen by one scan."""
    with rows_understood(db.path):
        return dict(
            db.rows(
                "SELECT reason, count(*) FROM files JOIN sightings ON sightings.file_id = files.id"
                " WHERE vanished_scan_id IS NULL AND reason IS NOT NULL AND (?1 IS NULL OR sightings.scan_id = ?1)"
                " GROUP BY reason ORDER BY count(*) DESC, reason",
                (scan_id,),
            )
        )


def statistics(db: Database) -> Statistics:
    """How much the catalog holds."""
    outcomes = outcome_counts(db, None)
    with db.reading(), rows_understood(db.path):
        page_bytes = int(db.value("PRAGMA page_size"))
        return Statistics(
            outcomes=outcomes,
            contents=db.value("SELECT count(*) FROM contents"),
            present_contents=db.value(f"SELECT count(DISTINCT content_id) FROM files WHERE {PRESENT}"),
            fingerprints=db.value("SELECT count(*) FROM fingerprints"),
            with_attributes=db.value("SELECT count(*) FROM attributes"),
            roots=tuple(path for (path,) in db.rows("SELECT path FROM roots ORDER BY path")),
            recipes=tuple(recipes(db)),
            bytes=page_bytes * int(db.value("PRAGMA page_count")),
            free_bytes=page_bytes * int(db.value("PRAGMA freelist_count")),
            schema_version=db.value("PRAGMA user_version"),
            journal_mode=db.value("PRAGMA journal_mode"),
            sqlite_version=apsw.sqlite_lib_version(),
        )
