"""Measures engines over the same codes; recall is worked out here from the ids, whatever an engine says of itself."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
import time

import numpy as np
from peers import PEERS

import lookalike
from lookalike.errors import MissingExtra
from lookalike.search import kernel_level, load_engine

K = 10
CLASSIC_SIZE, CLASSIC_K = 900, 9  # the classic way: a folder of 900 pictures, 200 trees, a grid of 9 neighbours
# One query at a time, the engines take turns: so that whatever else the machine does meets all alike. The first query
# of a turn finds the caches full of other engines' codes, the others find its own.
TURNS, QUERIES_A_TURN = 5, 12
SAMPLE = 100  # queries whose recall is worked out
PACKAGES = ("numpy", "annoy", "faiss-cpu", "scikit-learn", "usearch", "pynear")
# 200 trees are the classic way's; over a million codes they would take a minute to build.
OPTIONS = {"annoy": lambda size: {"n_trees": 200 if size <= 100_000 else 20}}
# What a search looks at, from little to much, and how it is set on an engine that is built: building anew for each
# point would take minutes. FAISS's is only ever raised by the engine, so the values rise.
EFFORTS = {
    "annoy": (200, 500, 1000, 2000, 5000, 10_000, 20_000),
    "faiss_hnsw": (10, 20, 40, 80, 160, 320),
    "usearch": (10, 20, 40, 80, 160, 320),
}


def make(name, width_bits, threads, **options):
    return PEERS[name](width_bits) if name in PEERS else load_engine(name)(width_bits, threads=threads, **options)


def milliseconds(calls):
    """Of each call."""
    taken = []
    for call in calls:
        begin = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begin) * 1e3)
    return np.array(taken)


def neighbours_asked(size):
    return CLASSIC_K if size == CLASSIC_SIZE else K


def truth(codes, queries, width_bits):
    """The true distance of the k-th nearest of each query."""
    exact = load_engine("exact")(width_bits, threads=2)
    exact.add(np.arange(len(codes)), codes)
    return exact.nearest(queries[:SAMPLE], neighbours_asked(len(codes)))[1][:, -1]


def recall(codes, queries, ids, true_kth):
    apart = np.bitwise_count(codes[ids] ^ queries[:, None, :]).sum(axis=2)
    return float(np.mean((apart <= true_kth[:, None]) & (ids >= 0)))


def build(name, codes, queries, width_bits, threads, **options):
    """An engine that has answered its first question (some build only then), and the milliseconds until then."""
    engine = make(name, width_bits, threads, **options)
    begin = time.perf_counter()
    engine.add(np.arange(len(codes)), codes)
    engine.nearest(queries[:1], neighbours_asked(len(codes)))
    return engine, (time.perf_counter() - begin) * 1e3


def single_ms(engines, queries, k, budget_ms):
    """Of each engine, the median of queries asked one at a time, in turns; a turn is as long as the budget allows."""
    turns = []
    for engine in engines:
        first = milliseconds([lambda engine=engine: engine.nearest(queries[:1], k)])[0]
        turns.append(max(1, min(QUERIES_A_TURN, int(budget_ms / TURNS / max(first, 1e-3)))))
    taken = [[] for _ in engines]
    for turn in range(TURNS):
        for engine, times, number in zip(engines, taken, turns, strict=True):
            asked = (turn * QUERIES_A_TURN + np.arange(number)) % len(queries)
            times += list(milliseconds(lambda e=engine, at=at: e.nearest(queries[at : at + 1], k) for at in asked))
    return [float(np.median(times)) for times in taken]


def measure(names, shape, codes, queries, width_bits, threads, batch, absent):
    """A row of the table for each engine; of one that isn't installed, why, in *absent*."""
    k = neighbours_asked(len(codes))
    true_kth = truth(codes, queries, width_bits)
    built = []
    for name in names:
        options = OPTIONS[name](len(codes)) if name in OPTIONS else {}
        try:
            engine, build_ms = build(name, codes, queries, width_bits, threads, **options)
        except (MissingExtra, ModuleNotFoundError) as missing:
            absent[name] = str(missing)
            continue
        built.append((name + (f" ({options['n_trees']} trees)" if options else ""), engine, build_ms))
    single = single_ms([engine for _, engine, _ in built], queries, k, 2000)
    rows = []
    for (name, engine, build_ms), query_ms in zip(built, single, strict=True):
        ids, _ = engine.nearest(queries[:SAMPLE], k)
        crowd = queries[: max(2, min(batch, int(4000 / query_ms)))]  # some seconds for the slowest
        repeats = 3 if query_ms * len(crowd) < 3000 else 1
        batch_ms = np.median(milliseconds([lambda e=engine, crowd=crowd: e.nearest(crowd, k)] * repeats)) / len(crowd)
        row = {"shape": shape, "codes": len(codes), "width_bits": width_bits, "k": k, "engine": name}
        row |= {"threads": threads, "build_ms": round(build_ms, 1)}
        row["megabytes"] = None if engine.bytes_used is None else round(engine.bytes_used / 1e6, 2)
        row |= {"query_ms": round(query_ms, 4), "batch_query_ms": round(float(batch_ms), 5)}
        rows.append(row | {"recall": round(recall(codes, queries[:SAMPLE], ids, true_kth), 3)})
    return rows


def sweep(name, shape, codes, queries, width_bits, true_kth):
    """Time and recall of one engine at several efforts; an exact engine has one point."""
    engine, _ = build(name, codes, queries, width_bits, 1)
    points = []
    for effort in EFFORTS.get(name, (None,)):
        exert(name, engine, effort)
        ids, _ = engine.nearest(queries[:SAMPLE], K)
        points.append(
            {
                "engine": name,
                "shape": shape,
                "codes": len(codes),
                "effort": effort,
                "query_ms": round(single_ms([engine], queries, K, 500)[0], 4),
                "recall": round(recall(codes, queries[:SAMPLE], ids, true_kth), 3),
            }
        )
    return points


def exert(name, engine, effort):
    if name == "annoy":
        engine._search_k = effort
    elif name == "faiss_hnsw":
        engine._candidates = effort
        engine._rows.index_if_built.hnsw.efSearch = effort
    elif name == "usearch":
        engine._rows.index_if_built.expansion_search = effort


def circumstances():
    versions = {"lookalike": lookalike.__version__}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "command": " ".join(["python", *sys.argv]),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "kernel": kernel_level(),
        "python": platform.python_version(),
        "versions": versions,
        "idle_cores": idle_cores(),
    }


def idle_ticks():
    """Ticks that cores were idle, and all ticks, since the system started; None where it doesn't tell."""
    try:
        with open("/proc/stat", encoding="ascii") as lines:
            numbers = [int(number) for number in lines.readline().split()[1:9]]
    except OSError:
        return None
    return numbers[3] + numbers[4], sum(numbers)  # proc_stat(5): idle and iowait; guest time is part of user's


def idle_since(before):
    """How many cores were idle since *before*, as ``idle_ticks`` gave it; all of them where the system doesn't tell."""
    after = idle_ticks()
    if before is None or after is None:
        return os.cpu_count()
    return round(os.cpu_count() * (after[0] - before[0]) / max(1, after[1] - before[1]), 1)


def idle_cores():
    """How many cores nobody else uses, over half a second."""
    before = idle_ticks()
    time.sleep(0.5)
    return idle_since(before)


def cores_become_idle(cores, patience_s=30.0):
    """Whether so many cores are idle at once before the patience ends."""
    deadline = time.monotonic() + patience_s
    while idle_cores() < cores - 0.2:
        if time.monotonic() > deadline:
            return False
    return True


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"
