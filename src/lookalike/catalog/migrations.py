"""How the catalog's tables came to be: named, ordered steps, each applied and recorded in one transaction.

A step that was released is never edited; a change is a new step at the end. ``user_version`` counts the steps
applied, so
that an older Lookalike knows a newer catalog at sight; the table ``migrations`` holds their names and times.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import apsw

from lookalike.errors import CatalogTooNew

APPLICATION_ID = 0x4C4B414B
"""``LKAK`` in the header of every catalog, at byte 68 (https://www.sqlite.org/fileformat.html#application_id)."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A named step and its SQL."""

    name: str
    statements: str


LEDGER = """
CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
CREATE TABLE scans (id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, finished_at INTEGER) STRICT;
CREATE TABLE roots (
  id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, device INTEGER,
  added_at INTEGER NOT NULL, last_scan_at INTEGER NOT NULL
) STRICT;
CREATE TABLE contents (
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32), bytes INTEGER NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, mode TEXT NOT NULL, frames INTEGER NOT NULL,
  orientation INTEGER NOT NULL, notes TEXT NOT NULL, quality INTEGER, marks TEXT NOT NULL
) STRICT;
CREATE TABLE files (
  id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE,
  root_id INTEGER REFERENCES roots, content_id INTEGER REFERENCES contents,
  size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
  device INTEGER NOT NULL, inode INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('indexed', 'skipped', 'failed')), reason TEXT, detail TEXT NOT NULL,
  first_scan_id INTEGER NOT NULL REFERENCES scans, first_seen_at INTEGER NOT NULL,
  vanished_scan_id INTEGER REFERENCES scans,
  CHECK ((outcome = 'indexed') = (content_id IS NOT NULL)), CHECK ((outcome = 'indexed') = (reason IS NULL))
) STRICT;
CREATE INDEX present_files ON files (content_id) WHERE vanished_scan_id IS NULL AND content_id IS NOT NULL;
CREATE INDEX vanished_files ON files (content_id) WHERE vanished_scan_id IS NOT NULL;
CREATE TABLE sightings (
  file_id INTEGER PRIMARY KEY REFERENCES files, scan_id INTEGER NOT NULL REFERENCES scans, unchanged INTEGER NOT NULL
) STRICT;
CREATE TABLE recipes (
  id INTEGER PRIMARY KEY, text TEXT NOT NULL, width_bits INTEGER NOT NULL, version INTEGER NOT NULL,
  UNIQUE (text, version)
) STRICT;
CREATE TABLE fingerprints (
  recipe_id INTEGER NOT NULL REFERENCES recipes, content_id INTEGER NOT NULL REFERENCES contents, part INTEGER NOT NULL,
  code BLOB NOT NULL, PRIMARY KEY (recipe_id, content_id, part)
) WITHOUT ROWID, STRICT;
"""
"""``sightings`` lies apart from ``files`` since every scan rewrites it whole, and it is by far the smaller one."""

ATTRIBUTES = """
CREATE TABLE attributes (
  file_id INTEGER PRIMARY KEY REFERENCES files, json TEXT NOT NULL CHECK (json_valid(json))
) STRICT;
CREATE TABLE attribute_types (name TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (name, type)) WITHOUT ROWID, STRICT;
"""
"""``attribute_types`` names every attribute ever stored: a filter on a name that doesn't exist is told at once."""

STATE = """
CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), token BLOB NOT NULL CHECK (length(token) = 16)) STRICT;
INSERT INTO state VALUES (1, randomblob(16));
"""
"""One row: ``state_token`` says what it is for."""

ANIMATIONS = """
DELETE FROM fingerprints WHERE content_id IN
  (SELECT id FROM contents WHERE frames > 1 AND format IN ('GIF', 'WEBP', 'PNG', 'AVIF'));
UPDATE state SET token = randomblob(16);
"""
"""Animations had the fingerprints of their first frame, as stills; the next scan gives them those of animations."""

CHANGES = """
CREATE TABLE changes (
  serial INTEGER PRIMARY KEY, token BLOB NOT NULL CHECK (length(token) = 16), contents BLOB NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
INSERT INTO changes SELECT 1, token, x'', 0 FROM state;
"""
"""The latest states and what led to each: ``state_token`` says what it is for."""

NUMBERS = """
CREATE TABLE numbers (name TEXT PRIMARY KEY, highest INTEGER NOT NULL) WITHOUT ROWID, STRICT;
"""
"""The highest id of each table that rows were removed from: no number is ever given to another picture or file."""

MIGRATIONS = (
    Migration("ledger", LEDGER),
    Migration("attributes", ATTRIBUTES),
    Migration("state", STATE),
    Migration("animations", ANIMATIONS),
    Migration("changes", CHANGES),
    Migration("numbers", NUMBERS),
)


def schema_version(connection: apsw.Connection) -> int:
    """How many migrations were applied."""
    return int(connection.pragma("user_version"))


def refuse_newer(version: int, path: str) -> None:
    """Raise ``CatalogTooNew`` where *version* is more than this Lookalike knows."""
    if version > len(MIGRATIONS):
        raise CatalogTooNew(
            f"the catalog {path!r} has schema version {version}, this Lookalike knows versions up to"
            f" {len(MIGRATIONS)}: "
            "update Lookalike (pip install -U lookalike)"
        )


def migrate(connection: apsw.Connection, path: str, migrations: tuple[Migration, ...] = MIGRATIONS) -> list[str]:
    """Apply the steps that are missing; names of those applied. Each is all or nothing, whatever ends the process.

    Raises:
        CatalogTooNew: more steps were applied than are known here.
        apsw.Error: whatever SQLite refuses; the step at hand is undone.
    """
    applied: list[str] = []
    while schema_version(connection) < len(migrations):
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = schema_version(connection)  # again, under the lock: another process may have been quicker
            if version < len(migrations):
                step = migrations[version]
                connection.execute(step.statements)
                connection.execute("INSERT INTO migrations VALUES (?, ?)", (step.name, int(time.time())))
                # A pragma takes no bound value; both are ints of ours.
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version + 1}")
                applied.append(step.name)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    refuse_newer(schema_version(connection), path)
    return applied


def expected_schema() -> frozenset[tuple[str, str]]:
    """(type, name) of everything that the migrations make: a catalog with anything else in it isn't ours."""
    scratch = apsw.Connection(":memory:")
    try:
        for step in MIGRATIONS:
            scratch.execute(step.statements)
        return schema_of(scratch)
    finally:
        scratch.close()


def schema_of(connection: apsw.Connection) -> frozenset[tuple[str, str]]:
    """(type, name) of every table, index, view and trigger, SQLite's own (``sqlite_…``) left out."""
    rows = connection.execute("SELECT type, name FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'")
    return frozenset((str(kind), str(name)) for kind, name in rows)
