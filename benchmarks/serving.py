"""The server under an open-loop client: requests leave by the clock, whether or not the last ones were answered.

    python benchmarks/serving.py [--rows 1000000] [--seconds 15] [--slow 500] [--mutations 0] [--catalog FILE] [--json]

A catalog of random fingerprints of one recipe, whash; every search names it (``by=whash``) and asks for 9 matches: this
is not the default search, which needs recipes that such a catalog lacks. Searches by id and by hex at 200 a second,
uploads of a 0.2 MP photo at 30 a second, random sheets of 81 pictures at 5 a second; the searches again while many
sockets send a head slowly; the memory of the server's processes; and how long the first answer takes from the start of
the process. Latency counts from the moment that a request was due; ``server_cpu_ms`` is the server's processor time a
request, decoding processes left out. *mutations* uploads broken pictures, 30 a second, and none may end with 5xx;
searches go on beside them at half their rate, after the same ones alone.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import httpx
import numpy as np
from PIL import Image
from startup import fill

from lookalike.catalog import Store

RECIPE = "whash"
UPLOADS_A_SECOND = 30
WARM_UP_S = 3.0  # decoding and search processes are up then
FIRST_S = 5.0
DRIPS_AT_ONCE = 10
LINES = 64  # connections of the client: enough that none waits for another


def percentiles(seconds: list[float]) -> dict[str, float]:
    ms = np.array(sorted(seconds)) * 1000
    return {f"p{q}_ms": round(float(np.percentile(ms, q)), 1) for q in (50, 95, 99)}


class Line:
    """A connection that is kept, and as little work a request as can be: client and server share the cores."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> str:
        # The server closes a connection that was idle for a while, as any does.
        if self.reader is None or self.reader.at_eof() or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        await self.reader.readexactly(int(re.search(rb"(?i)content-length: *(\d+)", head)[1]))
        if b"connection: close" in head.lower():
            self.writer.close()
        return head[9:12].decode()


async def open_loop(port: int, requests, rate_per_s: float, seconds: float, process: int) -> dict[str, object]:
    """Send what *requests* (a function without words) makes at *rate_per_s*; latencies and statuses, and processor
    time of the *process* that answers and of those that search for it.
    """
    used_s = processor_s(process)
    statuses: dict[str, int] = {}
    latencies: list[float] = []
    free: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
    for _ in range(LINES):
        free.put_nowait(Line(port))

    async def one(due: float) -> None:
        line = await free.get()
        try:
            status = await line.ask(requests())
        except (OSError, EOFError) as error:
            status, line = type(error).__name__, Line(port)
        free.put_nowait(line)
        latencies.append(time.perf_counter() - due)
        statuses[status] = statuses.get(status, 0) + 1

    began = time.perf_counter()
    tasks = []
    for number in range(int(rate_per_s * seconds)):
        due = began + number / rate_per_s
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    lasted = time.perf_counter() - began
    return {
        **percentiles(latencies),
        "asked_per_s": rate_per_s,
        "answered_per_s": round(len(latencies) / lasted, 1),
        "server_cpu_ms": round((processor_s(process) - used_s) * 1000 / max(1, len(latencies)), 2),
        "statuses": statuses,
        "load": round(os.getloadavg()[0], 1),
    }


def get(path: str) -> bytes:
    return f"GET /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


