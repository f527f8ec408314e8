"""Measures what the planner's steps cost on this machine, writes them down, and shows what its choices are worth.

    python benchmarks/fit_planner.py             measure and show the table
    python benchmarks/fit_planner.py --write     write src/lookalike/search/planner_costs.py anew besides

The table compares an index that chooses with one that always scans and one that always looks into buckets, each asked
one query at a time and many at once, over random codes, codes as pictures give them, and uneven ones. Ways take turns
in rounds of the same queries, so that what else the machine does falls on all. A time is the mean of a round, trials
of the dearer way included; shown are medians over rounds. The column "over" is the median over rounds of the time of
the chosen way over that of the better one, after one round to learn: 1.5 is the most it should be. Where the last
column says so, nothing is planned: there is so little to compare that the engine scans without asking.

A second table is about single queries before there is an index, which the engine is kept from building: what choosing
adds to a scan. 1.1 is the most it should be.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import functools
import itertools
import math
import os
import platform
import time
from pathlib import Path

import numpy as np

from lookalike.search import _native
from lookalike.search.exact import HammingIndex
from lookalike.search.planned import FEWEST_WORDS_TO_PLAN, PLANNED_QUERIES
from lookalike.search.planner import Planner, values_within
from lookalike.search.planner_costs import COSTS, Costs

SEED = 20260103
LEAST_ROUND_NS, ROUND_NS = 2e6, 20e6  # a way's turn; a scheduler's slice is a few milliseconds
LEAST_ROUNDS, MOST_ROUNDS, CELL_S = 5, 15, 0.5
MOST_OVER, MOST_OVER_A_SCAN = 1.5, 1.1
QUESTIONS = [("within", radius) for radius in (0, 2, 4, 8, 12, 20)] + [("nearest", k) for k in (1, 10, 100)]
TARGET = Path(__file__).parents[1] / "src" / "lookalike" / "search" / "planner_costs.py"


def nanoseconds(call, least_s=0.05):
    """The median over repeated calls, for at least *least_s* seconds and three calls."""
    taken = []
    began = time.perf_counter()
    while len(taken) < 3 or time.perf_counter() - began < least_s:
        begin = time.perf_counter_ns()
        call()
        taken.append(time.perf_counter_ns() - begin)
    return float(np.median(taken))


def held(codes, index):
    engine = HammingIndex(codes.shape[1] * 8, index=index)
    engine.add(np.arange(len(codes)), codes)
    return engine


def solved(counts, times):
    """Costs that are nowhere negative, by least squares of the relative errors."""
    from scipy.optimize import nnls  # here: the package itself needs scipy for one fingerprint only

    return nnls(np.array(counts) / np.array(times)[:, None], np.ones(len(times)))[0].tolist()


def fit_scan(rng):
    """Nanoseconds a call, a query, a word alone and a word among other queries, as the engine's caller sees them."""
    counts, times = [], []
    for rows in (20_000, 100_000, 400_000, 1_000_000, 8_000_000):
        codes = rng.integers(0, 256, (rows, 8), dtype=np.uint8)
        engine = held(codes, "scan")
        for batch in (1, 256):
            asked = codes[rng.integers(0, rows, batch)]
            for ask, reach in ((engine.within, 4), (engine.nearest, 10)):
                counts.append([1 / batch, 1.0, rows * (batch == 1), rows * (batch > 1)])
                times.append(nanoseconds(functools.partial(ask, asked, reach)) / batch)
    return solved(counts, times)


def fit_index(rng):
    """Nanoseconds a call, a query, a look into a bucket, a row found there or answered, and a row put into a table."""
    counts, times, building = [], [], []
    for rows, words in ((20_000, 1), (100_000, 1), (1_000_000, 1), (4_000_000, 1), (1_000_000, 4)):
        codes = rng.integers(0, 256, (rows, 8 * words), dtype=np.uint8)
        begin = time.perf_counter_ns()
        index = _native.MultiIndex(codes.view(np.uint64))
        building.append((time.perf_counter_ns() - begin) / (rows * len(index.widths)))
        engine = held(codes, "multi")
        for radius, batch in itertools.product((0, 2, 4, 6, 8, 10, 12), (1, 256)):
            whole, rest = divmod(radius, len(index.widths))
            looks = found = 0.0
            for place, width in enumerate(index.widths):
                values = values_within(width, whole if place <= rest else whole - 1)
                looks += values
                found += values * rows / 2.0**width
            turns = itertools.cycle([codes[rng.integers(0, rows, batch)] for _ in range(40)])  # not always the same
            counts.append([1 / batch, 1.0, looks, found])
            times.append(nanoseconds(functools.partial(ask_next, engine, turns, radius)) / batch)
    return [*solved(counts, times), fit_hits(rng), float(np.median(building))]


