"""Processes that answer searches beside the server's own, so that two cores can search: Python runs on one at a time.

The server reads every request, knows every client and writes every answer; a search process only turns a question about
what the catalog holds into the bytes of its answer. Where none is up, or all have enough to do, the server searches
itself, so that nothing hangs on them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Coroutine, Mapping
from dataclasses import asdict
from typing import Any

from lookalike.execution.member import ONE_THREAD_EACH, ctrl_c_held_back
from lookalike.settings import Settings
from lookalike.web.search_worker import FRAME, READY

MOST_WAITING = 8  # questions that one process has been handed; more of them are better off here
AHEAD = 4  # so many more than here a process may have to do: the server has reading and writing to do besides
START_S = 120.0  # until a process is up
PATIENCE_S = 30.0  # for the next answer; a process that takes longer is ended
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0  # until one that ended is started again; doubled each time
END_S = 2.0  # for it to end by itself once nobody listens

LOGGER = logging.getLogger("lookalike.web")  # the server's, which needs its extra to be imported

BOOTSTRAP = "import sys; sys.path[:] = {path!r}; from lookalike.web.search_worker import work; work{arguments!r}"


class SearchProcess(asyncio.Protocol):
    """One process, as the event loop sees it."""

    def __init__(self, all_of_them: SearchProcesses, process: subprocess.Popen[bytes]) -> None:
        self.all_of_them = all_of_them
        self.process = process
        self.asked: dict[int, asyncio.Future[bytes | None]] = {}  # the oldest first: they are answered in order
        self.came = bytearray()
        self.transport: asyncio.Transport | None = None
        self.patience = self.wait(START_S)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def wait(self, seconds: float) -> asyncio.TimerHandle:
        """End the process if nothing comes for so long."""
        return asyncio.get_running_loop().call_later(seconds, self.process.kill)

    def ask(self, number: int, question: bytes) -> asyncio.Future[bytes | None]:
        """The answer to come: None where there is none."""
        assert self.transport is not None
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        if not self.asked:
            self.patience = self.wait(PATIENCE_S)
        self.asked[number] = answer
        self.transport.write(FRAME.pack(number, len(question)) + question)
        return answer

    def data_received(self, data: bytes) -> None:
        self.came += data
        while len(self.came) >= FRAME.size:
            number, length = FRAME.unpack_from(self.came)
            end = FRAME.size + length
            if len(self.came) < end:
                return
            page = bytes(self.came[FRAME.size : end])
            del self.came[:end]
            self.patience.cancel()
            if number == READY:
                self.all_of_them.note_ready(self)
                continue
            self.settle(number, page or None)
            self.all_of_them.note_answer()
            if self.asked:
                self.patience = self.wait(PATIENCE_S)

    def settle(self, number: int, page: bytes | None) -> None:
        answer = self.asked.pop(number)
        if not answer.done():  # whoever asked may have gone
            answer.set_result(page)

    def connection_lost(self, _: Exception | None) -> None:
        self.patience.cancel()
        for number in list(self.asked):
            self.settle(number, None)
        self.all_of_them.note_end(self)


class SearchProcesses:
    """So many processes over one catalog, for one event loop."""

    def __init__(self, settings: Settings, count: int) -> None:
        self.settings = settings
        self.count = count
        self.ready: list[SearchProcess] = []
        self.started: set[SearchProcess] = set()
        self.here = 0  # searches that the server answers itself at the moment
        self._number = READY
        self._wait_s = FIRST_WAIT_S
        self._closed = False
        self._due: set[asyncio.TimerHandle] = set()  # of processes to be started
        self._starting: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start them; until they are up, there is no answer."""
        for _ in range(self.count):
            self._start_in(0.0)

    async def answer(self, values: Mapping[str, Any], *, known: bool) -> bytes | None:
        """The page of a search as JSON; None where the server had better answer, or must."""
        if not self.ready:
            return None
        least = min(self.ready, key=lambda one: len(one.asked))
        if len(least.asked) >= min(MOST_WAITING, self.here + AHEAD + 1):
            return None
        self._number = self._number % (2**32 - 1) + 1
        return await least.ask(self._number, json.dumps({"values": values, "known": known}).encode())

    def note_ready(self, one: SearchProcess) -> None:
        """*one* may be asked."""
        self.ready.append(one)

    def note_answer(self) -> None:
        """Processes answer: one that ends is worth starting again at once."""
        self._wait_s = FIRST_WAIT_S

    def note_end(self, one: SearchProcess) -> None:
        """*one* has ended, or will soon."""
        if one in self.ready:
            self.ready.remove(one)
        if not self._closed:
            self.started.discard(one)
            self._begin(self._replace(one))

    async def close(self) -> None:
        """End them all; what they were asked is answered by None."""
        self._closed = True
        for timer in self._due:
            timer.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        for one in self.started:
            if one.transport is not None:
                one.transport.close()
        for one in self.started:
            await asyncio.to_thread(end, one.process)

    async def _replace(self, one: SearchProcess) -> None:
        one.process.kill()
        status = await asyncio.to_thread(one.process.wait)
        LOGGER.warning("a search process ended", extra={"told": {"exit": status}})
        self._start_later()

    def _start_later(self) -> None:
        if not self._closed:
            self._start_in(self._wait_s)
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    def _start_in(self, wait_s: float) -> None:
        def begin() -> None:
            self._due.discard(timer)
            self._begin(self._start_one())

        timer = asyncio.get_running_loop().call_later(wait_s, begin)
        self._due.add(timer)

    async def _start_one(self) -> None:
        try:
            process, ours = await asyncio.to_thread(start_process, self.settings)
        except OSError as error:  # no process or socket to be had: later, perhaps
            LOGGER.warning("no search process could be started", extra={"told": {"error": str(error)}})
            self._start_later()
            return
        if self._closed:
            ours.close()
            await asyncio.to_thread(end, process)
            return
        _, one = await asyncio.get_running_loop().create_connection(lambda: SearchProcess(self, process), sock=ours)
        self.started.add(one)


def start_process(settings: Settings) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A search process and this end of the line to it."""
    ours, theirs = socket.socketpair()
    with theirs:
        told = {**asdict(settings), "catalog": os.fsencode(settings.catalog_path.absolute()).hex()}
        path = [entry for entry in sys.path if isinstance(entry, str)]
        arguments = (theirs.fileno(), os.getpid(), told)
        try:
            with ctrl_c_held_back():
                process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
                    [sys.executable, "-c", BOOTSTRAP.format(path=path, arguments=arguments)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,  # a search that fails there is done again here, and told
                    env={**os.environ, **ONE_THREAD_EACH},
                    pass_fds=[theirs.fileno()],
                )
        except BaseException:
            ours.close()
            raise
    return process, ours


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that nobody listens to, not for ever."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_S)
    process.kill()
    process.wait()
