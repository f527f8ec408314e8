"""One connection shared by a process's threads: transactions, locking, and SQLite's errors in our words."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import apsw

from lookalike.catalog.connection import open_connection
from lookalike.catalog.faults import catalog_error, translated
from lookalike.errors import CatalogError


class Database:
    """The catalog's tables, and nothing about what they mean.

    Threads may share it: each transaction holds a lock. Processes may not: SQLite's locks don't survive a fork
    (https://www.sqlite.org/howtocorrupt.html, section 2.6), so a child that uses its parent's is refused.
    """

    def __init__(self, path: str, *, create: bool, read_only: bool, busy_timeout_s: float) -> None:
        self.path = path
        self.read_only = read_only
        self._lock = threading.RLock()
        self._is_reading = False
        self._steady: dict[str, Any] = {}  # what was answered in the moment that is being read
        self._process = os.getpid()
        self._connection = open_connection(path, create=create, read_only=read_only, busy_timeout_s=busy_timeout_s)

    def close(self) -> None:
        """Close; again is allowed. A child process leaves its parent's connection alone."""
        if os.getpid() != self._process:
            return
        with self._lock, translated(self.path):
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """All reads inside see one moment of the catalog, that of the outermost ``reading``."""
        with self._lock:
            if self._is_reading:
                yield
                return
            with self._transaction("BEGIN"):
                self._is_reading = True
                try:
                    yield
                finally:
                    self._is_reading = False
                    self._steady.clear()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All writes inside are kept together, or none of them.

        Raises:
            CatalogLocked: another process kept writing for longer than the busy timeout.
            CatalogError: the catalog was opened for reading only.
        """
        if self.read_only:
            raise CatalogError(
                f"the catalog {self.path!r} was opened for reading only: open it without read_only to write"
            )
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def without_foreign_keys(self) -> Iterator[None]:
        """A transaction begun inside isn't checked for rows that refer to nothing; whoever begins it checks itself."""
        with self._lock:
            self.rows("PRAGMA foreign_keys = OFF")
            try:
                yield
            finally:
                self.rows("PRAGMA foreign_keys = ON")

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Any]:
        """Every row that *sql* answers."""
        # Spelled out rather than with translated(): this runs some times for each file that is recorded.
        with self._lock:
            try:
                return list(self._live().execute(sql, bindings))
            except (apsw.Error, UnicodeDecodeError) as error:
                raise catalog_error(error, self.path) from error

    def stream(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows that *sql* answers, one at a time; the lock is held until the last one was taken."""
        with self._lock, translated(self.path):
            yield from self._live().execute(sql, bindings)

    def value(self, sql: str, bindings: Sequence[Any] = ()) -> Any:
        """The first column of the first row, None where there is no row."""
        found = self.rows(sql, bindings)
        return found[0][0] if found else None

    def steady_value(self, sql: str) -> Any:
        """`value` of *sql*, which is asked once in a ``reading``: within it nothing changes."""
        with self._lock:
            if not self._is_reading:
                return self.value(sql)
            if sql not in self._steady:
                self._steady[sql] = self.value(sql)
            return self._steady[sql]

    def execute(self, sql: str, bindings: Sequence[Any] = ()) -> int:
        """Do *sql*; how many rows it changed."""
        with self._lock:
            self.rows(sql, bindings)
            return int(self._live().changes())

    def execute_many(self, sql: str, bindings: Iterable[Sequence[Any]]) -> None:
        """Do *sql* once for each of *bindings*."""
        with self._lock, translated(self.path):
            self._live().executemany(sql, bindings)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._lock:
            connection = self._live()
            with translated(self.path):
                if connection.in_transaction:
                    raise CatalogError("a transaction of the catalog was begun inside another one")
                connection.execute(begin)
            try:
                yield
                connection.execute("COMMIT")
            except BaseException as error:
                self._roll_back(connection)
                if isinstance(error, apsw.Error):
                    raise catalog_error(error, self.path) from error
                raise

    def _roll_back(self, connection: apsw.Connection) -> None:
        # A full disk or a broken page makes SQLite roll back by itself; then there is nothing left to undo.
        with translated(self.path):
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _live(self) -> apsw.Connection:
        if os.getpid() != self._process:
            raise CatalogError(
                f"the catalog {self.path!r} was opened in process {self._process} and can't be used in process"
                f" {os.getpid()}: "
                "open it again there"
            )
        return self._connection


UNSIGNED_BITS = 2**64 - 1


def signed(number: int) -> int:
    """*number* (an inode or a device, 64 bits without a sign) as the same 64 bits with the sign that SQLite's have.

    ``signed(number) & UNSIGNED_BITS`` is *number* again.
    """
    return number - 2**64 if number >= 2**63 else number
