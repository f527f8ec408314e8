"""Which folders this process really watches: Linux tells, and the package that watches doesn't say when it can't.

Once the user's limit on watches is reached, folders that come later are silently left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

OWN_DESCRIPTORS = "/proc/self/fdinfo"
WATCH = re.compile(rb"^inotify wd:\S+ ino:([0-9a-f]+) ", re.MULTILINE)  # proc_pid_fdinfo(5)


def watched_inodes() -> set[int] | None:
    """The inodes of all that is watched; None where the system doesn't tell."""
    found: set[int] = set()
    try:
        for descriptor in os.listdir(OWN_DESCRIPTORS):
            try:
                with open(f"{OWN_DESCRIPTORS}/{descriptor}", "rb") as file:
                    found.update(int(inode, 16) for inode in WATCH.findall(file.read()))
            except OSError:
                continue  # closed meanwhile
    except OSError:
        return None
    return found


def any_unwatched(folders: Iterable[bytes]) -> bool:
    """Whether one of *folders*, or of those below them, is there, can be listed, and isn't watched."""
    watched = watched_inodes()
    if not watched:
        return False
    for folder in folders:
        for name, _, _ in os.walk(folder):
            try:
                if os.stat(name).st_ino not in watched and os.access(name, os.R_OK | os.X_OK):
                    return True
            except OSError:
                continue  # it went meanwhile
    return False
