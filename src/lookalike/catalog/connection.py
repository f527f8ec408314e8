"""Opens the SQLite file: is it a catalog, may it be read, and which settings keep it safe.

A catalog received from somebody else is an input like any other, so the settings are those that SQLite advises for
untrusted files (https://www.sqlite.org/security.html, "Untrusted SQLite Database Files").
"""

from __future__ import annotations

import contextlib
import os
import stat
import urllib.parse

import apsw

from lookalike.catalog.faults import damaged, translated
from lookalike.catalog.journal import NETWORK_FILE_SYSTEMS, choose_journal_mode, file_system
from lookalike.catalog.migrations import (
    APPLICATION_ID,
    MIGRATIONS,
    expected_schema,
    migrate,
    refuse_newer,
    schema_of,
    schema_version,
)
from lookalike.errors import CatalogError, CatalogNotFound, CatalogOutdated

SQLITE_FLOOR = (3, 51, 3)
"""The first release without the WAL-reset bug (https://www.sqlite.org/releaselog/3_51_3.html)."""

MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100
"""Length of the header, and the offsets below: https://www.sqlite.org/fileformat.html#the_database_header."""

CACHE_KIB = 32 * 1024
"""Page cache: about the size of the indexes of a catalog of 200,000 files."""

READER_CACHE_KIB = 8 * 1024
"""The same of a connection that only reads, of which a server has several: among 1,000,000 pictures searches took the
same time with 2, 8 and 32 MiB, since what they read lies anywhere, and the system keeps the file in memory besides.
"""


CHECKPOINT_PAGES = 10_000
"""A transaction of an indexing run changes as many pages as it has new files, since their hashes come in no order. With
SQLite's 1,000 nearly every one would copy its pages from the WAL to the file; 40 MB of WAL let a page be changed many
times before it is copied once."""


def open_connection(path: str, *, create: bool, read_only: bool, busy_timeout_s: float) -> apsw.Connection:
    """A connection to the catalog at *path*, its tables up to date.

    Args:
        path: file name as text.
        create: make the file where there is none, or an empty one.
        read_only: never write; works on a file and a folder that can't be written.
        busy_timeout_s: how long to wait for another process's lock.

    Raises:
        CatalogNotFound, CatalogDamaged, CatalogTooNew, CatalogLocked, CatalogError.
    """
    _require_current_sqlite()
    in_wal = _examine_file(path, create=create and not read_only)
    with translated(path):
        if read_only:
            return _open_read_only(path, busy_timeout_s)
        connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        try:
            _protect(connection, busy_timeout_s)
            _leave_wal_on_share(connection, path, in_wal=in_wal)
            _bring_up_to_date(connection, path)
            _choose_journal(connection, path)
        except BaseException:
            connection.close(True)
            raise
        return connection


def _require_current_sqlite() -> None:
    version = tuple(int(number) for number in apsw.sqlite_lib_version().split("."))
    if version < SQLITE_FLOOR:
        raise CatalogError(
            f"SQLite {apsw.sqlite_lib_version()} came with apsw, at least {'.'.join(map(str, SQLITE_FLOOR))} is needed "
            "(earlier ones can corrupt a WAL database): pip install -U apsw"
        )


def _examine_file(path: str, *, create: bool) -> bool:
    """Refuse what is no catalog by its first 100 bytes, before SQLite touches it; whether the file is in WAL mode."""
    folder = _folder(path)
    try:
        path.encode()
        status = os.stat(path)
    except FileNotFoundError:
        if not os.path.isdir(folder):
            raise CatalogNotFound(
                f"there is no folder {folder!r} for the catalog: create it, or name another"
            ) from None
        if not create:
            raise CatalogNotFound(f"there is no catalog at {path!r}: create it with: lookalike index FOLDER") from None
        return False
    except UnicodeEncodeError as error:
        raise CatalogError(
            f"the catalog's own name {path!r} must be UTF-8, which SQLite asks for: rename it"
        ) from error
    except (OSError, ValueError) as error:
        raise CatalogError(f"the catalog {path!r} can't be reached: {error}") from error
    if not stat.S_ISREG(status.st_mode):
        raise CatalogError(f"{path!r} is a folder or a device: name a file for the catalog")
    if status.st_size == 0 and create:
        return False
    if _length(f"{path}-journal"):
        return False  # a write was cut short: SQLite rolls it back at the first read, then the tables are looked at
    try:
        with open(path, "rb") as file:
            header = file.read(HEADER_BYTES)
    except OSError as error:
        raise CatalogError(f"the catalog {path!r} can't be read: {error}") from error
    _examine_header(header, path, status.st_size)
    return header[18] == 2


