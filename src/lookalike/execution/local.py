"""Work in processes of this machine, each item under limits of time, processor time and memory.

The workers are started as fresh interpreters rather than by ``multiprocessing``: that would import the user's main
script again in each, and a script without a ``__main__`` guard would start itself over and over.
"""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Self

from lookalike.errors import ExecutionError
from lookalike.execution import worker as protocol
from lookalike.execution.base import PULSE, Control, Executor, Item, ItemDone, ItemFailed, NotYet, Pulse, Value
from lookalike.execution.member import QUEUE_ITEMS, Member, describe_exit, start_member

START_TIMEOUT_S = 60.0  # importing numpy and Pillow from a cold network disk
MAX_FAILED_STARTS = 3
PULSE_S = 0.1  # as often as an eye or a page needs it, and a stop must take less than a second
# A turn that takes longer was no turn: this process was stopped (Ctrl-Z), or its caller took its time.
LONGEST_TURN_S = 1.0 + PULSE_S

Outcome = ItemDone[Any, Any] | ItemFailed[Any]


class LocalExecutor(Executor):
    """Worker processes on this machine.

    Args:
        workers: processes; the number of usable cores when None.
        timeout_s: the longest one item may take, by the clock and in processor time; then its process is ended and
            replaced. Time that the whole run stands still (Ctrl-Z, a pause) doesn't count.
        memory_bytes: address space one worker may add to what it has when it starts (Linux; elsewhere unlimited).
        low_priority: workers give way to everything else (`lower_priority`).
        keep: workers outlive a run and serve the next one with the same function, until `close`.
    """

    def __init__(
        self,
        workers: int | None = None,
        timeout_s: float = 20.0,
        memory_bytes: int = 5 * 2**30,
        *,
        low_priority: bool = False,
        keep: bool = False,
    ) -> None:
        self.workers = workers if workers is not None else usable_cores()
        self.timeout_s = timeout_s
        self.memory_bytes = memory_bytes
        self.low_priority = low_priority
        self.keep = keep
        self.idle: dict[bytes, list[Member]] = {}
        if self.workers < 1:
            raise ExecutionError(f"{self.workers} workers asked for; at least 1 is needed")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers that were kept."""
        while self.idle:
            for member in self.idle.popitem()[1]:
                member.kill()

    def map_batches(
        self,
        function: Callable[[Item], Value],
        items: Iterable[Item | NotYet],
        *,
        control: Control | None = None,
    ) -> Generator[ItemDone[Item, Value] | ItemFailed[Item] | Pulse]:
        """See `Executor.map_batches`."""
        return Run(self, function, items, control or Control()).outcomes()

    def take_member(self, function_bytes: bytes) -> Member:
        """A worker for the function: one that was kept, or a new one."""
        kept = self.idle.get(function_bytes, [])
        while kept:
            member = kept.pop()
            if member.process.poll() is None:
                return member
            member.kill()
        return start_member(function_bytes, self.memory_bytes, self.timeout_s, low_priority=self.low_priority)

    def release(self, function_bytes: bytes, member: Member) -> None:
        """A run needs *member* no more."""
        if self.keep and member.ready and not member.owed:
            self.idle.setdefault(function_bytes, []).append(member)
        else:
            member.kill()


class Run:
    """One call of `LocalExecutor.map_batches`: the processes, what waits, what is owed."""

    def __init__(
        self, executor: LocalExecutor, function: Callable[..., Any], items: Iterable[Any], control: Control
    ) -> None:
        self.executor = executor
        self.function_bytes = pickle.dumps(function)
        self.items = iter(items)
        self.control = control
        self.exhausted = False
        self.pending = False  # the source had nothing when it was last asked, but may have later
        self.returned: deque[Any] = deque()  # owed by a process that died; goes to the next one
        self.suspects: deque[Any] = deque()  # at hand in a process that died; each is tried alone
        self.crew: list[Member] = []
        self.failed_starts = 0
        self.turned_at = time.monotonic()

    def outcomes(self) -> Generator[Outcome | Pulse]:
        """Drive the processes until every item has its outcome."""
        try:
            while not self.control.stopped:
                if self.control.paused:
                    yield from self.stand_still()
                    continue
                self.hand_out()
                if not any(member.owed for member in self.crew):
                    if not self.pending:
                        return
                    yield PULSE
                    continue
                yield from self.listen()
                self.note_standstill()
                yield from self.end_overdue()
        finally:
            for member in self.crew:
                if member.owed:
                    member.process.kill()  # all at once, before the first is waited for
            for member in self.crew:
                self.executor.release(self.function_bytes, member)

    def stand_still(self) -> Iterator[Pulse]:
        """Halt the processes until the pause is over."""
        began = time.monotonic()
        for member in self.crew:
            if member.ready:  # before, it has no work, and would not notice the end of this process
                member.signal(signal.SIGSTOP)
        try:
            while self.control.paused:
                self.control.wait(PULSE_S)
                yield PULSE
        finally:
            for member in self.crew:
                member.signal(signal.SIGCONT)
        self.excuse(time.monotonic() - began)

    def note_standstill(self) -> None:
        """Excuse the items for the time in which this process couldn't look after them."""
        now = time.monotonic()
        if now - self.turned_at > LONGEST_TURN_S:
            # Not the whole of it: a caller who is always slow must not keep a stuck item alive for ever.
            self.excuse(now - self.turned_at - LONGEST_TURN_S)
        self.turned_at = now

    def excuse(self, seconds: float) -> None:
        """*seconds* are not to count against any item."""
        for member in self.crew:
            member.excuse(seconds)
        self.turned_at = time.monotonic()

    def draw(self, count: int) -> list[Any]:
        """Up to *count* items: first those given back."""
        batch: list[Any] = []
        self.pending = False
        while len(batch) < count:
            if self.returned:
                batch.append(self.returned.popleft())
                continue
            if self.exhausted:
                break
            try:
                item = next(self.items)
            except StopIteration:
                self.exhausted = True
                break
            if isinstance(item, NotYet):
                self.pending = True
                break
            batch.append(item)
        return batch

    def hand_out(self) -> None:
        """Give work to whoever is short of it; start processes only while there is work for them."""
        for member in self.crew:
            if member.room:
                batch = self.draw(member.room)
                if not batch:
                    break
                member.hand(batch)
        while len(self.crew) < self.executor.workers:
            # Only a new process tries a suspect: an old one may be full of what its earlier items left behind.
            trial = bool(self.suspects)
            batch = [self.suspects.popleft()] if trial else self.draw(QUEUE_ITEMS[0])
            if not batch:
                return
            member = self.executor.take_member(self.function_bytes)
            self.crew.append(member)
            member.trial = trial
            member.hand(batch)

    def listen(self) -> Iterator[Outcome | Pulse]:
        """Wait for the next answers, for a moment at most, and not at all while the source is still looking."""
        busy = {member.connection: member for member in self.crew if member.owed}
        patience = 0.0 if self.pending else PULSE_S
        told = wait(list(busy), timeout=patience)
        if not told:
            yield PULSE
        for connection in told:
            member = busy[connection]  # type: ignore[index]  # wait() returns what it was given
            try:
                yield from self.receive(member)
            except (EOFError, OSError):  # its end of the line is closed, between two messages or within one
                yield from self.bury(member)

    def receive(self, member: Member) -> Iterator[Outcome]:
        """One message of one process."""
        message = member.connection.recv()
        if message == protocol.READY:
            member.note_ready()
            self.failed_starts = 0
            return
        answers, seconds = message
        member.note_pace(len(answers), seconds)
        exhausted = False
        for kind, content in answers:
            item = member.owed.popleft()
            if kind == protocol.DONE:
                yield ItemDone(item, content)
            elif kind == protocol.RAISED:
                yield ItemFailed(item, "error", content)
            else:
                exhausted = True
                if member.trial:
                    yield ItemFailed(item, "out-of-memory", content)
                else:
                    self.suspects.append(item)  # earlier items may have left it little; alone it has all
        if exhausted:
            self.dismiss(member)
        elif member.trial and self.suspects:
            member.hand([self.suspects.popleft()])
        else:
            member.trial = False

    def dismiss(self, member: Member) -> None:
        """End a process that has served its purpose; what it still owes goes to others."""
        self.crew.remove(member)
        self.returned.extend(member.owed)
        member.owed.clear()
        member.kill()

    def bury(self, member: Member, *, overdue: bool = False) -> Iterator[ItemFailed[Any]]:
        """A process has died, or is stuck (*overdue*): what it may be from is suspect, the rest goes to others."""
        self.crew.remove(member)
        suspects = member.suspects()
        status = member.kill()
        owed = list(member.owed)
        if not member.ready:
            self.failed_starts += 1
            (self.suspects if member.trial else self.returned).extend(owed)
            if self.failed_starts >= MAX_FAILED_STARTS:
                raise ExecutionError(
                    f"a worker process could not be started {MAX_FAILED_STARTS} times running "
                    f"({describe_exit(status)}); its own message is above"
                )
            return
        if member.trial:
            if overdue or status == -signal.SIGXCPU:
                yield self.timed_out(owed[0])
            else:
                yield ItemFailed(owed[0], "crashed", f"the decoding process ended: {describe_exit(status)}")
            return
        self.suspects.extend(owed[suspects])
        del owed[suspects]
        self.returned.extend(owed)

    def end_overdue(self) -> Iterator[ItemFailed[Any]]:
        """End the processes that take too long, with an item or between two; an answer that has come in counts."""
        now = time.monotonic()
        for member in [member for member in self.crew if member.owed]:
            if member.connection.closed or member.connection.poll():
                continue
            if not member.ready:
                if now - member.started_at > START_TIMEOUT_S:
                    yield from self.bury(member)
                continue
            if member.item_seconds(now) > self.executor.timeout_s:
                at_hand = member.item_at_hand()
                if at_hand is None:
                    continue  # it has just finished
                item = member.owed[at_hand]
                del member.owed[at_hand]
                self.dismiss(member)
                yield self.timed_out(item)
            elif member.idle_seconds(now) > self.executor.timeout_s:
                yield from self.bury(member, overdue=True)

    def timed_out(self, item: Any) -> ItemFailed[Any]:
        """The outcome of an item that took too long."""
        return ItemFailed(item, "timed-out", f"took longer than {self.executor.timeout_s:g} s")


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
