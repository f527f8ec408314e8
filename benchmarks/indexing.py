"""Indexing a folder from cold and again, beside the plain imagehash loop in the same run.

    python benchmarks/indexing.py FOLDER... [--recipes phash,dhash,whash,colorhash] [--json]

The classic loop opens every picture anew for every family, as its users write it, in one process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import imagehash
import PIL
from PIL import Image

CLASSIC = {
    "ahash": imagehash.average_hash,
    "phash": imagehash.phash,
    "phash_simple": imagehash.phash_simple,
    "dhash": imagehash.dhash,
    "dhash_vertical": imagehash.dhash_vertical,
    "whash": imagehash.whash,
    "colorhash": imagehash.colorhash,
}
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def time_classic_loop(files: list[Path], recipes: list[str]) -> float:
    started = time.perf_counter()
    for recipe in recipes:
        for file in files:
            with Image.open(file) as image:
                CLASSIC[recipe](image)
    return time.perf_counter() - started


def time_command(folder: Path, recipes: list[str], catalog: Path) -> tuple[float, dict[str, int]]:
    command = [sys.executable, "-m", "lookalike", "index", str(folder), "--fingerprints", ",".join(recipes)]
    started = time.perf_counter()
    done = subprocess.run([*command, "--catalog", str(catalog), "--json"], capture_output=True, check=False)
    return time.perf_counter() - started, json.loads(done.stdout)


def measure(folder: Path, recipes: list[str]) -> dict[str, object]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    with tempfile.TemporaryDirectory() as scratch:
        catalog = Path(scratch) / "bench.lookalike"
        cold, report = time_command(folder, recipes, catalog)
        again, repeated = time_command(folder, recipes, catalog)
        size = catalog.stat().st_size
    assert repeated["unchanged"] == len(files), repeated
    classic = time_classic_loop(files, recipes)
    return {
        "folder": folder.name,
        "files": len(files),
        "recipes": ",".join(recipes),
        "classic_s": round(classic, 2),
        "cold_s": round(cold, 2),
        "times_faster": round(classic / cold, 1),
        "unchanged_s": round(again, 2),
        "catalog_bytes_per_file": size // len(files),
        "indexed": report["indexed"],
        "failed": report["failed"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[DATA / "clothing" / "images", DATA / "photos-large"])
    parser.add_argument("--recipes", default="phash,dhash,whash,colorhash")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [measure(folder, options.recipes.split(",")) for folder in options.folders if folder.is_dir()]
    if not rows:
        sys.exit("No folder of pictures given, and none beside the project.")
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Pillow {PIL.__version__}, imagehash {imagehash.__version__}"
    )
    for row in rows:
        print("; ".join(f"{name} {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
