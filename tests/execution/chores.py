"""Functions that the executor tests send to worker processes."""

from __future__ import annotations

import os
import signal
import time


def double(item: int) -> int:
    return item * 2


def misbehave(item: str) -> str:
    if item == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif item == "exit":
        os._exit(3)
    elif item == "hang":
        time.sleep(3600)
    elif item == "bloat":
        return str(len(bytearray(8 * 2**30)))
    elif item == "raise":
        raise ValueError("no such luck")
    elif item == "shout":
        os.write(2, b"x" * 10_000_000)
    return item.upper()


class Counter:
    """Keeps what is costly to make: one copy serves many items."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, item: int) -> tuple[int, int]:
        self.calls += 1
        return os.getpid(), self.calls


class DiesAtBirth:
    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (7,)
