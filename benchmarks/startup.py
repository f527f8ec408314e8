"""Whole processes on a warm disk: ``--help``, and a search over a catalog of 100,000 pictures.

    python benchmarks/startup.py [--rows 100000] [--changes 20] [--runs 11] [--json]

The catalog is filled with random fingerprints; the query is a drawn picture outside it. Each figure is the median of
whole processes, interpreter included; the bare interpreter is measured beside them. The first search makes the index
file; the last ones each come after a change of the catalog, which they follow.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import blake3
import numpy as np

from lookalike.catalog import ContentFacts, FileResult, FileStat, Store
from lookalike.fingerprints import parse_recipe
from lookalike.model import Fingerprint
from lookalike.rendering.products import make_products

BATCH = 5_000


def fill(catalog: Path, rows: int) -> None:
    """A catalog of *rows* contents with a random whash each, under a root that needs no files."""
    recipe = parse_recipe("whash")
    random = np.random.default_rng(1)
    root = catalog.parent / "pictures"
    root.mkdir()
    with Store.open(catalog) as store:
        scan = store.begin_scan([root])
        for begin in range(0, rows, BATCH):
            codes = random.bytes(8 * BATCH)
            store.record(scan, [make_row(recipe, root, begin + at, codes[8 * at : 8 * at + 8]) for at in range(BATCH)])


def make_row(recipe, root, number, code):
    digest = blake3.blake3(number.to_bytes(8, "big")).digest()  # hashes come in no order, as those of pictures
    content = ContentFacts(digest, 30_000, 400, 533, "JPEG", "RGB")
    path = os.fsencode(root / f"{number:07}.jpg")
    stat = FileStat(30_000, 10**18, 10**18, 1, number + 1)
    return FileResult(path, stat, "indexed", content=content, fingerprints=(Fingerprint(recipe, (code,)),))


def median_ms(command: list[str], runs: int) -> float:
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(times), 1)


def after_changes_ms(search: list[str], catalog: Path, options: argparse.Namespace) -> float:
    """The median of searches that each come right after some pictures came."""
    recipe = parse_recipe("whash")
    root = catalog.parent / "pictures"
    times = []
    for run in range(options.runs):
        with Store.open(catalog) as store:
            scan = store.begin_scan([root])
            fresh = options.rows + run * options.changes
            rows = [make_row(recipe, root, fresh + at, os.urandom(8)) for at in range(options.changes)]
            store.record(scan, rows)
        times.append(median_ms(search, 1))
    return round(statistics.median(times), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=20, help="pictures that come before each of the last searches")
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        catalog, picture = Path(scratch) / "bench.lookalike", Path(scratch) / "query.jpg"
        next(make_products(1)).image.save(picture, quality=88)
        fill(catalog, options.rows)
        lookalike = [sys.executable, "-m", "lookalike"]
        search = [*lookalike, "search", str(picture), "--by", "whash", "--catalog", str(catalog), "--json"]
        figures = {
            "rows": options.rows,
            "catalog_mb": round(catalog.stat().st_size / 1e6, 1),
            "bare_python_ms": median_ms([sys.executable, "-c", ""], options.runs),
            "help_ms": median_ms([*lookalike, "--help"], options.runs),
            "first_search_ms": median_ms(search, 1),  # makes the index file
            "search_ms": median_ms(search, options.runs),
            "search_after_a_change_ms": after_changes_ms(search, catalog, options),
        }
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print("; ".join(f"{name} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
