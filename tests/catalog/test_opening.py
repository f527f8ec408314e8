import os
import shutil
import subprocess
import sys

import apsw
import pytest
from catalog_samples import WHASH, make_result

from lookalike.catalog import Store, connection, database, journal
from lookalike.catalog.migrations import APPLICATION_ID, MIGRATIONS
from lookalike.errors import CatalogDamaged, CatalogError, CatalogNotFound, CatalogTooNew


def fill(path, root):
    with Store.open(path) as store:
        number = store.begin_scan([root])
        store.record(number, [make_result(root / "a", b"one", WHASH), make_result(root / "b", b"two", WHASH)])


def test_a_catalog_is_made_where_there_is_none_and_found_again(catalog, root):
    fill(catalog, root)
    with Store.open(catalog, create=False) as store:
        assert store.counts()["indexed"] == 2
        assert store.path == str(catalog)


def test_an_empty_file_becomes_a_catalog_only_when_one_may_be_created(catalog):
    catalog.touch()
    with pytest.raises(CatalogDamaged, match="it is no catalog: 0 bytes"):
        Store.open(catalog, create=False)
    with Store.open(catalog) as store:
        assert store.check().ok


def test_a_missing_catalog_or_folder_is_told_and_nothing_is_made(tmp_path):
    for options in ({"create": False}, {"read_only": True}):
        with pytest.raises(CatalogNotFound, match="no catalog at"):
            Store.open(tmp_path / "none", **options)
    with pytest.raises(CatalogNotFound, match="no folder"):
        Store.open(tmp_path / "sub" / "none")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"x", b"SQLite format 3\0", b"\x89PNG" * 100, b"\0" * 4096])
def test_a_file_that_is_no_catalog_is_refused_and_left_as_it_is(catalog, content):
    catalog.write_bytes(content)
    with pytest.raises(CatalogDamaged, match=r"no catalog.*lookalike doctor --catalog"):
        Store.open(catalog)
    assert catalog.read_bytes() == content


def test_another_programs_database_is_refused_and_left_as_it_is(catalog):
    other = apsw.Connection(str(catalog))
    other.execute("CREATE TABLE files (x); INSERT INTO files VALUES (1)")
    other.close()
    before = catalog.read_bytes()
    with pytest.raises(CatalogDamaged, match="not a Lookalike catalog"):
        Store.open(catalog)
    assert catalog.read_bytes() == before


def test_a_catalog_of_the_future_says_which_version_it_has(catalog, root):
    fill(catalog, root)
    raw = apsw.Connection(str(catalog))
    raw.pragma("user_version", 99)
    raw.close()
    for options in ({}, {"read_only": True}):
        with pytest.raises(CatalogTooNew, match=f"version 99, this Lookalike knows versions up to {len(MIGRATIONS)}"):
            Store.open(catalog, **options)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER evil AFTER INSERT ON files BEGIN DELETE FROM contents; END",
        "CREATE VIEW evil AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x FROM n",
        "DROP TABLE sightings",
        "ALTER TABLE attributes RENAME TO old; CREATE VIEW attributes AS SELECT 1 AS file_id, '{}' AS json",
    ],
)
def test_tables_that_lookalike_did_not_make_are_refused(catalog, root, statement):
    fill(catalog, root)
    raw = apsw.Connection(str(catalog))
    raw.execute(statement)
    raw.close()
    for options in ({}, {"read_only": True}):
        with pytest.raises(CatalogDamaged, match="aren't those that Lookalike makes"):
            Store.open(catalog, **options)


