"""How soon a change is in the catalog, and what a large catalog costs the ledger and pruning.

    python benchmarks/watching.py [--rows 1000000] [--changes 20]

The catalog gets --rows rows of files that don't exist, under another folder; then a small folder is followed, pictures
are copied, moved and removed in it one after the other, and each time it is noted how long the catalog took to be true.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from lookalike.assembly import Catalog
from lookalike.catalog import ContentFacts, FileResult, FileStat
from lookalike.fingerprints import parse_recipe
from lookalike.jobs.draw_shop import draw_shop
from lookalike.model import Fingerprint

BATCH = 20_000


def fill(catalog, rows, seed=0):
    """Rows of files that were seen once and have vanished since, as far as anybody knows."""
    rng = np.random.default_rng(seed)
    recipe = parse_recipe("whash")
    scan = catalog.store.begin_scan([b"/elsewhere"])
    for begin in range(0, rows, BATCH):
        count = min(BATCH, rows - begin)
        hashes, codes = rng.bytes(32 * count), rng.bytes(8 * count)
        catalog.store.record(
            scan,
            [
                FileResult(
                    b"/elsewhere/%04d/%07d.jpg" % ((begin + n) // 1000, begin + n),
                    FileStat(1000, 1, 1, 5, begin + n),
                    "indexed",
                    content=ContentFacts(hashes[32 * n : 32 * n + 32], 1000, 64, 64, "JPEG", "RGB"),
                    fingerprints=(Fingerprint(recipe, (codes[8 * n : 8 * n + 8],)),),
                )
                for n in range(count)
            ],
        )


def seconds_until(true, limit_s=60.0):
    """How long it takes until *true* gives True."""
    begin = time.perf_counter()
    while not true():
        if time.perf_counter() - begin > limit_s:
            raise TimeoutError(f"not within {limit_s:g} s")
        time.sleep(0.005)
    return time.perf_counter() - begin


def follow(catalog, folder, source, changes):
    """Seconds until the catalog is true, by kind of change."""
    stop, started = threading.Event(), threading.Event()

    def watch():
        for _ in catalog.watch([folder], fingerprints="whash", stop=stop):
            started.set()

    thread = threading.Thread(target=watch)
    thread.start()
    started.wait()
    find = catalog.store.find_content
    taken = {"created": [], "moved": [], "deleted": []}
    for number in range(changes):
        new, moved = folder / f"new-{number}.jpg", folder / f"moved-{number}.jpg"
        new.write_bytes(source.read_bytes() + number.to_bytes(4, "big"))
        taken["created"].append(seconds_until(lambda new=new: find(new) is not None))
        new.rename(moved)
        taken["moved"].append(seconds_until(lambda new=new, moved=moved: find(new) is None and find(moved)))
        moved.unlink()
        taken["deleted"].append(seconds_until(lambda moved=moved: find(moved) is None))
    burst = folder / "burst"
    burst.mkdir()
    for number in range(10_000):
        (burst / f"{number}.jpg").write_bytes(source.read_bytes() + number.to_bytes(4, "big"))
    last = burst / "9999.jpg"
    taken["10,000 at once, since the last was written"] = [seconds_until(lambda: find(last) is not None, 600)]
    shutil.rmtree(burst)
    taken["10,000 gone at once"] = [seconds_until(lambda: find(last) is None, 600)]
    stop.set()
    thread.join()
    return taken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--changes", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        for _ in draw_shop(place, 3):
            pass
        source = min((place / "images").iterdir())
        with Catalog(place / "c.lookalike") as catalog:
            begin = time.perf_counter()
            fill(catalog, options.rows)
            print(f"{options.rows:,} rows made in {time.perf_counter() - begin:.1f} s")
            for what, taken in follow(catalog, place / "images", source, options.changes).items():
                print(f"{what}: median {statistics.median(taken):.2f} s, longest {max(taken):.2f} s, of {len(taken)}")
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            begin = time.perf_counter()
            count = sum(1 for _ in catalog.store.ledger())
            seconds = time.perf_counter() - begin
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            print(f"ledger: {count:,} entries in {seconds:.1f} s, {grown:.0f} MiB more memory than before")
            begin = time.perf_counter()
            scan = catalog.store.begin_scan([place])
            with catalog.store._db.writing():
                catalog.store._db.execute("UPDATE files SET vanished_scan_id = ? WHERE path < x'2F66'", (scan,))
            print(f"marked as vanished in {time.perf_counter() - begin:.1f} s")
            begin = time.perf_counter()
            report = catalog.store.prune_vanished([b"/elsewhere"])
            print(
                f"pruned: {report.files:,} files, {report.contents:,} contents in {time.perf_counter() - begin:.1f} s"
            )
            print(f"sound: {catalog.store.check().ok}; {os.path.getsize(catalog.path) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
