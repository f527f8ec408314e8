"""The ledger: every path that a scan ever saw, with its latest outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from lookalike.catalog.codes import PRESENT
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.paths import UNDER, AnyPath, catalog_path, range_under
from lookalike.catalog.records import OUTCOMES, LedgerEntry, Outcome
from lookalike.catalog.scans import require_scan
from lookalike.errors import CatalogError

PAGE_ROWS = 2_000
"""Entries read at once: the caller may write between two pages, and few are in memory."""

FIRST_HOLDER = f"(SELECT min(other.id) FROM files other WHERE other.content_id = files.content_id AND {PRESENT})"

OUTCOME = (
    "CASE WHEN vanished_scan_id IS NOT NULL THEN 'vanished' WHEN content_id IS NULL THEN outcome"
    f" WHEN sightings.unchanged THEN 'unchanged' WHEN {FIRST_HOLDER} <> files.id THEN 'duplicate' ELSE outcome END"
)
"""A path's outcome follows from all that is known, so that it can't go stale when another file vanishes or moves."""

LATEST_SCAN = "coalesce(vanished_scan_id, sightings.scan_id)"
"""The scan that said what the ledger says of a path: the last to see it, or the first to miss it."""

FILES_SEEN = "files JOIN sightings ON sightings.file_id = files.id JOIN scans ON scans.id = sightings.scan_id"


def ledger(
    db: Database,
    outcome: Outcome | Collection[Outcome] | None = None,
    reason: str | Collection[str] | None = None,
    *,
    under: AnyPath | None = None,
    scan_id: int | None = None,
) -> Iterator[LedgerEntry]:
    """Entries in the order of first sight: of some outcomes, reasons, of the paths at or under one, of those whose
    latest scan is *scan_id*, where asked.

    Raises:
        CatalogError: an outcome isn't one. NotInCatalog: no such scan was begun.
    """
    outcomes = (outcome,) if isinstance(outcome, str) else outcome
    reasons = (reason,) if isinstance(reason, str) else reason
    for one in outcomes or ():
        if one not in OUTCOMES:
            raise CatalogError(f"the outcome {one!r} came, expected one of: {', '.join(OUTCOMES)}")
    if scan_id is not None:
        require_scan(db, scan_id)
    conditions: list[str] = []
    bindings: list[Any] = []
    for told, allowed in (("told", outcomes), ("reason", reasons)):
        if allowed is not None:
            conditions.append(f"AND {told} IN ({', '.join('?' * len(allowed))})")
            bindings += allowed
    if under is not None:
        conditions.append(f"AND {UNDER}")
        bindings += range_under(catalog_path(under))
    if scan_id is not None:
        conditions.append(f"AND {LATEST_SCAN} = ?")
        bindings.append(scan_id)
    return _entries(db, " ".join(conditions), bindings)


def _entries(db: Database, conditions: str, bindings: list[Any]) -> Iterator[LedgerEntry]:
    last_id = 0
    while True:
        with rows_understood(db.path):
            rows = db.rows(
                f"SELECT files.id, path, {OUTCOME} AS told, reason, detail, content_id, size,"
                f" (SELECT path FROM files holder WHERE holder.id = {FIRST_HOLDER} AND holder.id <> files.id),"
                f" first_seen_at, scans.started_at, {LATEST_SCAN} FROM {FILES_SEEN}"
                # The plus keeps SQLite from sorting what the index on paths finds anew for each page.
                f" WHERE files.id > ? {conditions.replace('path', '+path')} ORDER BY files.id LIMIT ?",
                (last_id, *bindings, PAGE_ROWS),
            )
            page = [LedgerEntry(*row[1:]) for row in rows]
        yield from page
        if len(page) < PAGE_ROWS:
            return
        last_id = rows[-1][0]


def last_scan(db: Database) -> int | None:
    """The number of the scan that was begun last, None where there was none."""
    found = db.value("SELECT max(id) FROM scans")
    return None if found is None else int(found)
