"""A million small pictures: does the rate hold to the end, does memory stay flat, how fast is a rescan?

    python benchmarks/million.py [--files 1000000] [--folder DIR] [--recipes dhash] [--json]

The pictures are 64 x 64 JPEGs of some hundred drawings; each file has a content of its own, by a number in a JPEG
comment behind its first marker, where no decoder takes it for pixels. ``lookalike index`` runs as a whole process; its
rate, its processor time and the resident memory of it and of its workers are noted at every line of progress. Then it
runs twice more over the unchanged tree.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

DRAWINGS = 500
IN_A_FOLDER = 1_000
TENTHS = 10


def draw(seed: int) -> bytes:
    """A JPEG of smooth noise, like a thumbnail: some 1.5 KB."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    told = io.BytesIO()
    Image.fromarray(coarse).resize((64, 64), Image.Resampling.BICUBIC).save(told, "JPEG", quality=85)
    return told.getvalue()


def make_pictures(folder: Path, count: int) -> None:
    """*count* files in folders of ``IN_A_FOLDER``; what is there already from an earlier call is left."""
    drawings = [draw(seed) for seed in range(DRAWINGS)]
    for first in range(0, count, IN_A_FOLDER):
        place = folder / f"{first // IN_A_FOLDER:05}"
        if place.exists():
            continue
        unfinished = folder / "unfinished"
        unfinished.mkdir(parents=True)
        for number in range(first, min(first + IN_A_FOLDER, count)):
            drawing = drawings[number % DRAWINGS]
            comment = b"\xff\xfe\x00\x0a" + number.to_bytes(8, "big")  # COM, its length with the length itself
            with open(unfinished / f"{number:07}.jpg", "wb") as file:
                file.write(drawing[:2] + comment + drawing[2:])
        unfinished.rename(place)


def resident_mb(process: int) -> float:
    """Resident memory of a process in MB, 0 where it has ended."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return 0.0


def processor_s(process: int) -> float:
    """Processor time of a process up to now, 0 where it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


def children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


class Seen(NamedTuple):
    """What was so when a line of progress came."""

    elapsed_s: float
    done: int
    parent_mb: float
    worker_mb: float
    parent_s: float
    workers_s: float


def index(folder: Path, catalog: Path, recipes: str) -> dict[str, object]:
    """One run of the command: its report, and what was seen of it at each line of progress."""
    command = [sys.executable, "-m", "lookalike", "index", str(folder), "--catalog", str(catalog), "--json"]
    started = time.perf_counter()
    run = subprocess.Popen(
        [*command, "--fingerprints", recipes, "--progress", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    seen = []
    for line in run.stderr:
        if line.startswith("{"):
            progress = json.loads(line)
            workers = children(run.pid)
            seen.append(
                Seen(
                    time.perf_counter() - started,
                    progress["done"],
                    resident_mb(run.pid),
                    max(map(resident_mb, workers), default=0.0),
                    processor_s(run.pid),
                    sum(map(processor_s, workers)),
                )
            )
    report = json.loads(run.stdout.read())
    run.wait()
    return {"seconds": time.perf_counter() - started, "report": report, "seen": seen}


def by_tenths(seen: list[Seen], files: int) -> list[dict[str, float]]:
    """Rate, processor time and memory in each tenth of the files."""
    tenths, since = [], Seen(0, 0, 0, 0, 0, 0)
    for tenth in range(1, TENTHS + 1):
        rows = [row for row in seen if since.done < row.done <= files * tenth / TENTHS]
        if not rows:
            continue
        last = rows[-1]
        count = last.done - since.done
        tenths.append(
            {
                "files": last.done,
                "a_second": round(count / (last.elapsed_s - since.elapsed_s)),
                "parent_us_a_file": round((last.parent_s - since.parent_s) / count * 1e6),
                "workers_us_a_file": round((last.workers_s - since.workers_s) / count * 1e6),
                "parent_mb": round(max(row.parent_mb for row in rows)),
                "worker_mb": round(max(row.worker_mb for row in rows)),
            }
        )
        since = last
    return tenths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the pictures are made, and kept for the next time")
    parser.add_argument("--recipes", default="dhash")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "pictures"
        make_pictures(folder, options.files)
        catalog = Path(scratch) / "bench.lookalike"
        cold = index(folder, catalog, options.recipes)
        size = sum(path.stat().st_size for path in Path(scratch).glob("bench.lookalike*"))
        if cold["report"]["indexed"] != options.files:
            raise SystemExit(f"not every picture was indexed: {cold['report']}")
        again = [index(folder, catalog, options.recipes) for _ in range(2)]
    result = {
        "files": options.files,
        "recipes": options.recipes,
        "cold_s": round(cold["seconds"], 1),
        "catalog_bytes_a_picture": size // options.files,
        "rescan_s": [round(run["report"]["seconds"], 2) for run in again],
        "rescan_files_a_second": round(options.files / min(run["report"]["seconds"] for run in again)),
        "rescan_parent_mb": round(max(row.parent_mb for run in again for row in run["seen"])),
        "tenths": by_tenths(cold["seen"], options.files),
    }
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    tenths = result.pop("tenths")
    print("; ".join(f"{name} {value}" for name, value in result.items()))
    print("| files | a second | parent, us a file | workers, us a file | parent MB | largest worker MB |")
    print("|---|---|---|---|---|---|")
    for row in tenths:
        print("| " + " | ".join(f"{value:,}" for value in row.values()) + " |")


if __name__ == "__main__":
    main()