def _examine_header(header: bytes, path: str, length: int) -> None:
    if len(header) < HEADER_BYTES or not header.startswith(MAGIC):
        raise damaged(path, f"it is no catalog: {length} bytes came that don't begin with SQLite's header")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise damaged(path, "it is an SQLite database, but not a Lookalike catalog; it was left as it is")
    refuse_newer(int.from_bytes(header[60:64], "big"), path)
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    pages = int.from_bytes(header[28:32], "big")
    count_is_valid = header[24:28] == header[92:96]
    if count_is_valid and length < pages * page_bytes and not _length(f"{path}-wal"):
        raise damaged(path, f"it is cut off: {length} bytes came, {pages * page_bytes} were written")


def _length(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _open_read_only(path: str, busy_timeout_s: float) -> apsw.Connection:
    try:
        return _opened(path, apsw.SQLITE_OPEN_READONLY, path, busy_timeout_s)
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.IOError):
        if _length(f"{path}-wal") or _length(f"{path}-journal"):
            raise  # without these the file alone isn't a whole catalog
    # WAL wants a -shm file beside the catalog. Where none can be made, nobody writes either: read the file as it is.
    name = f"file:{urllib.parse.quote(os.path.abspath(path))}?immutable=1"
    return _opened(name, apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI, path, busy_timeout_s)


def _opened(name: str, flags: int, path: str, busy_timeout_s: float) -> apsw.Connection:
    connection = apsw.Connection(name, flags=flags)
    try:
        _protect(connection, busy_timeout_s)
        connection.pragma("cache_size", -READER_CACHE_KIB)
        _identify(connection, path)
        if schema_version(connection) < len(MIGRATIONS):
            raise CatalogOutdated(
                f"the catalog {path!r} was made by an older Lookalike: open it once for writing, which brings"
                f" it up to date"
            )
        _refuse_foreign_tables(connection, path)
    except BaseException:
        connection.close(True)
        raise
    return connection


def _protect(connection: apsw.Connection, busy_timeout_s: float) -> None:
    connection.set_busy_timeout(int(busy_timeout_s * 1000))
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    connection.pragma("foreign_keys", True)
    connection.pragma("cell_size_check", True)
    connection.pragma("mmap_size", 0)  # a file cut off while mapped kills the process
    connection.pragma("temp_store", 2)  # in memory
    connection.pragma("cache_size", -CACHE_KIB)


def _identify(connection: apsw.Connection, path: str) -> None:
    if connection.pragma("application_id") != APPLICATION_ID:
        raise damaged(path, "it is an SQLite database, but not a Lookalike catalog")
    refuse_newer(schema_version(connection), path)


def _refuse_foreign_tables(connection: apsw.Connection, path: str) -> None:
    wrong = schema_of(connection) ^ expected_schema()
    if wrong:
        told = ", ".join(f"{kind} {name}" for kind, name in sorted(wrong))
        raise damaged(path, f"its tables aren't those that Lookalike makes ({told} too many or missing)")


def _bring_up_to_date(connection: apsw.Connection, path: str) -> None:
    if schema_version(connection) == 0 and not schema_of(connection):
        migrate(connection, path)
    _identify(connection, path)
    migrate(connection, path)
    _refuse_foreign_tables(connection, path)


def _leave_wal_on_share(connection: apsw.Connection, path: str, *, in_wal: bool) -> None:
    """A catalog in WAL mode that was copied to a network share can only be opened exclusively; then it leaves WAL."""
    if in_wal and file_system(_folder(path)) in NETWORK_FILE_SYSTEMS:
        connection.pragma("locking_mode", "exclusive")
        connection.pragma("journal_mode", "delete")
        connection.pragma("locking_mode", "normal")


def _choose_journal(connection: apsw.Connection, path: str) -> None:
    if connection.pragma("journal_mode") != "wal" and choose_journal_mode(_folder(path)) == "wal":
        # Others are using the catalog right now: it stays as it is until somebody opens it alone.
        with contextlib.suppress(apsw.BusyError):
            connection.pragma("journal_mode", "wal")
    # In WAL mode NORMAL keeps the file whole whatever happens, in the other it doesn't
    # (https://www.sqlite.org/pragma.html#pragma_synchronous).
    connection.wal_autocheckpoint(CHECKPOINT_PAGES)
    connection.pragma("synchronous", 1 if connection.pragma("journal_mode") == "wal" else 2)


def _folder(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))
