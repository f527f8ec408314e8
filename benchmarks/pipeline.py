"""Indexing whole folders from cold with dhash alone, beside imgdd and czkawka over the same files in the same run.

    python benchmarks/pipeline.py [--times 10] [--large 200] [--rounds 3] [--recipes dhash] [--only NAMES] [--json]

The photos of clothing are made several times as many by trailing bytes, which no decoder looks at, so that each file is
a content of its own; camera photos likewise. Every contender is a whole process over the same warm files, in turns, and
the least time of the rounds counts; so does the processor time of the process and its children, which hangs less on
what else the machine does. Start-up is taken off and stated apart: what the same process takes for as many
pictures as there are workers. Lookalike's time holds the scan, the content hashes and the catalog's writes; imgdd
gives a dictionary of hashes; czkawka also compares them, and starts with an empty cache.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
IMGDD = "import sys, imgdd; print(len(imgdd.hash(sys.argv[1], algo='dhash')))"
CZKAWKA = """
import sys
from pathlib import Path
from czkawka import ImageSimilarity
finder = ImageSimilarity()
finder.set_directories([Path(sys.argv[1])])
finder.set_similarity(0)
print(sum(map(len, finder.find_similar())))
"""


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clothing", type=Path, default=DATA / "clothing" / "images")
    parser.add_argument("--photos", type=Path, default=DATA / "photos-large")
    parser.add_argument("--times", type=int, default=10, help="how often each photo of clothing is repeated")
    parser.add_argument("--large", type=int, default=200, help="how many camera photos there are in all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--recipes", default="dhash")
    parser.add_argument("--only", default="lookalike,imgdd,czkawka", help="contenders, comma-separated")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def repeat(source: Path, folder: Path, total: int) -> Path:
    """*folder* with *total* files, each a photo of *source* and a number behind its end mark."""
    photos = sorted(source.glob("*.jpg"))
    folder.mkdir(parents=True)
    for number in range(total):
        photo = photos[number % len(photos)]
        (folder / f"{number:06}.jpg").write_bytes(photo.read_bytes() + number.to_bytes(4, "big"))
    return folder


class Took(NamedTuple):
    """Seconds by the clock, and of the processor, children's included."""

    clock_s: float
    processor_s: float


def run_timed(command: list[str], **environment: str) -> tuple[Took, str]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=True, text=True, env={**os.environ, **environment})
    clock_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(clock_s, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime), done.stdout


def run_lookalike(recipes: str, folder: Path, scratch: Path) -> Took:
    command = [sys.executable, "-m", "lookalike", "index", str(folder), "--fingerprints", recipes, "--json"]
    took, out = run_timed([*command, "--catalog", str(scratch / "bench.lookalike")])
    report = json.loads(out)
    if report["indexed"] != len(list(folder.iterdir())):
        raise SystemExit(f"not every picture was indexed: {report}")
    return took


def run_imgdd(folder: Path, _scratch: Path) -> Took:
    return run_timed([sys.executable, "-c", IMGDD, str(folder)])[0]


def run_czkawka(folder: Path, scratch: Path) -> Took:
    places = {name: str(scratch) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    return run_timed([sys.executable, "-c", CZKAWKA, str(folder)], **places)[0]


def least_seconds(contenders: dict[str, Callable[[Path, Path], Took]], folder: Path, rounds: int) -> dict[str, Took]:
    """Each contender's best times over *folder*, asked in turns, each time from cold."""
    best = dict.fromkeys(contenders, Took(float("inf"), float("inf")))
    for _ in range(rounds):
        for name, run in contenders.items():
            with tempfile.TemporaryDirectory() as scratch:
                best[name] = Took(*map(min, best[name], run(folder, Path(scratch))))
    return best


def measure(options: argparse.Namespace, scratch: Path) -> Iterator[dict[str, object]]:
    every = {
        "lookalike": lambda folder, place: run_lookalike(options.recipes, folder, place),
        "imgdd": run_imgdd,
        "czkawka": run_czkawka,
    }
    contenders = {name: every[name] for name in options.only.split(",")}
    for source, total in ((options.clothing, None), (options.photos, options.large)):
        if not source.is_dir():
            continue
        total = len(list(source.glob("*.jpg"))) * options.times if total is None else total
        if not total:
            continue
        folder = repeat(source, scratch / source.parent.name / source.name, total)
        few = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        first = repeat(source, scratch / "few" / source.name, few)
        whole = least_seconds(contenders, folder, options.rounds)
        start = least_seconds(contenders, first, options.rounds)
        for name in contenders:
            yield {
                "pictures": source.name if source.name != "images" else source.parent.name,
                "files": total,
                "contender": name,
                "start_s": round(start[name].clock_s, 2),
                "whole_s": round(whole[name].clock_s, 2),
                "a_second": round((total - few) / max(whole[name].clock_s - start[name].clock_s, 1e-9), 1),
                "processor_us": round(1e6 * (whole[name].processor_s - start[name].processor_s) / (total - few)),
            }


def main() -> None:
    options = parse_arguments()
    with tempfile.TemporaryDirectory() as scratch:
        rows = list(measure(options, Path(scratch)))
    if not rows:
        raise SystemExit("No photos were found; name folders with --clothing and --photos.")
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    peers = ", ".join(f"{name} {version(name)}" for name in options.only.split(",") if name != "lookalike")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {peers}")
    print("| pictures | files | | start-up s | whole s | pictures a second | processor us a picture |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            "| " + " | ".join(f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()) + " |"
        )


if __name__ == "__main__":
    main()
