"""Read a file that others may be writing, moving or deleting at the same time."""

from __future__ import annotations

import os

from lookalike.catalog import FileStat
from lookalike.errors import (
    CutOff,
    ImageChanging,
    ImageError,
    ImageGone,
    ImageUnreadable,
    TooManyBytes,
    UnsupportedFormat,
)
from lookalike.images import Limits, read_bytes, read_file

TRIES = 2  # who still writes after two reads will go on for a while; the next scan, or the watch, comes back to it


def read_quietly(path: bytes, limits: Limits) -> tuple[bytes, FileStat] | None:
    """As `read_settled`, in the fewest calls of the system; None where anything is out of the ordinary."""
    try:
        data, opened = read_file(path, limits)
        status = os.stat(path)
    except (ImageError, OSError):
        return None
    before = FileStat.of(opened)
    return (data, before) if before == FileStat.of(status) else None


def read_settled(path: bytes, limits: Limits) -> tuple[bytes, FileStat]:
    """The bytes of a file that was the same before and after they were read, and its stat.

    Raises:
        ImageGone: it isn't there any more. ImageChanging: it changed each time it was read.
        ImageError: as ``read_bytes``.
    """
    for _ in range(TRIES):
        before = look_at(path)
        refusal = None
        data = b""
        try:
            data = read_bytes(path, limits)
        except (CutOff, UnsupportedFormat, TooManyBytes) as error:  # as it was then; it may not be so any more
            refusal = error
        if look_at(path) == before:
            if refusal is not None:
                raise refusal
            return data, before
    raise ImageChanging(f"{os.fsdecode(path)!r} changed each of the {TRIES} times it was read: index it again later")


def look_at(path: bytes) -> FileStat:
    """The file's stat.

    Raises:
        ImageGone: it isn't there. ImageUnreadable: it can't be looked at.
    """
    try:
        return FileStat.of(os.stat(path))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageGone(f"{os.fsdecode(path)!r} went before it was read") from error
    except OSError as error:
        raise ImageUnreadable(f"{os.fsdecode(path)!r} can't be looked at: {error.strerror}") from error
