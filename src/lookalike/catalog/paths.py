"""Paths as the catalog holds them: absolute bytes, and which of them lie under a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable

AnyPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]


def catalog_path(path: AnyPath) -> bytes:
    """*path* as absolute bytes without ``.`` and ``..``; symbolic links are kept as they are."""
    return os.path.abspath(os.fsencode(path))


def range_under(root: bytes) -> tuple[bytes, bytes, bytes]:
    """(root, low, high): a path lies at or under *root* where it equals root, or low <= path < high.

    Bytes compare like SQLite's BLOBs, so that the index on paths answers it: high follows every path that begins
    with low.
    """
    low = root if root.endswith(b"/") else root + b"/"
    return root, low, low[:-1] + b"0"  # "0" is the byte after "/"


UNDER = "(path = ? OR (path >= ? AND path < ?))"
"""SQL that ``range_under`` binds."""


def is_under(path: bytes, root: bytes) -> bool:
    """Whether *path* is *root* or lies in it."""
    same, low, high = range_under(root)
    return path == same or low <= path < high


def innermost(path: bytes, roots: Iterable[bytes]) -> bytes | None:
    """The longest of *roots* that *path* lies under, None where it lies under none."""
    return max((root for root in roots if is_under(path, root)), key=len, default=None)
