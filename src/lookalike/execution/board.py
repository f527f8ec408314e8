"""What a worker is at, told through shared memory: it can still be read when the worker has crashed or hangs.

A message before each item would tell the same, and wake the parent thousands of times a second.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
import tempfile
import time
from typing import NamedTuple

from lookalike.errors import ExecutionError

BOARD_BYTES = mmap.PAGESIZE
BEGUN, SINCE, FINISHED = 0, 1, 2  # words of 8 bytes, aligned: each is written whole


class AtHand(NamedTuple):
    """How many items the worker has begun since its start, and since when it is at the last one; None between two.

    ``since_s`` and ``finished_s``, when it was done with the one before, are of the monotonic clock, which processes
    of one machine share.
    """

    begun: int
    since_s: float | None
    finished_s: float = 0.0


class Board:
    """A few words that a worker writes and its parent reads."""

    def __init__(self, descriptor: int) -> None:
        """Look at the open file *descriptor* of ``BOARD_BYTES``."""
        self._memory = mmap.mmap(descriptor, BOARD_BYTES)
        self._words = memoryview(self._memory).cast("Q")
        self._begun = 0

    def close(self) -> None:
        self._words.release()
        self._memory.close()

    def begin(self) -> None:
        """The worker begins its next item."""
        self._begun += 1
        # The time first: a parent that reads in between sees the item before with a younger time, which harms nobody.
        self._words[SINCE] = time.monotonic_ns()
        self._words[BEGUN] = self._begun

    def finish(self) -> None:
        """The worker is done with the item."""
        self._words[FINISHED] = time.monotonic_ns()  # first: whoever sees that it is between two knows since when
        self._words[SINCE] = 0

    def read(self) -> AtHand:
        """What the worker is at."""
        since_ns = self._words[SINCE]
        return AtHand(self._words[BEGUN], since_ns / 1e9 if since_ns else None, self._words[FINISHED] / 1e9)


def new_board_file() -> int:
    """The descriptor of a nameless file for one board.

    Its bytes are written, not merely promised: a process that touches a hole on a full disk dies of SIGBUS.

    Raises:
        ExecutionError: there is no room for it.
    """
    descriptor = nameless_file()
    try:
        if os.write(descriptor, bytes(BOARD_BYTES)) == BOARD_BYTES:
            return descriptor
        problem = "the disk took only a part of it"
    except OSError as error:
        problem = str(error)
    os.close(descriptor)
    raise ExecutionError(f"no room for the {BOARD_BYTES} bytes shared with a worker process ({problem}); free some")


def nameless_file() -> int:
    """A file in memory where the system has such (Linux), else in the folder for temporary files."""
    if sys.platform == "linux" and hasattr(os, "memfd_create"):
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            return os.memfd_create("lookalike-board")
    try:
        with tempfile.TemporaryFile() as file:
            return os.dup(file.fileno())
    except OSError as error:
        raise ExecutionError(
            f"no temporary file for what is shared with a worker process: {error}; point TMPDIR at a folder with room"
        ) from None
