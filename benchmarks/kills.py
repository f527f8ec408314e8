"""Kill an indexing run at random moments (SIGKILL), again and again: what is left, and does the end come out right?

    python benchmarks/kills.py [--kills 200] [--files 3000] [--seed 0] [--json]

Each run goes on where the one before was killed, and is killed after a random time, up to half of what a whole run
takes. After each kill SQLite's integrity_check and the catalog's own check must find nothing. The work that was lost is
what the last line of progress said was done and the catalog doesn't hold, in seconds at the rate of then. When a run
has finished before its kill came, its catalog is compared with that of a run that nobody disturbed, and the next one
begins anew.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from lookalike.catalog import Store
from lookalike.jobs.draw_shop import draw_shop

RECIPES = "phash,dhash,whash,colorhash"
DONE_EVERY_S = 0.5  # how often a line of progress comes
MARK = f"LOOKALIKE_KILLS_BENCHMARK={os.getpid()}"  # inherited by all that a run starts


def make_pictures(folder: Path, count: int) -> Path:
    """*count* files that differ by what comes behind their end mark."""
    for _ in draw_shop(folder, 20):
        pass
    drawn = [path.read_bytes() for path in sorted((folder / "images").iterdir())]
    for number in range(count):
        place = folder / "many" / f"{number // 500:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06}.jpg").write_bytes(drawn[number % len(drawn)] + number.to_bytes(4, "big"))
    return folder / "many"


def start(folder: Path, catalog: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lookalike", "index", str(folder), "--catalog", str(catalog)]
    return subprocess.Popen(
        [*command, "--fingerprints", RECIPES, "--progress", "json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **dict([MARK.split("=")])},
    )


def content_of(catalog: Path) -> list[tuple[object, ...]]:
    """Everything that must be the same, whatever happened on the way: paths, contents and codes, without numbers."""
    with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as db:
        return db.execute(
            "SELECT path, files.outcome, reason, contents.hash, recipes.text, part, code FROM files"
            " LEFT JOIN contents ON contents.id = content_id LEFT JOIN fingerprints USING (content_id)"
            " LEFT JOIN recipes ON recipes.id = recipe_id ORDER BY path, recipes.text, part"
        ).fetchall()


def count_files(catalog: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM files").fetchone()[0]
    except sqlite3.OperationalError:
        return 0  # killed before there were tables


def examine(catalog: Path) -> None:
    """Stop here where anything is wrong with *catalog*."""
    if not catalog.exists():
        return
    with Store.open(catalog) as store:
        problems = store.check().problems  # SQLite's integrity_check first
    if problems:
        raise SystemExit(f"the catalog after a kill: {problems}")


def workers_left() -> int:
    """Processes of killed runs that still live, some seconds after the last kill."""
    time.sleep(3)
    left = 0
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            left += MARK in environment.read_text().split("\0") and int(environment.parent.name) != os.getpid()
        except (OSError, UnicodeDecodeError):
            continue
    return left


def kill_once(folder: Path, catalog: Path, chance: random.Random, whole_s: float) -> tuple[bool, float]:
    """(whether the run was killed before its end, seconds of work that were lost)."""
    run = start(folder, catalog)
    killed_after_s = chance.uniform(0, whole_s)
    started = time.monotonic()
    try:
        run.wait(killed_after_s)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
    killed = run.wait() == -signal.SIGKILL
    lived_s = time.monotonic() - started
    told = [json.loads(line) for line in (run.stderr.read() if run.stderr else "").splitlines() if line[:1] == "{"]
    # What was done when progress was last told, and isn't in the catalog, was lost; at the rate told that is so long.
    lost_s = 0.0
    if killed and told and told[-1]["rate"]:
        known = count_files(catalog)
        lost_s = max(0, told[-1]["done"] - known) / told[-1]["rate"] + DONE_EVERY_S * (told[-1]["done"] > known)
    return killed, min(lost_s, lived_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--files", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = make_pictures(Path(scratch), options.files)
        undisturbed, catalog = Path(scratch) / "undisturbed.lookalike", Path(scratch) / "killed.lookalike"
        began = time.monotonic()
        if start(folder, undisturbed).wait():
            raise SystemExit("the undisturbed run failed")
        whole_s = time.monotonic() - began
        expected = content_of(undisturbed)
        kills = finished = 0
        lost: list[float] = []
        while kills < options.kills or not finished:
            killed, lost_s = kill_once(folder, catalog, chance, whole_s / 2)
            examine(catalog)
            if killed:
                kills += 1
                lost.append(lost_s)
            elif content_of(catalog) != expected:
                raise SystemExit("a run that was killed and went on came out otherwise than the undisturbed one")
            else:
                finished += 1
                for path in Path(scratch).glob("killed.lookalike*"):
                    path.unlink()
            print(f"{kills} kills, {finished} finished", file=sys.stderr)
        left = workers_left()
    row = {
        "files": options.files,
        "undisturbed_s": round(whole_s, 1),
        "kills": kills,
        "finished_equal": finished,
        "most_lost_s": round(max(lost), 2),
        "mean_lost_s": round(sum(lost) / len(lost), 2),
        "workers_left": left,
    }
    print(json.dumps(row, indent=2) if options.json else "; ".join(f"{name} {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
