"""The other end of a local worker: receives a function once, then batches of items, and answers in groups.

Its process is disposable: it holds nothing that the parent can't make again.
"""

from __future__ import annotations

import contextlib
import gc
import math
import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from lookalike.execution.board import Board
from lookalike.execution.priority import lower_priority

DONE, MEMORY, RAISED = "done", "memory", "raised"
READY = "ready"
ANSWER_EVERY_S = 0.05  # an answer to each item would cost parent and worker more than a small item itself
RENEW_EVERY_S = 1.0  # the kernel counts processor time against its limit in whole seconds

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Limits(NamedTuple):
    """What one item may take: address space beyond the process's own, and processor time."""

    memory_bytes: int
    timeout_s: float


def serve(
    descriptor: int, board_descriptor: int, parent_id: int, memory_bytes: int, timeout_s: float, low_priority: bool
) -> None:
    """Answer the parent, process *parent_id*, at the socket *descriptor* until it hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal group; the parent decides
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # it was blocked until it could be ignored
    end_with_parent(parent_id)
    board = Board(board_descriptor)
    os.close(board_descriptor)
    with Connection(descriptor) as parent, contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        function = parent.recv()
        silence_output()
        if low_priority:
            lower_priority()
        limit_memory(memory_bytes)
        gc.freeze()  # what was imported stays; looking through it for garbage again and again finds nothing
        parent.send(READY)
        Server(parent, board, function, Limits(memory_bytes, timeout_s)).answer_batches()


class Server:
    """Works through batches; sends (answers, seconds they took), the answers in the order of the items."""

    def __init__(self, parent: Connection, board: Board, function: Callable[[Any], Any], limits: Limits) -> None:
        self.parent = parent
        self.board = board
        self.function = function
        self.limits = limits
        self.answers: list[tuple[str, Any]] = []
        self.answered_at = self.renewed_at = -math.inf

    def answer_batches(self) -> None:
        """Until the parent hangs up."""
        while True:
            batch = self.parent.recv()
            self.answered_at = time.monotonic()
            for item in batch:
                self.renew_processor_time()
                self.board.begin()
                answer = self.answer(item)
                self.board.finish()
                self.answers.append(answer)
                if time.monotonic() - self.answered_at >= ANSWER_EVERY_S:
                    self.send()
            if self.answers:
                self.send()

    def answer(self, item: bytes) -> tuple[str, Any]:
        """What came of one pickled item."""
        try:
            return DONE, self.function(pickle.loads(item))  # noqa: S301 - from our own parent
        except MemoryError:
            return MEMORY, f"needed more than the {self.limits.memory_bytes / 2**20:.0f} MiB that one item may take"
        except Exception as error:  # noqa: BLE001 - one item's failure, whatever it is, must not end the others
            return RAISED, f"{type(error).__name__}: {error}"

    def send(self) -> None:
        """Hand over what is done."""
        took_s = time.monotonic() - self.answered_at
        try:
            message = pickle.dumps((self.answers, took_s))
        except Exception:  # noqa: BLE001 - pickling runs the code of what is pickled
            message = pickle.dumps(([sendable(answer) for answer in self.answers], took_s))
        self.parent.send_bytes(message)
        self.answers = []
        self.answered_at = time.monotonic()

    def renew_processor_time(self) -> None:
        """Allow the next item its time: a decoder that spins is ended by the kernel should the parent be gone."""
        now = time.monotonic()
        if now - self.renewed_at < RENEW_EVERY_S:
            return
        self.renewed_at = now
        allowed = math.ceil(time.process_time() + self.limits.timeout_s + 2 * RENEW_EVERY_S)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        if hard == resource.RLIM_INFINITY or allowed <= hard:
            resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def sendable(answer: tuple[str, Any]) -> tuple[str, Any]:
    """*answer*, or that it can't be sent."""
    try:
        pickle.dumps(answer)
    except Exception as error:  # noqa: BLE001 - see above
        return RAISED, f"its result can't be sent: {type(error).__name__}: {error}"
    return answer


def end_with_parent(parent_id: int) -> None:
    """End this process should its parent end, even while it is halted by a pause (Linux).

    The kernel is asked for SIGCONT rather than SIGKILL, since it sends it already when the thread that started this
    process ends (prctl(2)): a worker may serve other threads after that one, and looks who its parent is.
    """

    def look(*_: object) -> None:
        if os.getppid() != parent_id:
            os._exit(1)

    signal.signal(signal.SIGCONT, look)
    signal.siginterrupt(signal.SIGCONT, False)  # a resume must not make a decoder's reading fail
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(
            OSError, AttributeError
        ):  # no such call; the closed socket still ends it, unless halted
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGCONT), 0, 0, 0)
    look()  # it may have ended before


def silence_output() -> None:
    """Decoders print warnings straight to the terminal; the ledger is where reasons belong."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.dup2(sink, sys.stderr.fileno())
    os.close(sink)


def limit_memory(memory_bytes: int) -> None:
    """Allow *memory_bytes* of address space beyond what the started process already has; no core files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):  # no /proc outside Linux, and macOS refuses RLIMIT_AS
        with open("/proc/self/statm", encoding="ascii") as statm:
            started_bytes = int(statm.read().split()[0]) * resource.getpagesize()
        limit = started_bytes + memory_bytes
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
