"""What the default search costs among a million pictures, on one core, and where the time goes.

    python benchmarks/default_search.py FOLDER [--images 1000000] [--queries 60] [--profile]

The catalog holds the photos of FOLDER and made-up ones besides: codes drawn as benchmarks/parts.py draws them, so that
common parts stay common. Its indexes are resident and warm. Queries are photos as they are and photos that were cut;
the files that the parts name are opened and compared, as in use. Decoding and fingerprinting the query, and reading
the files that prove a part, are stated apart: they cost the same among a thousand pictures.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import os
import pstats
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from parts import PARTS, draw_codes
from parts_attacks import ATTACKS
from PIL import Image

from lookalike import Catalog
from lookalike.catalog import ContentFacts, FileResult, FileStat, Store
from lookalike.fingerprints import parse_recipe
from lookalike.images import Limits
from lookalike.jobs import find_known_parts, find_lookalikes
from lookalike.jobs.fingerprint_source import fingerprint_laid_source, fingerprint_source
from lookalike.jobs.recipe_rows import load_recipe_rows
from lookalike.model import Fingerprint
from lookalike.settings import Settings

RECIPES = [parse_recipe(name) for name in ("pdq", "parts", "look")]
FLIPPED = {"pdq": 0.25, "look": 0.2}  # of the bits of a drawn code: about as far as another photo of the same kind
BATCH = 5_000


class Timers:
    """Processor seconds by step of the query that runs, steps within steps taken off."""

    def __init__(self):
        self.spent = []
        self.now = defaultdict(float)
        self.inner = [0.0]

    def wrap(self, module, name, step):
        call = getattr(module, name)

        def timed(*args, **named):
            begin = time.process_time()
            self.inner.append(0.0)
            try:
                return call(*args, **named)
            finally:
                took = time.process_time() - begin
                self.now[step] += took - self.inner.pop()
                self.inner[-1] += took

        setattr(module, name, timed)
        return timed

    def close(self, whole):
        self.now["the rest"] = whole - sum(self.now.values())
        self.now["all"] = whole
        self.spent.append(defaultdict(float, {step: took * 1e3 for step, took in self.now.items()}))
        self.now.clear()


def fill(path: Path, folder: Path, images: int, rng: np.random.Generator) -> None:
    photos = photos_of(folder)
    made = [fingerprint_source(one, RECIPES, Limits())[1] for one in photos]
    codes = {str(recipe): np.concatenate([one[at].codes for one in made]) for at, recipe in enumerate(RECIPES)}
    with Store.open(path) as store:
        scan = store.begin_scan([folder, path.parent / "pictures"])
        store.record(scan, [row(one, at, prints) for at, (one, prints) in enumerate(zip(photos, made, strict=True))])
        for begin in range(len(photos), images, BATCH):
            drawn = [draw(codes, recipe, min(BATCH, images - begin), rng) for recipe in RECIPES]
            rows = []
            for at, several in enumerate(zip(*drawn, strict=True)):
                prints = [Fingerprint(recipe, (code.tobytes(),)) for recipe, code in zip(RECIPES, several, strict=True)]
                rows.append(row(path.parent / "pictures" / f"{begin + at:07}.jpg", begin + at, prints))
            store.record(scan, rows)


def photos_of(folder):
    """Every so many: 500 of them are enough to draw from."""
    photos = sorted(one for one in folder.rglob("*") if one.suffix.lower() in (".jpg", ".jpeg"))
    return photos[:: max(1, len(photos) // 500)]


def draw(codes, recipe, number, rng):
    held = codes[str(recipe)]
    if recipe == PARTS:
        return draw_codes(held, number, rng)
    flipped = np.packbits(rng.random((number, recipe.width_bits), np.float32) < FLIPPED[str(recipe)], axis=1)
    return held[rng.integers(0, len(held), number)] ^ flipped


def row(path, number, fingerprints):
    content = ContentFacts(number.to_bytes(32, "big"), 30_000, 400, 533, "JPEG", "RGB")
    stat = FileStat(30_000, 10**18, 10**18, 1, number + 1)
    return FileResult(os.fsencode(path), stat, "indexed", content=content, fingerprints=tuple(fingerprints))


def watch(catalog):
    """Timers in the steps of the search."""
    timers = Timers()
    catalog.make_fingerprints = timers.wrap(find_lookalikes, "fingerprint_laid_source", "query: decode, fingerprints")
    assert find_lookalikes.fingerprint_laid_source is not fingerprint_laid_source
    timers.wrap(find_known_parts, "ask_parts", "query: its parts")
    timers.wrap(find_known_parts, "verify_file", "files that prove parts")
    timers.wrap(find_known_parts, "find_parts", "parts")
    timers.wrap(find_lookalikes, "weigh_query", "chance")
    timers.wrap(find_lookalikes, "make_matches", "paths and attributes")
    ask = find_lookalikes.ask_whole

    def ask_whole(findings, index, *rest):
        stepped[str(index.recipe)](findings, index, *rest)

    stepped = {}
    for recipe in ("pdq", "look"):
        find_lookalikes.ask_whole = ask
        stepped[recipe] = timers.wrap(find_lookalikes, "ask_whole", recipe)
    find_lookalikes.ask_whole = ask_whole
    return timers


def queries_of(folder, number, rng):
    photos = photos_of(folder)
    for at in rng.permutation(len(photos))[:number].tolist():
        image = Image.open(photos[at]).convert("RGB")
        for name in ("as it is", "crop25"):
            file = io.BytesIO()
            ATTACKS[name](image, rng).save(file, "JPEG", quality=75)
            yield photos[at], file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--catalog", type=Path, help="kept here, for another run")
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = asked.catalog or Path(scratch) / "million.lookalike"
        if not path.exists():
            fill(path, asked.folder.resolve(), asked.images, np.random.default_rng(5))
        with Catalog(path, settings=Settings(), resident=True) as catalog:
            measure(catalog, asked)


def measure(catalog, asked):
    queries = list(queries_of(asked.folder.resolve(), asked.queries, np.random.default_rng(6)))
    for _, query in queries[: len(queries) // 2]:  # loads the indexes, and the planner learns what it costs
        catalog.find(query)
    tell_sizes(catalog)
    if asked.profile:
        profile = cProfile.Profile(time.process_time)  # of the processor: others may be at work
        for _, query in queries:
            profile.runcall(catalog.find, query)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    timers, hits, walls = watch(catalog), [], []
    for path, query in queries:
        timers.inner = [0.0]
        wall, begin = time.perf_counter(), time.process_time()
        found = catalog.find(query)
        timers.close(time.process_time() - begin)
        walls.append((time.perf_counter() - wall) * 1e3)
        hits.append(bool(found.matches) and found.matches[0].path == str(path))
    print(f"{len(queries)} queries, found first {np.mean(hits):.2f}; processor's milliseconds of one core")
    outside = ("query: decode, fingerprints", "query: its parts", "files that prove parts")
    spent = {step: np.array([one[step] for one in timers.spent]) for step in sorted(set().union(*timers.spent))}
    spent["the search alone"] = spent["all"] - sum(spent[step] for step in outside)
    for step, took in spent.items():
        print(f"| {step} | {np.median(took):.2f} | {np.percentile(took, 90):.2f} |")
    print(f"wall clock: median {np.median(walls):.1f} ms, 90 % {np.percentile(walls, 90):.1f} ms")


def tell_sizes(catalog):
    """With the tables that the questions before have paid for."""
    total = 0.0
    for recipe in RECIPES:
        index = catalog.load_index(recipe, catalog.settings.engine)
        contents = len(load_recipe_rows(catalog.store, recipe).owners)
        besides = index.owners.nbytes + (0 if index.places is None else index.places.nbytes)
        words = 0 if np.shares_memory(index.engine._rows.words, index.words) else index.words.nbytes
        bytes_each = (index.engine.bytes_used + besides + words) / contents
        total += bytes_each
        print(f"{recipe}: {contents:,} pictures, {bytes_each:.0f} bytes each in memory")
    print(f"all: {total:.0f} bytes each")


if __name__ == "__main__":
    main()
