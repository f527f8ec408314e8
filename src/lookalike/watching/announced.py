"""Changes as the operating system announces them (inotify on Linux), through the package watchfiles."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Generator, Sequence
from typing import Any

from lookalike.optional import import_extra
from lookalike.watching.base import Changes, Watcher
from lookalike.watching.inotify_watches import any_unwatched
from lookalike.watching.polling import PollingWatcher

STEP_MS = 50  # how long changes are gathered: short beside the second that is left for reading and recording
GATHERED_MS = 400  # the longest that gathering goes on while changes keep coming
ANSWER_MS = 100  # how soon it sees that it was asked to stop

UNTELLABLE = (RuntimeError, UnicodeError, StopIteration)
"""What is raised for a name that isn't UTF-8, and for trouble of the system's; then the watch is at its end."""

LIMIT_ADVICE = (
    "raise the limit with: sudo sysctl fs.inotify.max_user_watches=524288"  # the value most distributions document
)


class AnnouncedChanges(Watcher):
    """Announced changes of *roots*; where the system announces none (any more), it turns to looking at everything.

    The package gives names as text and stops at the first one that isn't UTF-8: then watching begins anew, and all is
    looked at again. So it is where a root was put in another's place, whose changes nobody announces.
    """

    def __init__(self, roots: Sequence[bytes]) -> None:
        """Begin to watch.

        Raises:
            MissingExtra: watchfiles isn't installed.
        """
        self.watch = import_extra("watchfiles", extra="watch").watch
        self.roots = roots
        self.identities = identify(roots)
        self.source: Generator[set[tuple[int, str]]] | None = None
        self.instead: PollingWatcher | None = None
        self.new_folders: list[bytes] = []
        self.first = self.begin()

    def begin(self) -> Changes:
        """Watch from now on; what was announced at once, or why nothing will be."""
        problem = ""
        for ignoring in (False, True, True, True):  # one folder without permission must not keep the rest unwatched
            try:
                self.source = self.watch(
                    *map(os.fsdecode, self.roots),
                    watch_filter=None,
                    debounce=GATHERED_MS,
                    step=STEP_MS,
                    rust_timeout=ANSWER_MS,
                    yield_on_timeout=True,
                    force_polling=False,
                    ignore_permission_denied=ignoring,
                )
                return self.draw()
            except FileNotFoundError:
                self.stop()
                return Changes(everything=True)  # it comes back, or doesn't: `wait` looks for it
            except (PermissionError, *UNTELLABLE) as error:
                self.stop()
                problem = str(error)
            except OSError as error:
                self.stop()
                advice = f"; {LIMIT_ADVICE}" if "limit" in str(error) else ""
                problem = f"{error.strerror or str(error).partition(' about ')[0]}{advice}"
                break
        self.instead = PollingWatcher()
        told = f"changes can't be announced ({problem}); until the next start all files are looked at every few seconds"
        return Changes(everything=True, notice=told)

    def draw(self) -> Changes:
        """The next changes, after `ANSWER_MS` at most."""
        assert self.source is not None
        return Changes(frozenset(os.fsencode(path) for _, path in next(self.source)))

    def wait(self, timeout_s: float) -> Changes:
        """See `Watcher.wait`."""
        if self.first != Changes():
            first, self.first = self.first, Changes()
            return first
        if self.instead is not None:
            return self.instead.wait(timeout_s)
        now = identify(self.roots)
        if now != self.identities:
            self.identities = now
            self.stop()
            return Changes(everything=True, notice=self.begin().notice)
        if self.source is None:  # a root isn't there
            time.sleep(timeout_s)
            return Changes()
        try:
            changes = self.draw()
            doubtful, self.new_folders = self.new_folders, [path for path in changes.paths if is_folder(path)]
            # A round later: the watch of a new folder is set about when it is announced.
            if doubtful and any_unwatched(doubtful):
                self.stop()
                return Changes(changes.paths, everything=True, notice=self.begin().notice)
            return changes
        except UNTELLABLE:
            self.stop()
            return Changes(everything=True, notice=self.begin().notice)  # begun before all is looked at: none is lost

    def stop(self) -> None:
        """Watch no more, for the moment."""
        if self.source is not None:
            with contextlib.suppress(RuntimeError):
                self.source.close()
        self.source = None

    def close(self) -> None:
        """See `Watcher.close`."""
        self.stop()


def is_folder(path: bytes) -> bool:
    """Whether *path* is a folder itself, no link to one."""
    return os.path.isdir(path) and not os.path.islink(path)


def identify(roots: Sequence[bytes]) -> list[Any]:
    """Device and inode of each root, None where it isn't there."""
    found: list[Any] = []
    for root in roots:
        try:
            status = os.stat(root)
            found.append((status.st_dev, status.st_ino))
        except OSError:
            found.append(None)
    return found
