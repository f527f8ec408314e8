"""Everything within a radius, and all pairs within one, with FAISS's range search beside them in the same run.

    python benchmarks/radius.py [--quick] [--json]

Codes are random, seeded, with planted near pairs: a tenth as many as there are codes, each a copy with up to 8 (64
bits) or 31 (256 bits) flipped bits. FAISS answers all pairs by a range search of every code; that is timed on a slice
of the queries and scaled, which the table says.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time

import faiss
import numpy as np

from lookalike.search import HammingIndex

THREADS = 2
FAISS_SLICE = 64  # queries; a range search of one takes milliseconds


def make_codes(rows: int, width_bits: int, radius: int, seed: int = 5) -> np.ndarray:
    """uint8 (rows, bytes): random codes, a tenth of them near copies of others."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, 256, (rows, width_bits // 8), dtype=np.uint8)
    planted = rows // 10
    sources = random.integers(0, rows - planted, planted)
    copies = codes[sources]
    for _ in range(radius):
        flipped = random.integers(0, width_bits, planted)
        flips = random.random(planted) < 0.5
        copies[np.arange(planted), flipped // 8] ^= np.where(flips, 128 >> (flipped % 8), 0).astype(np.uint8)
    codes[rows - planted :] = copies
    return codes


def fill(codes: np.ndarray, **options) -> HammingIndex:
    index = HammingIndex(codes.shape[1] * 8, threads=THREADS, **options)
    index.add(np.arange(len(codes)), codes)
    return index


def timed(call):
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def make_faiss(codes: np.ndarray) -> faiss.IndexBinaryFlat:
    faiss.omp_set_num_threads(THREADS)
    index = faiss.IndexBinaryFlat(codes.shape[1] * 8)
    index.add(codes)
    return index


def measure_within(rows: int, width_bits: int, radius: int, num_queries: int) -> dict:
    codes = make_codes(rows, width_bits, radius)
    queries = codes[np.random.default_rng(1).integers(0, rows, num_queries)]
    index = fill(codes, index="multi")
    built_s, _ = timed(lambda: index.within(queries[:1], radius))
    peer = make_faiss(codes)
    # One engine after the other: a scan of 80 MB between two questions would empty the caches of both.
    ours = [timed(lambda query=query: index.within(query[None], radius)) for query in queries]
    theirs = [timed(lambda query=query: peer.range_search(query[None], radius + 1)) for query in queries]  # strict
    for (_, found), (_, (_, distances, labels)) in zip(ours, theirs, strict=True):
        order = np.lexsort((labels, distances))
        assert np.array_equal(found.ids, labels[order]), "the answers differ"
        assert np.array_equal(found.distances, distances[order].astype(np.uint16)), "the answers differ"
    our_s, their_s = (statistics.median(seconds for seconds, _ in runs) for runs in (ours, theirs))
    return {
        "question": f"within({radius})",
        "codes": rows,
        "bits": width_bits,
        "build_s": round(built_s, 2),
        "median_ms": round(our_s * 1e3, 3),
        "faiss_median_ms": round(their_s * 1e3, 3),
        "times_faiss": round(their_s / our_s, 1),
    }


def measure_pairs(rows: int, width_bits: int, radius: int, *, with_faiss: bool) -> dict:
    codes = make_codes(rows, width_bits, radius)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    index = fill(codes)
    seconds, (firsts, _, _) = timed(lambda: index.pairs(radius))
    row = {
        "question": f"pairs({radius})",
        "codes": rows,
        "bits": width_bits,
        "seconds": round(seconds, 2),
        "pairs": len(firsts),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "of_it_codes_mb": before // 1024,
    }
    if with_faiss:
        peer = make_faiss(codes)
        part, _ = timed(lambda: peer.range_search(codes[:FAISS_SLICE], radius + 1))
        row["faiss_s_scaled"] = round(part * rows / FAISS_SLICE, 0)
        row["times_faiss"] = round(part * rows / FAISS_SLICE / seconds, 0)
    return row


RUNS = {
    "within": lambda: measure_within(10_000_000, 64, 8, 200),
    "pairs": lambda: measure_pairs(1_000_000, 64, 8, with_faiss=True),
    "pairs-256": lambda: measure_pairs(1_000_000, 256, 31, with_faiss=True),
    "pairs-10m": lambda: measure_pairs(10_000_000, 64, 8, with_faiss=False),
    "within-quick": lambda: measure_within(200_000, 64, 8, 20),
    "pairs-quick": lambda: measure_pairs(100_000, 64, 8, with_faiss=True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=RUNS, help="one measurement, in this process")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(RUNS[options.only]()))
        return
    rows = []
    for name in RUNS:
        if name.endswith("-quick") == options.quick:  # each in its own process, so that peak memory is its own
            command = [sys.executable, __file__, "--only", name]
            rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, {THREADS} threads, FAISS {faiss.__version__}")
    for row in rows:
        print("; ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
