"""The promise of every watcher: no change is lost from when it was made, though some may be told twice or vaguely."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Changes:
    """What may have changed since the watcher was last asked.

    Attributes:
        paths: files and folders that came, changed or went: absolute bytes. Of a folder that came, what is in it may
            not be named.
        everything: more than *paths* tells: all must be looked at again.
        notice: what the user should know, such as that changes are told later than usual from now on; else empty.
    """

    paths: frozenset[bytes] = frozenset()
    everything: bool = False
    notice: str = ""


class Watcher(ABC):
    """Watches from when it is made until it is closed."""

    @abstractmethod
    def wait(self, timeout_s: float) -> Changes:
        """What has changed; empty where nothing did for about *timeout_s* seconds."""

    @abstractmethod
    def close(self) -> None:
        """Stop watching; again is allowed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
