"""The promise of every executor: one function over many items, each under limits, none able to stop the others."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable
from typing import Final, Generic, Literal, NamedTuple, TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")
Mishap = Literal["crashed", "timed-out", "out-of-memory", "error"]


class ItemDone(NamedTuple, Generic[Item, Value]):
    """The function returned *value* for *item*."""

    item: Item
    value: Value


class ItemFailed(NamedTuple, Generic[Item]):
    """The function did not return for *item*.

    ``reason`` is ``crashed`` (the process died), ``timed-out``, ``out-of-memory`` or ``error`` (it raised);
    ``detail`` says more, for people.
    """

    item: Item
    reason: Mishap
    detail: str


class Pulse:
    """Nothing has finished just now: comes several times a second, so that the caller can do what is due by time."""


class NotYet:
    """What a source of items gives when it has none at the moment and is to be asked again."""


PULSE: Final = Pulse()
NOT_YET: Final = NotYet()


class Control:
    """Pauses, resumes or stops the run it was given to, from any thread; each takes effect within a second.

    While paused, worker processes are halted in the midst of what they do (SIGSTOP), and no item's time runs.
    """

    def __init__(self) -> None:
        self._running = threading.Event()
        self._running.set()
        self._stopped = threading.Event()

    @property
    def paused(self) -> bool:
        return not self._running.is_set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def pause(self) -> None:
        """Halt until `resume` or `stop`."""
        self._running.clear()

    def resume(self) -> None:
        """Go on after a `pause`."""
        self._running.set()

    def stop(self) -> None:
        """End the run for good: what was under way is dropped, what has finished is kept."""
        self._stopped.set()
        self._running.set()

    def wait(self, timeout_s: float) -> None:
        """Sleep while paused, *timeout_s* at most."""
        self._running.wait(timeout_s)


class Executor(ABC):
    """Where work runs."""

    @abstractmethod
    def map_batches(
        self,
        function: Callable[[Item], Value],
        items: Iterable[Item | NotYet],
        *,
        control: Control | None = None,
    ) -> Generator[ItemDone[Item, Value] | ItemFailed[Item] | Pulse]:
        """Call *function* on every item and yield exactly one outcome for each, in the order they finish.

        *function* and the items must be picklable, *function* an instance or a function of an importable module; one
        copy of it serves many items, so it may keep what is costly to make. An item that ends its process is tried
        once more by itself before it is blamed, and so are those whose answers were lost with it: *function* must not
        mind being called twice. *items* is drawn from as room is free, so it may be endless; it may yield ``NOT_YET``
        when it has no item ready, and is asked again soon. ``PULSE`` comes when nothing has finished for a moment.

        Closing the iterator, or *control*, stops the work within a second; what was under way is dropped.

        Raises:
            ExecutionError: no worker can be started.
        """
