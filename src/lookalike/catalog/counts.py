"""How many paths ended how, and how much the catalog holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import apsw
import numpy as np

from lookalike.catalog.codes import PRESENT, recipes
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.ledger import FILES_SEEN, FIRST_HOLDER, LATEST_SCAN, OUTCOME
from lookalike.catalog.paths import UNDER, AnyPath, catalog_path, range_under
from lookalike.catalog.records import OUTCOMES, Outcome
from lookalike.catalog.scans import require_scan
from lookalike.catalog.summaries import Statistics

DUPLICATE_OR_INDEXED = f"CASE WHEN {FIRST_HOLDER} <> files.id THEN 'duplicate' ELSE outcome END"
"""The outcome of a file that was read and holds a picture."""


def outcome_counts(db: Database, scan_id: int | None, places: Sequence[AnyPath] | None = None) -> dict[Outcome, int]:
    """Paths by outcome, every outcome named: of the whole catalog, or of those that one scan was the last to see or
    missed.

    *places*, none inside another, are where the scan looked, where that isn't everywhere: then the cost depends on
    what is known there, not on the catalog's size.

    Raises:
        NotInCatalog: no such scan was begun.
    """
    found: Counter[Outcome] = Counter()
    with db.reading(), rows_understood(db.path):
        if scan_id is not None:
            require_scan(db, scan_id)
        for condition, bindings in where_to_count(places):
            rows = db.rows(
                f"SELECT {OUTCOME} AS told, count(*) FROM {FILES_SEEN} WHERE {condition}"
                f" AND (?4 IS NULL OR {LATEST_SCAN} = ?4) GROUP BY told",
                (*bindings, *[None] * (3 - len(bindings)), scan_id),
            )
            found.update(dict(rows))
    return {outcome: found[outcome] for outcome in OUTCOMES}


def reason_counts(db: Database, scan_id: int | None, places: Sequence[AnyPath] | None = None) -> dict[str, int]:
    """How many present paths were skipped or failed, by reason, most frequent first: of all, or of those last seen by
    one scan, which looked at *places*.
    """
    found: Counter[str] = Counter()
    with rows_understood(db.path):
        for condition, bindings in where_to_count(places):
            rows = db.rows(
                f"SELECT reason, count(*) FROM files JOIN sightings ON sightings.file_id = files.id WHERE {condition}"
                " AND vanished_scan_id IS NULL AND reason IS NOT NULL AND (?4 IS NULL OR sightings.scan_id = ?4)"
                " GROUP BY reason",
                (*bindings, *[None] * (3 - len(bindings)), scan_id),
            )
            found.update(dict(rows))
    return most_frequent_first(found)


def tally(db: Database, read: Sequence[int], unchanged: Sequence[int]) -> tuple[dict[Outcome, int], dict[str, int]]:
    """Outcomes and reasons of the files that one scan read and of those that it found *unchanged*, by their numbers,
    whichever scan saw them last. A file that vanished since counts as what it was.
    """
    found: Counter[Outcome] = Counter()
    reasons: Counter[str] = Counter()
    with db.reading(), rows_understood(db.path):
        for ids, held in ((read, DUPLICATE_OR_INDEXED), (unchanged, "'unchanged'")):
            if not ids:
                continue  # apsw has no empty arrays
            for told, reason, count in db.rows(
                f"SELECT CASE WHEN content_id IS NULL THEN outcome ELSE {held} END AS told, reason, count(*)"
                " FROM carray(?) AS seen CROSS JOIN files ON files.id = seen.value GROUP BY told, reason",
                (apsw.carray(np.array(ids, dtype=np.int64)),),
            ):
                found[told] += count
                if reason is not None:
                    reasons[reason] += count
    return {outcome: found[outcome] for outcome in OUTCOMES}, most_frequent_first(reasons)


def most_frequent_first(reasons: Counter[str]) -> dict[str, int]:
    """*reasons* in the order in which they are told."""
    return dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))


def where_to_count(places: Sequence[AnyPath] | None) -> list[tuple[str, tuple[bytes, ...]]]:
    """A condition on paths for each of *places*; one that all satisfy where they are None."""
    if places is None:
        return [("1", ())]
    return [(UNDER, range_under(catalog_path(place))) for place in places]


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
