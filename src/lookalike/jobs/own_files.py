"""Which files are the catalog's own: they lie where the user put it, often among the pictures."""

from __future__ import annotations

import os

from lookalike.errors import CatalogError

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


class OpenCatalog:
    """Tells whether the catalog's path still names the file that was open when this was made.

    SQLite goes on writing to a file that was deleted, and all that was written is lost when it is closed.
    """

    def __init__(self, catalog: str) -> None:
        self.catalog = catalog
        self.identity = identify(catalog)

    def require(self) -> None:
        """Nothing where it does.

        Raises:
            CatalogError: it was deleted, moved or replaced.
        """
        if self.identity is None or identify(self.catalog) != self.identity:
            raise CatalogError(
                f"the catalog {self.catalog!r} was deleted, moved or replaced while it was in use, so that nothing "
                "more can be kept in it: put it back, or index the folders anew"
            )


def identify(path: str) -> tuple[int, int] | None:
    """Device and inode of the file at *path*, None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
