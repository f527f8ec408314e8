"""Work in processes of this machine, each item under a time and a memory limit.

The workers are started as fresh interpreters rather than by ``multiprocessing``: that would import the user's main
script again in each, and a script without a ``__main__`` guard would start itself over and over.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from lookalike.errors import ExecutionError
from lookalike.execution import worker as protocol
from lookalike.execution.base import Executor, Item, ItemDone, ItemFailed, Value

QUEUE_S = 0.05  # each worker holds about this much work, so that it never waits for us ...
QUEUE_ITEMS = (2, 64)  # ... and at least one item besides the present one; few, so that slow items spread evenly
START_TIMEOUT_S = 60.0  # importing numpy and Pillow from a cold network disk
MAX_FAILED_STARTS = 3
# Workers already fill the cores; the threads of numpy's BLAS would only wait for each other.
ONE_THREAD_EACH = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

BOOTSTRAP = (
    "import sys; sys.path[:] = {path!r}; from lookalike.execution.worker import serve; serve({descriptor}, {memory})"
)


@dataclass(slots=True)
class Worker:
    """One process and what it still owes."""

    process: subprocess.Popen[bytes]
    connection: Connection
    owed: deque[Any] = field(default_factory=deque)
    ready: bool = False
    heard_at: float = field(default_factory=time.monotonic)
    item_s: float = QUEUE_S  # a moving average; until something is known, items count as slow

    @property
    def room(self) -> int:
        """How many more items it should hold, 0 while it still holds half of what it could."""
        least, most = QUEUE_ITEMS
        capacity = max(least, min(most, int(QUEUE_S / self.item_s)))
        return capacity - len(self.owed) if len(self.owed) <= capacity // 2 else 0

    def kill(self) -> int:
        """End the process at once and return its exit status, negative for a signal."""
        self.connection.close()
        self.process.kill()
        return self.process.wait()


class LocalExecutor(Executor):
    """Worker processes on this machine.

    Args:
        workers: processes; the number of usable cores when None.
        timeout_s: the longest one item may take; then its process is ended and replaced.
        memory_bytes: address space one worker may add to what it has when it starts (Linux; elsewhere unlimited).
    """

    def __init__(self, workers: int | None = None, timeout_s: float = 20.0, memory_bytes: int = 5 * 2**30) -> None:
        self.workers = workers if workers is not None else usable_cores()
        self.timeout_s = timeout_s
        self.memory_bytes = memory_bytes
        if self.workers < 1:
            raise ExecutionError(f"{self.workers} workers asked for; at least 1 is needed")

    def map_batches(
        self, function: Callable[[Item], Value], items: Iterable[Item]
    ) -> Generator[ItemDone[Item, Value] | ItemFailed[Item]]:
        """See `Executor.map_batches`."""
        return Run(self, function, items).outcomes()

    def start(self, function: Callable[..., Any]) -> Worker:
        """Start one process and hand it *function*."""
        ours, theirs = socket.socketpair()
        with theirs:
            code = BOOTSTRAP.format(
                path=[entry for entry in sys.path if isinstance(entry, str)],
                descriptor=theirs.fileno(),
                memory=self.memory_bytes,
            )
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **ONE_THREAD_EACH},
                pass_fds=[theirs.fileno()],
            )
        connection = Connection(ours.detach())
        connection.send(function)
        return Worker(process, connection)


class Run:
    """One call of `LocalExecutor.map_batches`: the processes, what waits, what is owed."""

    def __init__(self, executor: LocalExecutor, function: Callable[..., Any], items: Iterable[Any]) -> None:
        self.executor = executor
        self.function = function
        self.items = iter(items)
        self.exhausted = False
        self.returned: deque[Any] = deque()  # owed by a process that died; goes to the next one
        self.crew: list[Worker] = []
        self.failed_starts = 0

    def outcomes(self) -> Generator[ItemDone[Any, Any] | ItemFailed[Any]]:
        """Drive the processes until every item has its outcome."""
        try:
            while True:
                self.hand_out()
                if not any(member.owed for member in self.crew):
                    return
                yield from self.listen()
                yield from self.end_overdue()
        finally:
            for member in self.crew:
                member.kill()

    def draw(self, count: int) -> list[Any]:
        """The next batch of *count* items: first what dead processes owed, then new ones."""
        batch: list[Any] = []
        while len(batch) < count:
            if self.returned:
                batch.append(self.returned.popleft())
                continue
            if self.exhausted:
                break
            try:
                batch.append(next(self.items))
            except StopIteration:
                self.exhausted = True
        return batch

    def hand_out(self) -> None:
        """Give work to whoever is short of it; start processes only while there is work for them."""
        for member in [*self.crew, *(None for _ in range(self.executor.workers - len(self.crew)))]:
            room = QUEUE_ITEMS[0] if member is None else member.room
            if not room:
                continue
            batch = self.draw(room)
            if not batch:
                return
            if member is None:
                member = self.executor.start(self.function)  # noqa: PLW2901 - the empty place is filled
                self.crew.append(member)
            if not member.owed:
                member.heard_at = time.monotonic()
            member.owed.extend(batch)
            try:
                member.connection.send(batch)
            except (BrokenPipeError, ConnectionResetError):
                continue  # it died meanwhile; listening will find out and say why

    def listen(self) -> Iterator[ItemDone[Any, Any] | ItemFailed[Any]]:
        """Wait for the next answers, until the first deadline at most."""
        busy = [member for member in self.crew if member.owed]
        patience = min(self.deadline(member) for member in busy) - time.monotonic()
        by_connection = {member.connection: member for member in busy}
        for connection in wait(list(by_connection), timeout=max(0.0, patience)):
            member = by_connection[connection]  # type: ignore[index]  # wait() returns what it was given
            try:
                while member.owed and member.connection.poll():
                    outcome = self.receive(member)
                    if outcome is not None:
                        yield outcome
            except (EOFError, ConnectionResetError, BrokenPipeError):
                yield from self.replace(member, "crashed")

    def receive(self, member: Worker) -> ItemDone[Any, Any] | ItemFailed[Any] | None:
        """One answer of one process."""
        kind, content = member.connection.recv()
        now = time.monotonic()
        if member.ready:
            member.item_s = max(1e-6, 0.8 * member.item_s + 0.2 * (now - member.heard_at))
        member.heard_at = now
        if kind == protocol.READY:
            member.ready = True
            self.failed_starts = 0
            return None
        item = member.owed.popleft()
        if kind == protocol.DONE:
            return ItemDone(item, content)
        return ItemFailed(item, "out-of-memory" if kind == protocol.MEMORY else "error", content)

    def deadline(self, member: Worker) -> float:
        """When the present item, or the start of the process, has taken too long."""
        return member.heard_at + (self.executor.timeout_s if member.ready else START_TIMEOUT_S)

    def end_overdue(self) -> Iterator[ItemFailed[Any]]:
        """End the processes whose present item takes too long; an answer that has come in meanwhile counts."""
        now = time.monotonic()
        for member in list(self.crew):
            if member.owed and now > self.deadline(member) and not member.connection.poll():
                yield from self.replace(member, "timed-out")

    def replace(self, member: Worker, reason: str) -> Iterator[ItemFailed[Any]]:
        """Bury a process: the item it was at has failed, the rest goes to others."""
        self.crew.remove(member)
        status = member.kill()
        if not member.ready:
            self.failed_starts += 1
            self.returned.extend(member.owed)
            if self.failed_starts >= MAX_FAILED_STARTS:
                raise ExecutionError(
                    f"a worker process could not be started {MAX_FAILED_STARTS} times running "
                    f"({describe_exit(status)}); its own message is above"
                )
            return
        item = member.owed.popleft()
        self.returned.extend(member.owed)
        if reason == "timed-out":
            yield ItemFailed(item, "timed-out", f"took longer than {self.executor.timeout_s:g} s")
        else:
            yield ItemFailed(item, "crashed", f"the decoding process ended: {describe_exit(status)}")


def describe_exit(status: int) -> str:
    """What an exit status means, for people."""
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return f"exit status {status}"


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