def test_folders_and_devices_are_no_catalogs(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(CatalogError, match="name a file"):
            Store.open(path)


def test_a_name_that_sqlite_cannot_take_is_told(tmp_path):
    with pytest.raises(CatalogError, match="must be UTF-8"):
        Store.open(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    with pytest.raises(CatalogError, match="can't be reached"):
        Store.open(f"{tmp_path}/a\0b")


def test_odd_names_are_names_and_not_addresses(tmp_path):
    for name in ("file:x?mode=memory", ":memory:", "a b%41#?.lookalike", "-"):
        with Store.open(tmp_path / name) as store:
            store.begin_scan([tmp_path])
        assert (tmp_path / name).stat().st_size > 0
        with Store.open(tmp_path / name, read_only=True) as store:
            assert store.statistics().roots == (os.fsencode(tmp_path),)


def test_a_store_opened_for_reading_refuses_to_write(catalog, root):
    fill(catalog, root)
    before = catalog.read_bytes()
    with Store.open(catalog, read_only=True) as store:
        with pytest.raises(CatalogError, match="reading only"):
            store.begin_scan([root])
        assert store.read_only
    assert catalog.read_bytes() == before


def test_a_closed_store_says_so(catalog):
    store = Store.open(catalog)
    store.close()
    store.close()
    with pytest.raises(CatalogError, match="was closed"):
        store.counts()


def test_a_child_process_may_not_use_its_parents_store(store):
    child = os.fork()
    if child == 0:
        try:
            store.counts()
        except CatalogError as error:
            os._exit(7 if "open it again there" in str(error) else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_an_sqlite_that_can_corrupt_is_refused(catalog, monkeypatch):
    monkeypatch.setattr(connection, "SQLITE_FLOOR", (99, 0, 0))
    with pytest.raises(CatalogError, match=r"at least 99\.0\.0 is needed"):
        Store.open(catalog)


def test_every_connection_has_the_settings_for_untrusted_files(store):
    raw = store._db._connection
    assert raw.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, -1) == 1
    assert raw.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, -1) == 0
    assert raw.pragma("foreign_keys") == 1
    assert raw.pragma("synchronous") == 1
    assert raw.pragma("application_id") == APPLICATION_ID
    assert store.statistics().journal_mode == "wal"


def test_on_a_network_share_the_catalog_keeps_a_rollback_journal(catalog, root, monkeypatch):
    fill(catalog, root)
    for module in (connection, journal):
        monkeypatch.setattr(module, "file_system", lambda folder: "nfs4")
    with Store.open(catalog) as store:
        assert store.statistics().journal_mode == "delete"
        assert store.counts()["indexed"] == 2
        assert store._db._connection.pragma("synchronous") == 2
        store.begin_scan([root])
        with Store.open(catalog, read_only=True) as reader:
            assert reader.counts()["indexed"] == 2
    monkeypatch.undo()
    with Store.open(catalog) as store:
        assert store.statistics().journal_mode == "wal"


def test_where_the_probe_of_wal_fails_the_catalog_keeps_a_rollback_journal(catalog, monkeypatch):
    real = apsw.Connection

    def without_shared_memory(name, **options):
        if "probe" in name and options.get("flags") == apsw.SQLITE_OPEN_READONLY:
            raise apsw.IOError("disk I/O error")
        return real(name, **options)

    monkeypatch.setattr(journal.apsw, "Connection", without_shared_memory)
    with Store.open(catalog) as store:
        assert store.statistics().journal_mode == "delete"
    assert [path.name for path in catalog.parent.iterdir()] == [catalog.name], "the probe leaves nothing behind"


def test_the_file_system_of_a_folder_is_that_of_the_innermost_mount(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    deep = tmp_path / "my share" / "deep"
    deep.mkdir(parents=True)
    escaped = str(deep.parent).replace(" ", "\\040")
    mounts.write_text(f"root / ext4 rw 0 0\nodd\nserver:/x {escaped} nfs4 rw 0 0\n")
    monkeypatch.setattr(journal, "MOUNTS", str(mounts))
    assert journal.file_system(str(deep)) == "nfs4"
    assert journal.file_system(str(tmp_path)) == "ext4"
    monkeypatch.setattr(journal, "MOUNTS", str(tmp_path / "none"))
    assert journal.file_system(str(deep)) is None


READ_AND_WRITE = """
import sys
from lookalike.catalog import Store
from lookalike.errors import CatalogError
with Store.open(sys.argv[1], read_only=True) as store:
    print(store.counts()["indexed"])
try:
    Store.open(sys.argv[1])
except CatalogError as error:
    print(type(error).__name__)
"""


def test_readers_work_on_a_read_only_file_system(tmp_path, root):
    place = tmp_path / "frozen"
    place.mkdir()
    fill(place / "c.lookalike", root)
    freeze = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "sh", "-c", freeze, place]).returncode:
        pytest.skip("this machine lets nobody mount a folder read-only in a namespace of their own")
    script = f'{freeze} && exec "$1" -c "$2" "$0/c.lookalike"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, place, sys.executable, READ_AND_WRITE], capture_output=True, text=True
    )
    assert done.stdout.split() == ["2", "CatalogError"], done.stderr


def test_threads_may_share_a_store(store, root):
    import threading

    number = store.begin_scan([root])
    faults = []

    def work(name):
        try:
            for place in range(20):
                store.record(number, [make_result(root / f"{name}{place}", f"{name}{place}".encode(), WHASH)])
                store.codes(WHASH)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shall show it
            faults.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert store.counts()["indexed"] == 80


def test_signed_numbers_keep_all_64_bits():
    for number in (0, 1, 2**63 - 1, 2**63, 2**64 - 1):
        assert -(2**63) <= database.signed(number) < 2**63
        assert database.signed(number) & database.UNSIGNED_BITS == number


def test_a_reader_keeps_at_most_8_mib_of_pages(catalog, root):
    fill(catalog, root)
    with Store.open(catalog, read_only=True) as store:
        assert store._db.value("PRAGMA cache_size") == -8192
