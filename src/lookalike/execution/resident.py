"""Workers that stay, for whoever has one item at a time and waits for it, such as a server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from lookalike.errors import ExecutionError
from lookalike.execution.base import Control, ItemDone, ItemFailed
from lookalike.execution.local import LocalExecutor


class PoolBusy(ExecutionError):
    """All workers are busy, and stayed so for as long as one may wait."""


class ResidentPool:
    """One function in *workers* processes, each item under limits; any number of threads may call it.

    Args:
        function: called with each item in a worker; see `Executor.map_batches` for what it must be.
        workers: processes, and so the most items at a time.
        timeout_s: the longest one item may take. memory_bytes: what a worker may add to its start-up size.
        wait_s: how long an item waits for a worker.
    """

    def __init__(
        self, function: Callable[[Any], Any], *, workers: int, timeout_s: float, memory_bytes: int, wait_s: float
    ) -> None:
        self.function = function
        self.wait_s = wait_s
        self._free = threading.Semaphore(workers)
        self._workers = workers
        # An executor a worker: its kept process is then nobody else's.
        self._executors = [LocalExecutor(1, timeout_s, memory_bytes, keep=True) for _ in range(workers)]
        self._lock = threading.Lock()
        self._control = Control()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def call(self, item: Any) -> Any:
        """What the function returns for *item*, or the `ItemFailed` that says why it didn't.

        Raises:
            PoolBusy: no worker became free. ExecutionError: no worker can be started, or the pool was closed.
        """
        if not self._free.acquire(timeout=self.wait_s):
            raise PoolBusy(f"all {self._workers} decoding processes were busy for {self.wait_s:g} s: try again later")
        try:
            with self._lock:
                executor = self._executors.pop()
            try:
                return self._run(executor, item)
            finally:
                with self._lock:
                    self._executors.append(executor)
        finally:
            self._free.release()

    def _run(self, executor: LocalExecutor, item: Any) -> Any:
        for outcome in executor.map_batches(self.function, [item], control=self._control):
            if isinstance(outcome, ItemDone):
                return outcome.value
            if isinstance(outcome, ItemFailed):
                return outcome
        raise ExecutionError("the decoding processes were stopped")

    def close(self) -> None:
        """End the workers; what is under way fails within a moment."""
        self._control.stop()
        for _ in range(self._workers):
            self._free.acquire()
        for executor in self._executors:
            executor.close()
