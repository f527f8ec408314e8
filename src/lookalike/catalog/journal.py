"""Which journal a catalog's place allows: the write-ahead log on local disks, the rollback journal elsewhere.

WAL lets readers and the writer work at once, but needs memory shared by all processes, which network shares can't give
(https://www.sqlite.org/wal.html, "Disadvantages"). Some file systems accept the switch and fail at the first write,
so it is tried on a scratch database beside the catalog first.
"""

from __future__ import annotations

import os
import tempfile
from typing import Literal

import apsw

JournalMode = Literal["wal", "delete"]

NETWORK_FILE_SYSTEMS = frozenset(
    [
        "9p",
        "afs",
        "ceph",
        "cifs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb2",
        "smb3",
        "smbfs",
    ]
)
"""Linux names of file systems that several machines share (proc_mounts(5), statfs(2))."""

MOUNTS = "/proc/self/mounts"


def choose_journal_mode(folder: str) -> JournalMode:
    """``wal`` where *folder* is on a local disk and a scratch database there really works that way."""
    if file_system(folder) in NETWORK_FILE_SYSTEMS:
        return "delete"
    return "wal" if _wal_works(folder) else "delete"


def file_system(folder: str) -> str | None:
    """The type of the file system that holds *folder*, None where the system doesn't tell (``/proc`` is Linux only)."""
    try:
        with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return None
    real = os.path.realpath(folder)
    found, longest = None, -1
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # proc_mounts(5): blanks, tabs, line feeds and backslashes in a name are written as octal escapes.
        point = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= longest:  # a later mount on the same place hides the earlier one
            found, longest = fields[2], len(point)
    return found


def _wal_works(folder: str) -> bool:
    try:
        with tempfile.TemporaryDirectory(prefix=".lookalike-probe-", dir=folder) as scratch:
            name = os.path.join(scratch, "probe")
            writer = apsw.Connection(name)
            reader = None
            try:
                if writer.pragma("journal_mode", "wal") != "wal":
                    return False
                writer.execute("CREATE TABLE probe (x); INSERT INTO probe VALUES (1)")
                reader = apsw.Connection(name, flags=apsw.SQLITE_OPEN_READONLY)
                return reader.execute("SELECT x FROM probe").fetchall() == [(1,)]
            finally:
                if reader is not None:
                    reader.close()
                writer.close()
    except (OSError, apsw.Error):
        return False
