"""Radius questions and pairs at size, FAISS's flat binary index beside them in the same run.

    python benchmarks/joins.py                      a million codes of 64 and 256 bits, ten million for radius questions
    python benchmarks/joins.py --pairs-of-ten-million

FAISS answers pairs by a range search of all against all; that takes minutes, so it is timed on a slice of the queries
and scaled. Its answers on the slice are compared with ours. FAISS's radius is strict: it is asked for one bit more.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

import faiss
import numpy as np
from fit_planner import processor

from lookalike.search import HammingIndex, kernel_level
from lookalike.search.joining import Join

SEED = 20260104


def planted(rng, rows, width_bits, near_pairs, radius_bits):
    """Random codes; each of the last *near_pairs* lies at most *radius_bits* bits from one of the first."""
    codes = rng.integers(0, 256, (rows, width_bits // 8), dtype=np.uint8)
    twins = codes[:near_pairs].copy()
    for _ in range(radius_bits):
        bits = rng.integers(0, width_bits, near_pairs)
        twins[np.arange(near_pairs), bits // 8] ^= (1 << (bits % 8)).astype(np.uint8)
    codes[rows - near_pairs :] = twins
    return codes


def seconds(call):
    begin = time.perf_counter()
    answer = call()
    return time.perf_counter() - begin, answer


def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_within(rng, rows, radius_bits, threads):
    codes = planted(rng, rows, 64, rows // 10, radius_bits)
    queries = codes[rng.integers(0, rows, 200)]
    flat = faiss.IndexBinaryFlat(64)
    flat.add(codes)
    theirs = []
    for query in queries[:20]:
        taken, (_, _, near) = seconds(lambda: flat.range_search(query[None], radius_bits + 1))  # noqa: B023  # called at once
        theirs.append((taken, np.sort(near)))
    for choice in ("scan", "multi", "auto"):
        index = HammingIndex(64, threads=threads, index=choice)
        index.add(np.arange(rows), codes)
        first, _ = seconds(lambda: index.within(queries[:1], radius_bits))  # noqa: B023
        for query in np.tile(queries, (4, 1)):  # enough for an index to have paid, where it may be built
            index.within(query[None], radius_bits)
        taken = []
        for at, query in enumerate(queries):
            each, found = seconds(lambda: index.within(query[None], radius_bits))  # noqa: B023
            taken.append(each)
            if at < len(theirs):
                np.testing.assert_array_equal(np.sort(found.ids), theirs[at][1])
        median, faiss_median = np.median(taken), np.median([each for each, _ in theirs])
        print(
            f"within({radius_bits}), {rows:,} x 64 bits, {choice}: median {median * 1e6:.0f} us, 99 % "
            f"{np.quantile(taken, 0.99) * 1e6:.0f} us, first question {first * 1e3:.0f} ms, "
            f"{index.bytes_used / 1e6:.0f} MB; FAISS median {faiss_median * 1e6:.0f} us: {faiss_median / median:.0f} x; equal answers",
            flush=True,
        )


def measure_pairs(rng, rows, width_bits, radius_bits, threads, slice_rows):
    codes = planted(rng, rows, width_bits, rows // 10, radius_bits)
    index = HammingIndex(width_bits, threads=threads)
    index.add(np.arange(rows), codes)
    before = megabytes()
    taken, (first, second, _) = seconds(lambda: index.pairs(radius_bits))
    line = (
        f"pairs({radius_bits}), {rows:,} x {width_bits} bits, {threads} threads: {taken:.2f} s, {len(first):,} pairs, "
        f"process at most {megabytes():.0f} MB ({before:.0f} before)"
    )
    if slice_rows:
        flat = faiss.IndexBinaryFlat(width_bits)
        flat.add(codes)
        picked = rng.choice(rows, slice_rows, replace=False)
        slice_s, (limits, _, near) = seconds(lambda: flat.range_search(codes[picked], radius_bits + 1))
        ours = np.concatenate([np.stack([first, second]), np.stack([second, first])], axis=1)
        for at, row in enumerate(picked):
            theirs = np.setdiff1d(near[limits[at] : limits[at + 1]], [row])
            np.testing.assert_array_equal(np.sort(ours[1][ours[0] == row]), theirs)
        whole_s = slice_s / slice_rows * rows
        line += f"; FAISS {slice_s:.2f} s for {slice_rows} rows, scaled {whole_s:.0f} s: {whole_s / taken:.0f} x; equal"
    print(line, flush=True)


def measure_skew(rng, rows, threads):
    for name, crowd in (
        ("50,000 equal codes", np.zeros((rows // 20, 8), np.uint8)),
        ("50,000 blank-like codes", np.packbits(rng.random((rows // 20, 64)) < 1 / 64, axis=1)),
    ):
        codes = planted(rng, rows, 64, rows // 10, 8)
        codes[rows // 2 : rows // 2 + rows // 20] = crowd
        join_s, pairs = seconds(lambda: code_pairs(codes, threads))  # noqa: B023
        print(
            f"pairs(8), {rows:,} x 64 bits with {name}: {join_s:.2f} s, {pairs:,} pairs of distinct codes", flush=True
        )


def code_pairs(codes, threads):
    return sum(len(first) for first, _, _ in Join(codes.view(np.uint64), None, 8, threads).code_pairs())


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--within-rows", type=int, default=10_000_000)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--pairs-of-ten-million", action="store_true")
    given = arguments.parse_args()
    faiss.omp_set_num_threads(given.threads)
    print(f"{processor()}, {os.cpu_count()} cores, kernel {kernel_level()}, load {os.getloadavg()[0]:.1f}")
    print(f"FAISS {faiss.__version__}, numpy {np.__version__}")
    rng = np.random.default_rng(SEED)
    if given.pairs_of_ten_million:
        measure_pairs(rng, 10_000_000, 64, 8, given.threads, 0)
        return
    measure_pairs(rng, given.rows, 64, 8, given.threads, 2000)
    measure_pairs(rng, given.rows, 256, 31, given.threads, 500)
    measure_skew(rng, given.rows, given.threads)
    measure_within(rng, given.within_rows, 8, given.threads)


if __name__ == "__main__":
    main()
