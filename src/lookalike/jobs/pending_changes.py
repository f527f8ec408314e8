"""Changes that wait until whoever makes them pauses."""

from __future__ import annotations

import os
from collections.abc import Callable

from lookalike.jobs.scan_rules import IGNORE_FILE

SETTLED_S = 0.5  # a program that writes a file pauses for less; of the promised 2 s it leaves 1.5 for the rest
LONGEST_WAIT_S = 5.0  # for everything to be quiet, where everything is to be looked at
BURST_PATHS = 1_000  # so many are looked at faster together; the system's queue holds 16,384 and then loses some


class PendingChanges:
    """Which paths are to be looked at, and since when they have been left alone.

    Args:
        is_own: whether a path is the catalog's, which changes whenever something is recorded.
    """

    def __init__(self, is_own: Callable[[bytes], bool]) -> None:
        self.is_own = is_own
        self.changed_at: dict[bytes, float] = {}
        self.everything = False
        self.first_at = self.last_at = 0.0

    def __bool__(self) -> bool:
        return self.everything or bool(self.changed_at)

    def add(self, paths: frozenset[bytes] | list[bytes], now: float, *, everything: bool = False) -> None:
        """Take in what was told at *now* (of a monotonic clock)."""
        foreign = [path for path in paths if not self.is_own(path)]
        if not foreign and not everything:
            return
        if not self:
            self.first_at = now
        self.last_at = now
        self.everything = self.everything or everything
        for path in foreign:
            folder, name = os.path.split(path)
            self.changed_at[folder if name == IGNORE_FILE else path] = now
            # A folder that came just now waits for the files that are being put into it.
            while len(folder) > 1:
                if folder in self.changed_at:
                    self.changed_at[folder] = now
                folder = os.path.dirname(folder)
        if len(self.changed_at) > BURST_PATHS:
            self.everything = True
        if self.everything:
            self.changed_at.clear()

    def take(self, now: float) -> list[bytes] | None:
        """The paths that are settled, none inside another; None for everything. They don't wait here any more."""
        if self.everything:
            if now - self.last_at < SETTLED_S and now - self.first_at < LONGEST_WAIT_S:
                return []
            self.everything = False
            self.changed_at.clear()
            return None
        # With a slash each, what is in a folder comes right after it: "new-b" doesn't come between "new" and "new/a".
        settled = sorted((path for path, at in self.changed_at.items() if now - at >= SETTLED_S), key=end_with_slash)
        taken: list[bytes] = []
        for path in settled:
            del self.changed_at[path]
            if not (taken and path.startswith(end_with_slash(taken[-1]))):
                taken.append(path)
        return taken


def end_with_slash(path: bytes) -> bytes:
    """What every path in the folder *path* begins with."""
    return path + b"/"
