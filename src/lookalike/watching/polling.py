"""Looks again and again, where the system announces no changes."""

from __future__ import annotations

import time

from lookalike.watching.base import Changes, Watcher

EVERY_S = 2.0  # a change is in the catalog after about as long as where it is announced, in folders of ordinary size
REST_SHARE = 10  # a look at many files takes long: rest ten times as long, so that looking takes a tenth of the time


class PollingWatcher(Watcher):
    """Says every *every_s* seconds, or less often where looking takes long, that everything may have changed."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self.every_s = every_s
        self.told_at: float | None = None
        self.due = time.monotonic() + every_s

    def wait(self, timeout_s: float) -> Changes:
        """See `Watcher.wait`."""
        now = time.monotonic()
        if self.told_at is not None:  # the caller has looked since
            self.due = now + max(self.every_s, REST_SHARE * (now - self.told_at))
            self.told_at = None
        time.sleep(max(0.0, min(timeout_s, self.due - now)))
        if time.monotonic() < self.due:
            return Changes()
        self.told_at = time.monotonic()
        return Changes(everything=True)

    def close(self) -> None:
        """Nothing is held."""
