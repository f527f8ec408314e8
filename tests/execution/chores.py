"""Functions that the executor tests send to worker processes."""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from pathlib import Path

from lookalike.catalog import FileResult, FileStat


def double(item: int) -> int:
    return item * 2


def echo(item: bytes) -> bytes:
    """Slowly enough that the next items come while the first are worked at."""
    time.sleep(0.0004)
    return item


def misbehave(item: str) -> str:
    if item == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif item == "exit":
        os._exit(3)
    elif item == "hang":
        time.sleep(3600)
    elif item == "slow":
        time.sleep(0.5)
    elif item == "bloat":
        return str(len(bytearray(8 * 2**30)))
    elif item == "raise":
        raise ValueError("no such luck")
    elif item == "shout":
        os.write(2, b"x" * 10_000_000)
    elif item == "time-bomb":
        threading.Timer(0.1, os._exit, (5,)).start()
    elif item.startswith("good"):
        time.sleep(0.01)
    return item.upper()


def misbehave_by_process(item: str) -> int:
    misbehave(item)
    time.sleep(0.02)
    return os.getpid()


class Counter:
    """Keeps what is costly to make: one copy serves many items."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, item: int) -> tuple[int, int]:
        self.calls += 1
        return os.getpid(), self.calls


class CrashesOnce:
    """Ends its process at item-7, but only the first time."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __call__(self, item: str) -> str:
        if item == "item-7" and not Path(self.mark).exists():
            Path(self.mark).touch()
            os._exit(9)
        return item


class CrashesAt:
    """In place of `FingerprintFile`: ends its process at one file and fails at the others."""

    def __init__(self, bad: bytes) -> None:
        self.bad = bad

    def __call__(self, path: bytes) -> FileResult:
        if path == self.bad:
            os._exit(1)
        return FileResult(path, FileStat.of(os.stat(path)), "failed", "cut-off", "as ordered")


class KnowsWhatIsGone:
    """In place of `FingerprintFile`: takes one file for a content that the catalog doesn't hold."""

    def __init__(self, path: bytes, content_id: int) -> None:
        self.path = path
        self.content_id = content_id

    def __call__(self, path: bytes) -> FileResult:
        stat = FileStat.of(os.stat(path))
        if path == self.path:
            return FileResult(path, stat, "indexed", content_id=self.content_id)
        return FileResult(path, stat, "failed", "cut-off", "as ordered")


class DiesAtBirth:
    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (7,)


class DiesOnArrival(DiesAtBirth):
    """An item that can't be unpacked."""


def unsendable(item: str) -> object:
    return threading.Lock() if item == "lock" else item


class StuckWhenSent:
    """An answer that halts its process as it is pickled, once only where there is a *mark*."""

    def __init__(self, mark: str = "") -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        if not self.mark or not Path(self.mark).exists():
            if self.mark:
                Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGSTOP)
        return StuckWhenSent, (self.mark,)


def stuck_when_sent(item: str) -> object:
    return StuckWhenSent() if item == "stuck" else item


class HaltedOnce:
    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __call__(self, item: int) -> StuckWhenSent:
        return StuckWhenSent(self.mark)


def tell_limits(_item: int) -> tuple[int, int, int]:
    return tuple(  # type: ignore[return-value]
        resource.getrlimit(which)[0] for which in (resource.RLIMIT_CORE, resource.RLIMIT_AS, resource.RLIMIT_CPU)
    )


def tell_process(_item: int) -> int:
    return os.getpid()


def tell_niceness(_item: int) -> int:
    return os.nice(0)


class Spinner:
    """Says which process it is and never ends."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __call__(self, _item: int) -> None:
        Path(self.file).write_text(str(os.getpid()))
        while True:
            pass


class Sleeper:
    """Says which process it is and sleeps."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __call__(self, _item: int) -> None:
        Path(self.file + "-new").write_text(str(os.getpid()))
        Path(self.file + "-new").rename(self.file)
        time.sleep(60)


class Ticker:
    """Ticks into a file every 50 ms, *item* times."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __call__(self, item: int) -> int:
        for _ in range(item):
            with Path(self.file).open("ab") as file:
                file.write(b".")
            time.sleep(0.05)
        return item
