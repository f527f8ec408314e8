"""Time and recall of every engine and of peers over the same seeded codes, in one run.

    python benchmarks/search.py                      the whole table, some five minutes
    python benchmarks/search.py --quick              smaller codes, half a minute
    python benchmarks/search.py --write              the whole table, into docs/benchmarks.md and its plots
    python benchmarks/search.py --sizes 900 --json   one size, as JSON

The 10 nearest are asked for; of 900 codes the 9 nearest, as the classic way did. Each query is a stored code with three
bits flipped. Asked one at a time, the engines of a size take turns. Recall is the share of the answers no farther than
the true k-th nearest, ties counted alike. The plots need matplotlib; peers that aren't installed are left out, and
named.
"""

from __future__ import annotations

import argparse
import json
import sys

from codes import SHAPES
from figures import EFFORTS, circumstances, cores_become_idle, measure, sweep, truth
from search_report import draw, write_page

QUERIES = 1000
ENGINES = ("exact", "faiss", "annoy", "balltree", "faiss_hnsw", "usearch", "pynear_tree", "pynear_mih")
FLAT = ("exact", "faiss")
# Beyond, a build takes minutes or a query seconds.
LARGEST = {"balltree": 100_000, "annoy": 1_000_000, "reference": 1_000_000, "faiss_hnsw": 100_000, "usearch": 100_000}
LARGEST |= {"pynear_tree": 100_000, "pynear_mih": 100_000}
COLUMNS = "{:<9} {:>9} {:>5} {:>3} {:<18} {:>3} {:>10} {:>8} {:>9} {:>9} {:>7}"
HEADS = ("shape", "codes", "bits", "k", "engine", "thr", "build ms", "MB", "one ms", "batch ms", "recall")


def plan(given):
    """(shape, size, width, engines, threads) of each step."""
    if given.sizes:
        return [
            (shape, size, width, given.engines or ENGINES, given.threads)
            for shape in given.shapes
            for size in given.sizes
            for width in given.widths
        ]
    some = given.engines or ENGINES
    if given.quick:
        steps = [("random", 900, 64, some, 1), ("random", 10_000, 64, some, 1), ("skewed", 10_000, 64, some, 1)]
        return [*steps, ("random", 100_000, 256, FLAT, 2)]
    steps = [("random", size, 64, some, 1) for size in (900, 10_000, 100_000, 1_000_000)]
    wide = ((64, 2), (256, 1), (256, 2), (1024, 1), (1024, 2))
    steps += [("random", 1_000_000, width, FLAT, threads) for width, threads in wide]
    return [*steps, ("skewed", 20_000, 64, some, 1), ("clothing", 0, 64, some, 1)]


def run(given):
    """Every row, and the points of recall against time."""
    results, points, absent = [], [], {}
    for shape, size, width_bits, names, threads in plan(given):
        if threads > 1 and not cores_become_idle(threads):
            # Threads that wait for one another stand still when one of them has no core: FAISS's then take 100 times
            # as long, and that says nothing of FAISS.
            print(f"{size:,} x {width_bits} bits with {threads} threads is left out: cores are busy", file=sys.stderr)
            continue
        made = SHAPES[shape](size, width_bits, QUERIES)
        if made is None:
            print(f"{shape}: the pictures aren't beside the repository, left out", file=sys.stderr)
            continue
        codes, queries = made
        wanted = [name for name in names if name not in absent and len(codes) <= LARGEST.get(name, len(codes))]
        before = set(absent)
        rows = measure(wanted, shape, codes, queries, width_bits, threads, given.batch, absent)
        for name in sorted(absent.keys() - before):
            print(f"{name} is left out: {absent[name]}", file=sys.stderr)
        results += rows
        if not given.json:
            for row in rows:
                show(row)
    if not given.sizes:
        for shape in ("random", "skewed"):
            codes, queries = SHAPES[shape](5_000 if given.quick else 20_000, 64, QUERIES)
            true_kth = truth(codes, queries, 64)
            for name in ("exact", "faiss", *EFFORTS):
                if name not in absent:
                    points += sweep(name, shape, codes, queries, 64, true_kth)
    return results, points


def show(row):
    megabytes = "-" if row["megabytes"] is None else f"{row['megabytes']:,.1f}"
    figures = (f"{row['build_ms']:,.1f}", megabytes, f"{row['query_ms']:.3f}", f"{row['batch_query_ms']:.4f}")
    words = (row["shape"], f"{row['codes']:,}", row["width_bits"], row["k"], row["engine"], row["threads"])
    print(COLUMNS.format(*words, *figures, f"{row['recall']:.3f}"), flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sizes", type=int, nargs="+", help="these sizes and no plots")
    arguments.add_argument("--widths", type=int, nargs="+", default=[64])
    arguments.add_argument("--shapes", nargs="+", choices=SHAPES, default=["random"])
    arguments.add_argument("--engines", nargs="+", help=f"some of: {', '.join(ENGINES)}")
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--batch", type=int, default=QUERIES, help="queries asked in one call")
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--write", action="store_true", help="write docs/benchmarks.md and its plots")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    if given.write and given.sizes:
        arguments.error("--write wants the whole run; leave out --sizes")
    told = circumstances()
    if not given.json:
        for word, value in told.items():
            print(f"{word}: {value}")
        print("\n" + COLUMNS.format(*HEADS))
    results, points = run(given)
    if given.json:
        print(json.dumps({**told, "results": results, "recall_against_time": points}, indent=2))
    else:
        for point in points:
            print(point)
    if given.write:
        write_page(results, points, told)
        draw(results, points)


if __name__ == "__main__":
    main()