async def with_slow_sockets(port: int, count: int, work) -> dict[str, object]:
    """Do *work* while *count* sockets send a head, some bytes a second."""
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    for _, writer in lines:
        writer.write(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nX: ")

    async def drip() -> None:
        while True:  # each once a second, in their own time
            for number, (_, writer) in enumerate(lines):
                if not writer.is_closing():
                    writer.write(b"y")
                if number % DRIPS_AT_ONCE == 0:
                    await asyncio.sleep(DRIPS_AT_ONCE / count)

    dripping = asyncio.create_task(drip())
    try:
        return await work()
    finally:
        dripping.cancel()
        for _, writer in lines:
            writer.close()


def photo() -> bytes:
    """A JPEG of 0.2 megapixels."""
    smooth = Image.effect_noise((64, 54), 120).resize((512, 432), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    smooth.convert("RGB").save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def children_of(process: int) -> list[int]:
    """Each thread of a process has children of its own."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(one) for task in tasks for one in task.read_text().split()]


def processor_s(process: int) -> float:
    """Processor time so far of a server and its search processes, decoding ones left out."""
    searching = [one for one in children_of(process) if b"search_worker" in Path(f"/proc/{one}/cmdline").read_bytes()]
    used = 0
    for one in (process, *searching):
        told = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        used += int(told[11]) + int(told[12])
    return used / os.sysconf("SC_CLK_TCK")


def resident_mb(process: int) -> float:
    """Memory of a process and its children."""
    found = (
        re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{one}/status").read_text())
        for one in (process, *children_of(process))
    )
    return round(sum(int(one[1]) for one in found if one) / 1024, 1)


async def note_memory(process: int, memory_mb: list[float]) -> None:
    """Each minute."""
    while True:
        memory_mb.append(resident_mb(process))
        await asyncio.sleep(60)


def start(catalog: Path) -> tuple[subprocess.Popen[str], str, float]:
    """The server, its address, and the seconds until its first answer to a search.

    Its modules are compiled once and kept, as they are where pip has installed them, whatever this process is told.
    """
    began = time.perf_counter()
    words = [sys.executable, "-m", "lookalike", "serve", "--catalog", str(catalog), "--port", "0"]
    environment = {**os.environ, "LOOKALIKE_SERVE_RATE_PER_S": "0", "LOOKALIKE_SERVE_HEADER_S": "60"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = f"{catalog}-compiled"
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    httpx.get(f"{address}api/v1/search?id=1&by={RECIPE}", timeout=60, trust_env=False).raise_for_status()
    return process, address, round(time.perf_counter() - began, 2)


def count_failures(address: str, count: int) -> dict[str, int]:
    """Statuses of *count* mutated uploads, sent by the clock or, where that is too fast, one after the other."""
    source, sound = random.Random(5), photo()
    statuses: dict[str, int] = {}
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        began = time.perf_counter()
        for number in range(count):
            time.sleep(max(0.0, began + number / UPLOADS_A_SECOND - time.perf_counter()))
            changed = bytearray(sound)
            for _ in range(source.randint(1, 6)):
                changed[source.randrange(len(changed))] = source.randrange(256)
            cut = bytes(changed[: source.randint(2, len(changed))]) if source.random() < 0.3 else bytes(changed)
            status = str(client.post(f"api/v1/search?k=1&by={RECIPE}", content=cut).status_code)
            statuses[status] = statuses.get(status, 0) + 1
    return statuses


def measure(catalog: Path, options: argparse.Namespace) -> dict[str, object]:
    with Store.open(catalog, read_only=True) as store:
        ids = store.page_of_contents(0, 5000).tolist()
    first = start(catalog)  # makes the index file where there is none
    first[0].kill()
    first[0].wait()
    process, address, cold_s = start(catalog)
    time.sleep(WARM_UP_S)
    data = photo()
    port = int(address.rstrip("/").rpartition(":")[2])
    random_ids, random_codes = random.Random(1), random.Random(2)

    sent = f"POST /api/v1/search?by={RECIPE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n"
    seconds = options.seconds

    def by_id() -> bytes:
        return get(f"search?id={random_ids.choice(ids)}&by={RECIPE}")

    def by_hex() -> bytes:
        return get(f"search?hex={random_codes.getrandbits(64):016x}&by={RECIPE}")

    def upload() -> bytes:
        return sent.encode() + data

    def sheet() -> bytes:
        return get(f"sample?n=81&seed={random_ids.randrange(2**31)}")

    async def ask(requests, rate_per_s: float, lasting_s: float = seconds) -> dict[str, object]:
        return await open_loop(port, requests, rate_per_s, lasting_s, process.pid)

    async def run() -> dict[str, object]:
        figures: dict[str, object] = {
            # Both processes build an index of the codes as soon as questions have paid for it.
            "search_by_id_in_the_first_seconds": await ask(by_id, 200, FIRST_S),
            "search_by_id": await ask(by_id, 200),
            "search_by_hex": await ask(by_hex, 200),
            "upload": await ask(upload, UPLOADS_A_SECOND),
            "random_sheet": await ask(sheet, 5),
            "memory_mb": resident_mb(process.pid),
            "search_by_id_beside_slow_sockets": await with_slow_sockets(port, options.slow, lambda: ask(by_id, 200)),
            "search_by_id_again_alone": await ask(by_id, 200),
            "memory_after_slow_sockets_mb": resident_mb(process.pid),
        }
        if options.mutations:
            figures["half_as_many_searches_alone"] = await ask(by_id, 100)
            with ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn")
            ) as other:  # its work must not slow this client
                mutated = asyncio.wrap_future(other.submit(count_failures, address, options.mutations))
                lasting_s = max(1.0, options.mutations / UPLOADS_A_SECOND)
                memory_mb: list[float] = []
                watching = asyncio.create_task(note_memory(process.pid, memory_mb))
                figures["the_same_beside_mutated_uploads"] = await ask(by_id, 100, lasting_s)
                figures["mutated_uploads"] = await mutated
                watching.cancel()
                figures["memory_mb_every_minute_of_it"] = memory_mb
            figures["memory_after_mutated_uploads_mb"] = resident_mb(process.pid)
        return figures

    try:
        figures = asyncio.run(run())
    finally:
        process.terminate()
        process.wait(30)
    asked = f"by={RECIPE}, k=9; uploads of broken pictures k=1"
    return {"rows": options.rows, "asked": asked, "cold_start_to_answer_s": cold_s, "load": os.getloadavg(), **figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--slow", type=int, default=500, help="sockets that send slowly")
    parser.add_argument("--mutations", type=int, default=0, help="broken pictures to upload")
    parser.add_argument("--catalog", type=Path, help="keep the catalog here, or use the one that is there")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        catalog = options.catalog or Path(scratch) / "bench.lookalike"
        if not catalog.exists():
            fill(catalog, options.rows)
        figures = measure(catalog, options)
    print(json.dumps(figures, indent=2 if options.json else None))


if __name__ == "__main__":
    main()
