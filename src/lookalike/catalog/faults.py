"""SQLite's errors in Lookalike's words: what happened to the catalog, and what to do about it.

Callers of this room never see an ``apsw.Error``: a door can only translate what it knows.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from lookalike.errors import CatalogDamaged, CatalogError, CatalogLocked, FingerprintError, LookalikeError

DAMAGE = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)
WAITING = (apsw.BusyError, apsw.LockedError, apsw.ProtocolError)


def doctor_command(path: str) -> str:
    """The command line that examines the catalog at *path*."""
    return f"lookalike doctor --catalog {shlex.quote(path)}"


def damaged(path: str, what: str) -> CatalogDamaged:
    """The error for a catalog at *path* that is broken in the way *what* tells."""
    return CatalogDamaged(f"the catalog {path!r} can't be used: {what}; examine it with: {doctor_command(path)}")


def catalog_error(error: Exception, path: str) -> CatalogError:
    """The error of ours that says what *error*, raised by SQLite for the catalog at *path*, means."""
    told = str(error) or type(error).__name__
    if isinstance(error, (*DAMAGE, UnicodeDecodeError)):
        return damaged(path, f"its content is broken ({told})")
    if isinstance(error, WAITING):
        return CatalogLocked(
            f"the catalog {path!r} is being written by another process: wait until that is done and try again ({told})"
        )
    if isinstance(error, apsw.ReadOnlyError):
        return CatalogError(f"the catalog {path!r} can't be written: the file or its folder is read-only ({told})")
    if isinstance(error, apsw.FullError):
        return CatalogError(
            f"the disk that holds the catalog {path!r} is full: what was committed is safe; free space and run again"
        )
    if isinstance(error, apsw.ConnectionClosedError):
        return CatalogError(f"the catalog {path!r} was closed: open it again")
    if isinstance(error, apsw.CantOpenError | apsw.PermissionsError | apsw.AuthError):
        return CatalogError(
            f"the catalog {path!r} can't be opened: check that its folder can be read and written ({told})"
        )
    if isinstance(error, apsw.IOError):
        return CatalogError(f"reading or writing the catalog {path!r} failed: check the disk or the network ({told})")
    if isinstance(error, apsw.SQLError | apsw.MismatchError | apsw.ConstraintError):
        return damaged(path, f"its tables aren't as expected ({told})")
    return CatalogError(f"SQLite refused a request to the catalog {path!r}: {told}")


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn what SQLite raises into a ``CatalogError``; text that isn't UTF-8 is damage, since only UTF-8 is written."""
    try:
        yield
    except (apsw.Error, UnicodeDecodeError) as error:
        raise catalog_error(error, path) from error


@contextmanager
def rows_understood(path: str) -> Iterator[None]:
    """Turn a row that can't be what was once written, met while making a record of it, into ``CatalogDamaged``.

    SQLite has no checksums: a flipped bit can turn a stored number into text, or leave JSON that isn't. Wrap only the
    making of records, so that no fault of ours is taken for damage.
    """
    try:
        yield
    except LookalikeError as error:
        if isinstance(error, FingerprintError):
            raise damaged(path, f"a fingerprint of it is malformed ({error})") from error
        raise
    except (TypeError, ValueError, KeyError, OverflowError, RecursionError) as error:
        raise damaged(path, f"a row of it makes no sense ({error})") from error
