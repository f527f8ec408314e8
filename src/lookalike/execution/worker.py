"""The other end of a local worker: receives a function once, then batches of items, and answers item by item.

Its process is disposable: it holds nothing that the parent can't make again.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection

READY, DONE, MEMORY, RAISED = "ready", "done", "memory", "raised"


def serve(descriptor: int, memory_bytes: int) -> None:
    """Answer the parent at the socket *descriptor* until it hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal group; the parent decides
    with Connection(descriptor) as parent, contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        function = parent.recv()
        silence_output()
        limit_memory(memory_bytes)
        parent.send((READY, None))
        while True:
            for item in parent.recv():
                try:
                    answer = (DONE, function(item))
                except MemoryError:
                    answer = (MEMORY, f"needed more than the {memory_bytes / 2**20:.0f} MiB that one item may take")
                except Exception as error:  # noqa: BLE001 - one item's failure, whatever it is, must not end the others
                    answer = (RAISED, f"{type(error).__name__}: {error}")
                parent.send(answer)


def silence_output() -> None:
    """Decoders print warnings straight to the terminal; the ledger is where reasons belong."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.dup2(sink, sys.stderr.fileno())


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
