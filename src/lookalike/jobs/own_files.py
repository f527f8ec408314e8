"""Which files are the catalog's own: they lie where the user put it, often among the pictures."""

from __future__ import annotations

import os

SQLITE_SUFFIXES = (b"", b"-wal", b"-shm", b"-journal")  # https://www.sqlite.org/tempfiles.html
INDEX_FOLDER = b"-index"  # as `recipe_rows` names it


def is_own_file(path: bytes, catalog: bytes) -> bool:
    """Whether *path* is the catalog at the real path *catalog*, what SQLite keeps beside it, or an index file of it."""
    if not path.startswith(catalog):
        return False
    rest = path[len(catalog) :]
    return rest in SQLITE_SUFFIXES or rest == INDEX_FOLDER or rest.startswith(INDEX_FOLDER + b"/")


def real_path(catalog: str) -> bytes:
    """The catalog's path as a scan meets it."""
    return os.fsencode(os.path.realpath(catalog))
