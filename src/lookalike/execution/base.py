"""The promise of every executor: one function over many items, each under limits, none able to stop the others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")
Mishap = Literal["crashed", "timed-out", "out-of-memory", "error"]


@dataclass(frozen=True, slots=True)
class ItemDone(Generic[Item, Value]):
    """The function returned *value* for *item*."""

    item: Item
    value: Value


@dataclass(frozen=True, slots=True)
class ItemFailed(Generic[Item]):
    """The function did not return for *item*.

    ``reason`` is ``crashed`` (the process died), ``timed-out``, ``out-of-memory`` or ``error`` (it raised);
    ``detail`` says more, for people.
    """

    item: Item
    reason: Mishap
    detail: str


class Executor(ABC):
    """Where work runs."""

    @abstractmethod
    def map_batches(
        self, function: Callable[[Item], Value], items: Iterable[Item]
    ) -> Generator[ItemDone[Item, Value] | ItemFailed[Item]]:
        """Call *function* on every item and yield exactly one outcome for each, in the order they finish.

        *function* and the items must be picklable, *function* an instance or a function of an importable module; one
        copy of it serves many items, so it may keep what is costly to make. *items* is drawn from as room is free, so
        it may be endless. Closing the iterator stops the work within a second; what was under way is dropped.

        Raises:
            ExecutionError: no worker can be started.
        """