def ask_next(engine, turns, radius):
    """What is within *radius* of the next queries of *turns*."""
    return engine.within(next(turns), radius)


def fit_hits(rng):
    """Nanoseconds a row that is answered: what a wide radius costs more than a narrow one, over the rows more."""
    codes = picture_like(rng, 20_000, 64)
    engine = held(codes, "scan")
    asked = codes[:256]
    narrow, wide = (nanoseconds(functools.partial(engine.within, asked, radius)) for radius in (8, 22))
    more = len(engine.within(asked, 22).ids) - len(engine.within(asked, 8).ids)
    return (wide - narrow) / more


def measured_costs():
    rng = np.random.default_rng(SEED)
    return Costs(*(float(f"{value:.2g}") for value in [*fit_scan(rng), *fit_index(rng)]))


def write(costs):
    text = TARGET.read_text(encoding="utf-8")
    head = text[: text.index("# Measured on")] if "# Measured on" in text else text[: text.index("COSTS = ")]
    values = "".join(f"    {field.name}={getattr(costs, field.name)!r},\n" for field in dataclasses.fields(costs))
    source = f"{processor()}, kernel {_native.level_in_use()}, {dt.datetime.now(dt.UTC).date().isoformat()}"
    TARGET.write_text(f"{head}# Measured on {source}.\nCOSTS = Costs(\n{values})\n", encoding="utf-8")


