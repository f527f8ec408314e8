"""Time and recall of every engine over the same seeded codes, in one run.

    python benchmarks/search.py                      the whole table: up to 1,000,000 codes, some minutes
    python benchmarks/search.py --sizes 900 --json   one size, as JSON

Codes are random with some near-duplicates planted, and each query is a stored code with three bits flipped. Recall is
recomputed here from the ids answered: the share no farther than the true k-th nearest, ties counted alike.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
import time

import numpy as np

from lookalike.search import _native
from lookalike.search.registry import load_engine

K = 9  # the classic way's number of neighbours
SEED = 20260101
FLIPPED_BITS = 3  # between a query and the code it was made from
TREES = {"annoy": lambda size: 200 if size <= 100_000 else 20}  # 200 trees over a million codes take minutes to build
LARGEST = {"balltree": 100_000, "annoy": 1_000_000, "reference": 1_000_000}  # beyond, a build or a query takes too long
COLUMNS = "{:>9} {:>5} {:<18} {:>10} {:>8} {:>9} {:>9} {:>7}"


def planted(size, width_bits, queries):
    """Codes, and queries near some of them: both packed."""
    rng = np.random.default_rng(SEED)
    codes = rng.integers(0, 256, (size, width_bits // 8), dtype=np.uint8)
    codes[: size // 20] = codes[size // 20 : size // 20 * 2]  # one in twenty has a twin, a few bits away
    flips = np.packbits(rng.random((size // 20, width_bits)) < FLIPPED_BITS / width_bits, axis=1)
    codes[: size // 20] ^= flips
    asked = codes[rng.integers(0, size, queries)]
    bits = np.unpackbits(asked, axis=1)
    for row in bits:
        row[rng.choice(width_bits, FLIPPED_BITS, replace=False)] ^= 1
    return codes, np.packbits(bits, axis=1)


def milliseconds(call, repeats):
    """The median of several runs."""
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begin) * 1e3)
    return float(np.median(taken))


def recall(codes, queries, ids, true_kth):
    """Recomputed from the ids: no engine is trusted about its own quality."""
    apart = np.bitwise_count(codes[ids] ^ queries[:, None, :]).sum(axis=2)
    return float(np.mean((apart <= true_kth[:, None]) & (ids >= 0)))


def measure(name, codes, queries, width_bits, threads, batch):
    size = len(codes)
    options = {"n_trees": TREES[name](size)} if name in TREES else {}
    engine = load_engine(name)(width_bits, threads=threads, **options)
    begin = time.perf_counter()
    engine.add(np.arange(size), codes)
    engine.nearest(queries[:1], K)  # engines that build an index do it for the first question
    build_ms = (time.perf_counter() - begin) * 1e3
    sample = queries[:30]
    ids, _ = engine.nearest(sample, K)
    true_ids, true_distances = load_exact(codes, width_bits).nearest(sample, K)
    assert recall(codes, sample, true_ids, true_distances[:, -1]) == 1.0
    turn = iter(np.resize(np.arange(len(queries)), 10**6))
    slow = name in {"balltree", "reference"} and size >= 100_000
    crowd = queries[: min(batch, 20 if slow else batch)]
    batch_ms = milliseconds(lambda: engine.nearest(crowd, K), 1 if slow else 3)
    return {
        "engine": name + (f" ({options['n_trees']} trees)" if options else ""),
        "codes": size,
        "width_bits": width_bits,
        "threads": threads,
        "build_ms": round(build_ms, 1),
        "megabytes": round(engine.bytes_used / 1e6, 2),
        "query_ms": round(milliseconds(lambda: one(engine, queries, next(turn)), 15 if slow else 60), 4),
        "batch_query_ms": round(batch_ms / len(crowd), 4),
        "recall": round(recall(codes, sample, ids, true_distances[:, -1]), 3),
    }


def line(row):
    return (
        f"{row['codes']:,}",
        row["width_bits"],
        row["engine"],
        f"{row['build_ms']:,.1f}",
        f"{row['megabytes']:,.1f}",
        f"{row['query_ms']:.3f}",
        f"{row['batch_query_ms']:.4f}",
        f"{row['recall']:.3f}",
    )


def one(engine, queries, at):
    return engine.nearest(queries[at : at + 1], K)


def load_exact(codes, width_bits):
    engine = load_engine("exact")(width_bits)
    engine.add(np.arange(len(codes)), codes)
    return engine


def circumstances():
    packages = ["lookalike", "numpy", "annoy", "faiss-cpu", "scikit-learn"]
    versions = {}
    for package in packages:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "command": " ".join(["python", *sys.argv]),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "kernel": _native.level_in_use(),
        "python": platform.python_version(),
        "versions": versions,
        "seed": SEED,
        "k": K,
        "load_average": round(os.getloadavg()[0], 1),
    }


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[900, 100_000, 1_000_000])
    arguments.add_argument("--widths", type=int, nargs="+", default=[64])
    arguments.add_argument("--engines", nargs="+", default=["exact", "faiss", "annoy", "balltree"])
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--batch", type=int, default=1000, help="queries asked in one call")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    results = []
    if not given.json:
        for word, value in circumstances().items():
            print(f"{word}: {value}")
        print("\n" + COLUMNS.format("codes", "bits", "engine", "build ms", "MB", "one ms", "batch ms", "recall"))
    for size in given.sizes:
        for width_bits in given.widths:
            codes, queries = planted(size, width_bits, max(given.batch, 60))
            for name in given.engines:
                if size > LARGEST.get(name, size):
                    continue
                row = measure(name, codes, queries, width_bits, given.threads, given.batch)
                results.append(row)
                if not given.json:
                    print(COLUMNS.format(*line(row)), flush=True)
    if given.json:
        print(json.dumps({**circumstances(), "results": results}, indent=2))


if __name__ == "__main__":
    main()
