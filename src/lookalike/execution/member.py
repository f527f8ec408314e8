"""One worker process as its parent sees it."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from lookalike.execution.board import AtHand, Board, new_board_file

QUEUE_S = 0.1  # each worker holds about this much work: longer than its parent is ever away, writing the catalog ...
QUEUE_ITEMS = (2, 256)  # ... and at least one item besides the present one; few, so that slow items spread evenly
# What may be on its way to a worker that is busy sending answers, and so reads nothing: it must fit into the socket's
# buffer, or both would wait for each other for ever. Linux counts up to about twice a message's size against it.
UNANSWERED_BYTES = 64 * 2**10
BUFFER_BYTES = 4 * UNANSWERED_BYTES  # Linux grants 208 KiB by itself, macOS 8
# Workers already fill the cores; the threads of numpy's BLAS would only wait for each other.
ONE_THREAD_EACH = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

BOOTSTRAP = "import sys; sys.path[:] = {path!r}; from lookalike.execution.worker import serve; serve{arguments!r}"


@dataclass(slots=True)
class Member:
    """A process and what it still owes.

    Attributes:
        owed: items meant for it and not answered, in their order.
        held_back: of these the last, pickled, which are not sent yet.
        sent_sizes: of these the others: their pickled bytes.
        answered: how many items it has answered since its start.
        ready: it has received the function and can work.
        trial: it was given a single item, which is to prove itself alone.
        handed_at: when it was last sent work while it owed no answer.
        excused: a state of its board and the seconds that don't count in it, since all stood still.
        item_s: a moving average of what an item takes; until something is known, items count as slow.
    """

    process: subprocess.Popen[bytes]
    connection: Connection
    board: Board
    owed: deque[Any] = field(default_factory=deque)
    held_back: deque[bytes] = field(default_factory=deque)
    sent_sizes: deque[int] = field(default_factory=deque)
    unanswered_bytes: int = 0
    answered: int = 0
    ready: bool = False
    trial: bool = False
    started_at: float = field(default_factory=time.monotonic)
    handed_at: float = 0.0
    excused: tuple[AtHand | None, float] = (None, 0.0)
    item_s: float = QUEUE_S

    @property
    def room(self) -> int:
        """How many more items it should hold, 0 while it still holds half of what it could."""
        if self.trial:
            return 0
        least, most = QUEUE_ITEMS
        capacity = max(least, min(most, int(QUEUE_S / self.item_s)))
        return capacity - len(self.owed) if len(self.owed) <= capacity // 2 else 0

    def hand(self, items: list[Any]) -> None:
        """Let it do *items*, which are sent as it is ready to take them."""
        self.owed.extend(items)
        self.held_back.extend(pickle.dumps(item) for item in items)
        self.send_more()

    def send_more(self) -> None:
        """Send what it can take without being waited for; should it have died meanwhile, listening to it will tell.

        Until it is ready it reads nothing; a message of any size may go to one that owes no answer, for it reads.
        """
        if not self.ready or self.unanswered_bytes > UNANSWERED_BYTES // 2:  # few large messages, not many small
            return
        if not self.sent_sizes:
            self.handed_at, self.excused = time.monotonic(), (None, 0.0)
        message: list[bytes] = []
        while self.held_back:
            size = len(self.held_back[0])
            if self.sent_sizes and self.unanswered_bytes + size > UNANSWERED_BYTES:
                break
            message.append(self.held_back.popleft())
            self.sent_sizes.append(size)
            self.unanswered_bytes += size
        if message:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.connection.send(message)

    def note_ready(self) -> None:
        """It has started."""
        self.ready = True
        self.send_more()

    def note_pace(self, items: int, seconds: float) -> None:
        """It took *seconds* for *items*, which it has answered."""
        measured = max(1e-6, seconds / items)
        self.item_s = measured if self.answered == 0 else 0.7 * self.item_s + 0.3 * measured
        self.answered += items
        for _ in range(items):
            self.unanswered_bytes -= self.sent_sizes.popleft()
        self.send_more()

    def excuse(self, seconds: float) -> None:
        """*seconds* don't count as time of the item at hand, or between two."""
        state = self.board.read()
        self.excused = (state, self.excused_seconds(state) + seconds)
        self.started_at += seconds

    def excused_seconds(self, state: AtHand) -> float:
        """What doesn't count in this state of its board."""
        return self.excused[1] if self.excused[0] == state else 0.0

    def item_seconds(self, now: float) -> float:
        """How long it is at its present item by now."""
        state = self.board.read()
        if state.since_s is None:
            return 0.0
        return now - state.since_s - self.excused_seconds(state)

    def idle_seconds(self, now: float) -> float:
        """For how long it has had work by now without beginning any, or without answering for what it has finished."""
        state = self.board.read()
        if state.since_s is not None or not self.sent_sizes:
            return 0.0
        return now - max(state.finished_s, self.handed_at) - self.excused_seconds(state)

    def item_at_hand(self) -> int | None:
        """The place among the owed of the item that it has begun and not finished, None between two items."""
        state = self.board.read()
        place = state.begun - self.answered - 1
        return place if state.since_s is not None and 0 <= place < len(self.owed) else None

    def suspects(self) -> slice:
        """Which of the owed it may have died of: the one at hand; between two, all begun; before the first, that one.

        There is always one, so that a process which dies for ever at the same place comes to an end.
        """
        at_hand = self.item_at_hand()
        if at_hand is not None:
            return slice(at_hand, at_hand + 1)
        return slice(0, max(1, self.board.read().begun - self.answered))

    def signal(self, number: int) -> None:
        """Send it a signal, if it still lives."""
        self.process.send_signal(number)

    def kill(self) -> int:
        """End the process at once and return its exit status, negative for a signal."""
        self.connection.close()
        self.process.kill()
        status = self.process.wait()
        self.board.close()
        return status


def start_member(function_bytes: bytes, memory_bytes: int, timeout_s: float, *, low_priority: bool) -> Member:
    """Start a process and hand it the pickled function."""
    board_file = new_board_file()
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    try:
        board = Board(board_file)
        arguments = (theirs.fileno(), board_file, os.getpid(), memory_bytes, timeout_s, low_priority)
        path = [entry for entry in sys.path if isinstance(entry, str)]
        with ctrl_c_held_back():
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
                [sys.executable, "-c", BOOTSTRAP.format(path=path, arguments=arguments)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **ONE_THREAD_EACH},
                pass_fds=[theirs.fileno(), board_file],
            )
    finally:
        theirs.close()
        os.close(board_file)
    connection = Connection(ours.detach())
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.send_bytes(function_bytes)
    return Member(process, connection, board)


@contextlib.contextmanager
def ctrl_c_held_back() -> Iterator[None]:
    """Processes started meanwhile have SIGINT blocked from their first moment, until `serve` ignores it.

    Ctrl-C reaches the whole terminal group, and would end a starting interpreter with a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def describe_exit(status: int) -> str:
    """What an exit status means, for people."""
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return f"exit status {status}"