def processor():
    """The processor's name, as Linux tells it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next(
        (text.split(":", 1)[1].strip() for text in lines if text.startswith("model name")), platform.processor()
    )


def picture_like(rng, rows, width_bits):
    """Related and uneven bits, a third of the rows in families a few bits wide."""
    codes = np.packbits(
        rng.normal(size=(rows, width_bits // 4)).astype(np.float32).repeat(4, axis=1)
        + rng.normal(size=(rows, width_bits)).astype(np.float32)
        > rng.normal(size=width_bits) * 0.7,
        axis=1,
    )
    third = rows // 3
    codes[:third] = codes[rng.integers(third, rows, third)]
    codes[:third] ^= np.packbits(rng.random((third, width_bits), dtype=np.float32) < 0.03, axis=1)
    return rng.permutation(codes)


def planted(rng, rows, width_bits):
    codes = rng.integers(0, 256, (rows, width_bits // 8), dtype=np.uint8)
    codes[: rows // 10] = codes[rows // 10 : rows // 10 * 2]
    codes[: rows // 10] ^= np.packbits(rng.random((rows // 10, width_bits), dtype=np.float32) < 0.05, axis=1)
    return codes


def skewed(rng, rows, width_bits):
    """Bits that are seldom set, so that some buckets are crowded and most are empty."""
    return np.packbits(rng.random((rows, width_bits), dtype=np.float32) < 0.15, axis=1)


SHAPES = {"planted": planted, "picture_like": picture_like, "skewed": skewed}


def ask(engine, queries, kind, reach, batch, most_ns):
    """Nanoseconds a query, the mean of a round: all queries, again where they are quick, fewer where they are slow.

    Of the thread's own time: a turn that the machine gives to somebody else in between isn't the way's.
    """
    begin = time.thread_time_ns()
    done = spent = 0
    places = itertools.cycle(range(0, len(queries), batch))
    while spent < LEAST_ROUND_NS or done < len(queries):
        at = next(places)
        part = queries[at : at + batch]
        engine.nearest(part, reach) if kind == "nearest" else engine.within(part, reach)
        done += len(part)
        spent = time.thread_time_ns() - begin
        if spent > most_ns:
            break
    return spent / done


def measure(engines, queries, kind, reach, batch):
    """Medians over rounds, in which each way has its turn, and the median of the rounds' own ratios: the last of the
    *engines*, which chooses, to the better of the others.
    """
    for engine in engines.values():  # learns, and fills the caches
        ask(engine, queries, kind, reach, batch, ROUND_NS)
    began = time.perf_counter()
    rounds = []
    while len(rounds) < LEAST_ROUNDS or (len(rounds) < MOST_ROUNDS and time.perf_counter() - began < CELL_S):
        rounds.append([ask(engine, queries, kind, reach, batch, ROUND_NS) for engine in engines.values()])
    times = np.array(rounds)
    better = times[:, :-1].min(axis=1)
    return np.median(times, axis=0), np.median(times[:, -1] / better)


def is_planned(rows, width_bits, batch):
    return rows * (width_bits // 64) * min(batch, PLANNED_QUERIES) >= FEWEST_WORDS_TO_PLAN


def without_index(codes):
    """An engine that chooses, and for which an index is too dear to be built."""
    engine = held(codes, "auto")
    engine._planner = Planner(dataclasses.replace(COSTS, table_row_ns=math.inf))
    return engine


def show_single_queries(sizes, widths):
    """What choosing adds to a scan while there is no index, over picture-like codes, where anything is planned."""
    rng = np.random.default_rng(SEED)
    columns = "{:>10} {:>5} {:<11} {:>9} {:>9} {:>6}"
    print("single queries before there is an index")
    print(columns.format("codes", "bits", "question", "scan us", "auto us", "over"))
    ratios = []
    for rows, width_bits in itertools.product(sizes, widths):
        if not is_planned(rows, width_bits, 1):
            print(columns.format(f"{rows:,}", width_bits, "not planned", "", "", ""))
            continue
        codes = picture_like(rng, rows, width_bits)
        engines = {"scan": held(codes, "scan"), "auto": without_index(codes)}
        queries = codes[rng.integers(0, rows, 256)]
        for kind, reach in QUESTIONS:
            times, over = measure(engines, queries, kind, reach, 1)
            ratios.append(over)
            figures = [f"{time_ns / 1e3:.1f}" for time_ns in times]
            print(columns.format(f"{rows:,}", width_bits, f"{kind} {reach}", *figures, f"{over:.2f}"), flush=True)
    if ratios:
        above = sum(ratio > MOST_OVER_A_SCAN for ratio in ratios)
        print(f"over a scan: median {np.median(ratios):.2f}, worst {max(ratios):.2f} of {len(ratios)}")
        print(f"{above} of {len(ratios)} above {MOST_OVER_A_SCAN}")


def show_grid(sizes, widths, shapes):
    rng = np.random.default_rng(SEED)
    columns = "{:>10} {:>5} {:<12} {:<11} {:>5} {:>9} {:>9} {:>9} {:>6} {}"
    print(columns.format("codes", "bits", "kind", "question", "batch", "scan us", "multi us", "auto us", "over", ""))
    ratios = []
    unplanned = 0
    for rows, width_bits, shape in itertools.product(sizes, widths, shapes):
        codes = SHAPES[shape](rng, rows, width_bits)
        engines = {name: held(codes, name) for name in ("scan", "multi", "auto")}
        queries = codes[rng.integers(0, rows, 256)]
        engines["multi"].within(queries[:1], 0)
        for _ in range(2000):  # enough for an index to have paid, where it pays
            engines["auto"].within(queries[:64], 1)
        for (kind, reach), batch in itertools.product(QUESTIONS, (1, 256)):
            times, over = measure(engines, queries, kind, reach, batch)
            planned = is_planned(rows, width_bits, batch)
            if planned:
                ratios.append(over)
            unplanned += not planned
            figures = [f"{time_ns / 1e3:.1f}" for time_ns in times]
            row = [f"{rows:,}", width_bits, shape, f"{kind} {reach}", batch, *figures, f"{over:.2f}"]
            print(columns.format(*row, "" if planned else "not planned"), flush=True)
    print(f"{unplanned} of {unplanned + len(ratios)} are not planned; of the others:")
    if not ratios:
        return
    middle, most = np.quantile(ratios, [0.5, 0.95])
    above = sum(ratio > MOST_OVER for ratio in ratios)
    print(f"chosen way over better way: median {middle:.2f}, 95 % {most:.2f}, worst {max(ratios):.2f} of {len(ratios)}")
    print(f"{above} of {len(ratios)} above {MOST_OVER}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 300_000, 1_000_000])
    arguments.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=list(SHAPES))
    arguments.add_argument("--widths", type=int, nargs="*", default=[64, 256])
    given = arguments.parse_args()
    print(f"{processor()}, {os.cpu_count()} cores, kernel {_native.level_in_use()}, load {os.getloadavg()[0]:.1f}")
    if given.write:
        costs = measured_costs()
        print(costs)
        write(costs)
    if given.sizes:
        show_single_queries(given.sizes, given.widths)
        show_grid(given.sizes, given.widths, given.shapes)


if __name__ == "__main__":
    main()
