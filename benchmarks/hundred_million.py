"""100,000,000 codes of 64 bits on one machine: made, saved, opened, asked; times and peak memory.

    python benchmarks/hundred_million.py [--codes 100000000] [--folder DIR] [--threads N] [--json]

Codes are random, made in chunks, with a thousand near twins planted so that `within` has something to find. Each step
is a process of its own, so that its peak memory is its own; a file is opened right after it was written, so out of the
system's page cache where that has room. Needs 0.8 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
from figures import circumstances

from lookalike.search import HammingIndex, IdRange

SEED = 20260101
CHUNK = 1_000_000
PLANTED = 1_000
NEAREST, RADIUS_BITS = 10, 4
QUERIES = 20


def make(codes):
    """Random words, filled in chunks; twins of the first lie at the end, 4 bits away."""
    rng = np.random.default_rng(SEED)
    words = np.empty((codes, 1), np.uint64)
    for begin in range(0, codes, CHUNK):
        part = words[begin : begin + CHUNK]
        part[:] = rng.integers(0, 2**64, part.shape, np.uint64)
    words[-PLANTED:] = words[:PLANTED] ^ np.uint64(0x8000_0400_0020_0001)
    return words


def build_and_save(given):
    begin = time.perf_counter()
    words = make(given.codes)
    made = time.perf_counter()
    engine = HammingIndex(64, threads=given.threads)
    engine.adopt(IdRange(0, len(words)), words)
    held = time.perf_counter()
    engine.save(given.file)
    return {
        "make_codes_s": made - begin,
        "hold_s": held - made,
        "save_s": time.perf_counter() - held,
        "file_megabytes": os.path.getsize(given.file) / 1e6,
    }


def open_and_ask(given):
    begin = time.perf_counter()
    engine = HammingIndex.open(given.file, threads=given.threads)
    opened = time.perf_counter() - begin
    queries = make(CHUNK)[: 2 * QUERIES].view(np.uint8)[::2].copy()  # the same generator, so the same first codes
    engine.nearest(queries[:1], NEAREST)
    nearest, within = [], []
    for query in queries[:, None, :]:
        begin = time.perf_counter()
        ids, distances = engine.nearest(query, NEAREST)
        nearest.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        around = engine.within(query, RADIUS_BITS)
        within.append(time.perf_counter() - begin)
        if distances[0, 0] != 0 or len(around.ids) < 2 or around.ids[0] != ids[0, 0]:
            raise SystemExit(f"code {ids[0, 0]} or its twin wasn't found")
    begin = time.perf_counter()
    engine.nearest(queries, NEAREST)
    batch = time.perf_counter() - begin
    return {
        "open_s": opened,
        f"nearest_{NEAREST}_median_ms": float(np.median(nearest)) * 1e3,
        f"nearest_{NEAREST}_in_a_batch_of_{QUERIES}_ms": batch / QUERIES * 1e3,
        f"within_{RADIUS_BITS}_median_ms": float(np.median(within)) * 1e3,
        f"within_{RADIUS_BITS}_slowest_ms": max(within) * 1e3,
        "bytes_used_megabytes": engine.bytes_used / 1e6,
    }


STEPS = {"build_and_save": build_and_save, "open_and_ask": open_and_ask}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--codes", type=int, default=100_000_000)
    arguments.add_argument("--folder", help="where the file goes, by default the system's temporary folder")
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    arguments.add_argument("--file", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.step:
        figures = STEPS[given.step](given)
        figures["peak_memory_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        print(json.dumps(figures))
        return
    told = {**circumstances(), "codes": given.codes, "threads": given.threads}
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        same = ["--codes", str(given.codes), "--threads", str(given.threads), "--file", os.path.join(scratch, "a.idx")]
        for step in STEPS:
            done = subprocess.run([sys.executable, __file__, "--step", step, *same], stdout=subprocess.PIPE, check=True)
            told[step] = {name: round(figure, 3) for name, figure in json.loads(done.stdout).items()}
    if given.json:
        print(json.dumps(told, indent=2))
    else:
        for word, value in told.items():
            print(f"{word}: {value}")


if __name__ == "__main__":
    main()
