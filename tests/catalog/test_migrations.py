"""Catalogs of earlier versions open as they were; a migration is all or nothing."""

import os

import apsw
import pytest
from catalog_samples import WHASH

from lookalike.catalog import Store, migrations
from lookalike.catalog.migrations import APPLICATION_ID, MIGRATIONS, Migration, migrate, schema_of
from lookalike.errors import CatalogError, CatalogTooNew

# The catalog as the first migration left it, with one picture in two places; spelled out so that it can't follow the
# code.
VERSION_1 = """
CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
CREATE TABLE scans (id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, finished_at INTEGER) STRICT;
CREATE TABLE roots (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, device INTEGER, added_at INTEGER NOT NULL,
  last_scan_at INTEGER NOT NULL) STRICT;
CREATE TABLE contents (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  bytes INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, mode TEXT NOT NULL,
  frames INTEGER NOT NULL, orientation INTEGER NOT NULL, notes TEXT NOT NULL, quality INTEGER,
  marks TEXT NOT NULL) STRICT;
CREATE TABLE files (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, root_id INTEGER REFERENCES roots,
  content_id INTEGER REFERENCES contents, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
  device INTEGER NOT NULL, inode INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('indexed', 'skipped', 'failed')), reason TEXT, detail TEXT NOT NULL,
  first_scan_id INTEGER NOT NULL REFERENCES scans, first_seen_at INTEGER NOT NULL,
  vanished_scan_id INTEGER REFERENCES scans, CHECK ((outcome = 'indexed') = (content_id IS NOT NULL)),
  CHECK ((outcome = 'indexed') = (reason IS NULL))) STRICT;
CREATE INDEX present_files ON files (content_id) WHERE vanished_scan_id IS NULL AND content_id IS NOT NULL;
CREATE INDEX vanished_files ON files (content_id) WHERE vanished_scan_id IS NOT NULL;
CREATE TABLE sightings (file_id INTEGER PRIMARY KEY REFERENCES files, scan_id INTEGER NOT NULL REFERENCES scans,
  unchanged INTEGER NOT NULL) STRICT;
CREATE TABLE recipes (id INTEGER PRIMARY KEY, text TEXT NOT NULL, width_bits INTEGER NOT NULL,
  version INTEGER NOT NULL, UNIQUE (text, version)) STRICT;
CREATE TABLE fingerprints (recipe_id INTEGER NOT NULL REFERENCES recipes,
  content_id INTEGER NOT NULL REFERENCES contents, part INTEGER NOT NULL, code BLOB NOT NULL,
  PRIMARY KEY (recipe_id, content_id, part)) WITHOUT ROWID, STRICT;
INSERT INTO migrations VALUES ('ledger', 1790000000);
INSERT INTO scans VALUES (1, 1790000000, 1790000005);
INSERT INTO roots VALUES (1, x'2f70', 5, 1790000000, 1790000000);
INSERT INTO contents VALUES (1, zeroblob(32), 3, 40, 30, 'JPEG', 'RGB', 1, 1, '["alpha"]', 90, '[]');
INSERT INTO files VALUES (1, x'2f702f61', 1, 1, 3, 1, 1, 5, 7, 'indexed', NULL, '', 1, 1790000000, NULL);
INSERT INTO files VALUES (2, x'2f702fe9', 1, 1, 3, 1, 1, 5, 8, 'indexed', NULL, '', 1, 1790000000, NULL);
INSERT INTO sightings VALUES (1, 1, 0), (2, 1, 0);
INSERT INTO recipes VALUES (1, 'whash', 64, 1);
INSERT INTO fingerprints VALUES (1, 1, 0, x'0123456789abcdef');
PRAGMA user_version = 1;
"""


@pytest.fixture
def version_1(catalog):
    raw = apsw.Connection(str(catalog))
    raw.execute(f"{VERSION_1} PRAGMA application_id = {APPLICATION_ID}")
    raw.close()
    return catalog


def test_a_catalog_of_version_1_is_brought_up_to_date_with_all_it_holds(version_1, tmp_path):
    with Store.open(version_1) as store:
        assert store.check().problems == ()
        assert store.statistics().schema_version == len(MIGRATIONS)
        assert store.content(1).paths == ("/p/a", os.fsdecode(b"/p/\xe9"))
        assert store.content(1).notes == ("alpha",)
        assert store.fingerprint(1, WHASH).hex == "0123456789abcdef"
        assert store.counts()["duplicate"] == 1
        fresh = tmp_path / "fresh.lookalike"
        with Store.open(fresh) as other:
            assert schema_of(store._db._connection) == schema_of(other._db._connection)
        names = [name for (name,) in store._db.rows("SELECT name FROM migrations ORDER BY rowid")]
    assert names == [step.name for step in MIGRATIONS]


def test_films_of_an_older_catalog_lose_their_first_frames_fingerprints_and_are_read_again(version_1):
    """They stood among the stills; a TIFF's pages and an MPO's pictures still do."""
    raw = apsw.Connection(str(version_1))
    raw.execute(
        "INSERT INTO contents VALUES (2, randomblob(32), 3, 40, 30, 'GIF', 'P', 7, 1, '[]', 90, '[]'),"
        " (3, randomblob(32), 3, 40, 30, 'TIFF', 'RGB', 7, 1, '[]', 90, '[]'),"
        " (4, randomblob(32), 3, 40, 30, 'GIF', 'P', 1, 1, '[]', 90, '[]');"
        "INSERT INTO fingerprints SELECT 1, id, 0, x'0123456789abcdef' FROM contents WHERE id > 1"
    )
    raw.close()
    with Store.open(version_1) as store:
        assert list(store.missing_recipes([1, 2, 3, 4], [WHASH])) == [2]


def test_an_old_catalog_opened_for_reading_asks_to_be_opened_for_writing_once(version_1):
    before = version_1.read_bytes()
    with pytest.raises(CatalogError, match="open it once for writing"):
        Store.open(version_1, read_only=True)
    assert version_1.read_bytes() == before


def test_a_migration_that_fails_halfway_changes_nothing(version_1, monkeypatch):
    broken = Migration("broken", "CREATE TABLE half (x); UPDATE contents SET width = 9; SELECT * FROM missing")
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS[:1], broken))
    raw = apsw.Connection(str(version_1))
    before = schema_of(raw)
    with pytest.raises(apsw.SQLError, match="missing"):
        migrate(raw, str(version_1), migrations.MIGRATIONS)
    assert schema_of(raw) == before
    assert raw.pragma("user_version") == 1
    assert raw.execute("SELECT width FROM contents").fetchall() == [(40,)]
    raw.close()


def test_migrations_are_applied_once_and_in_order(catalog):
    raw = apsw.Connection(str(catalog))
    assert migrate(raw, "x") == [step.name for step in MIGRATIONS]
    assert migrate(raw, "x") == []
    raw.pragma("user_version", len(MIGRATIONS) + 1)
    with pytest.raises(CatalogTooNew):
        migrate(raw, "x")
    raw.close()


def test_names_of_migrations_are_unique():
    assert len({step.name for step in MIGRATIONS}) == len(MIGRATIONS)
