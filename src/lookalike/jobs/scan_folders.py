"""Find every file below some folders. Each path comes out once: as a file to look at, or passed by with its reason.

Folders are walked in the order of their names, so that two scans of the same tree see the same order. Symbolic links
are not followed, so that no loop and no second way to the same file is possible.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lookalike.errors import ImageUnreadable


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file, as it was when the scan saw it."""

    root: bytes
    path: bytes
    status: os.stat_result


@dataclass(frozen=True, slots=True)
class PassedBy:
    """A path that can't be an image; ``failed`` tells a thing that should have worked from one left out on purpose.

    ``status`` is None where the path could not even be looked at.
    """

    root: bytes
    path: bytes
    status: os.stat_result | None
    failed: bool
    reason: str
    detail: str


def resolve_roots(folders: Sequence[str | bytes | os.PathLike[str]]) -> list[bytes]:
    """Absolute real paths of *folders*, without those that lie inside another: no file is to be seen twice.

    Raises:
        ImageUnreadable: a folder isn't there.
    """
    roots: set[bytes] = set()
    for folder in folders:
        path = os.path.realpath(os.fsencode(folder))
        if not os.path.exists(path):
            raise ImageUnreadable(f"{os.fsdecode(path)!r} is not there; give a folder of images, or one image")
        roots.add(path)
    return [
        root
        for root in sorted(roots)
        if not any(root != other and root.startswith(other.rstrip(b"/") + b"/") for other in roots)
    ]


def scan_folder(root: bytes) -> Iterator[FoundFile | PassedBy]:
    """Everything below *root*, which may be a single file too."""
    if not os.path.isdir(root):
        yield look_at(root, root, os.lstat(root))
        return
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield PassedBy(root, folder, None, failed=True, reason="unreadable-folder", detail=str(error.strerror))
            continue
        folders = []
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    yield look_at(root, entry.path, entry.stat(follow_symlinks=False))
            except OSError as error:
                yield PassedBy(root, entry.path, None, failed=True, reason="unreadable", detail=str(error.strerror))
        waiting.extend(reversed(folders))


def look_at(root: bytes, path: bytes, status: os.stat_result) -> FoundFile | PassedBy:
    """A regular file is found; links and special files are passed by."""
    if stat.S_ISREG(status.st_mode):
        return FoundFile(root, path, status)
    if stat.S_ISLNK(status.st_mode):
        return PassedBy(root, path, status, failed=False, reason="symbolic-link", detail="links are not followed")
    return PassedBy(root, path, status, failed=False, reason="not-a-file", detail="a pipe, socket or device")
