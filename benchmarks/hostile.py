"""Index a folder of files made to break an indexer, by the real command line, and count what became of each.

    python benchmarks/hostile.py [--every-percent 1] [--flips 20] [--seed 0] [--workers 2] [FOLDER …]

FOLDERs of further odd files are indexed in a second run. Exits with 1 where a promise is broken: the parent ends well,
every path is in the ledger with a reason or its content, no worker takes more memory than its limit, nothing is decoded
beyond the pixel limit, and no process is left behind.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hostile_files import bombs, broken_copies, good_files

from lookalike.catalog import Store
from lookalike.images import Limits

START_BYTES = 300 << 20  # what a worker holds before its first file, code of all libraries included


@dataclass
class Outcome:
    """What an indexing run did."""

    returncode: int
    seconds: float
    peak_worker_bytes: int
    paths: int
    by_reason: dict[str, int]
    problems: list[str]
    notable: list[str] = field(default_factory=list)


def write_files(
    folder: Path, *, every_percent: int, flips: int, seed: int, leave_out: frozenset[str] = frozenset()
) -> int:
    """Write the good files, their broken copies and the bombs below *folder*; how many."""
    groups = {
        "good": good_files().items(),
        "broken": broken_copies(seed, every_percent=every_percent, flips=flips),
        "bombs": ((name, make()) for name, make in bombs() if name not in leave_out),
    }
    count = 0
    for group, files in groups.items():
        (folder / group).mkdir(parents=True)
        for name, data in files:
            (folder / group / name).write_bytes(data)
            count += 1
    return count


def children_of(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def resident_bytes(pid: int) -> int:
    """The most that a process has held so far."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    except OSError:
        pass
    return 0


def index(folder: Path, catalog: Path, *, workers: int, timeout_s: float, memory_mb: int, give_up_s: float) -> Outcome:
    """Index *folder* by the command line while looking at its workers, and hold the ledger against what is there."""
    environment = {
        **os.environ,
        "LOOKALIKE_WORKERS": str(workers),
        "LOOKALIKE_TIMEOUT_S": str(timeout_s),
        "LOOKALIKE_MEMORY_MB": str(memory_mb),
    }
    command = [sys.executable, "-m", "lookalike", "index", str(folder), "--catalog", str(catalog), "--json"]
    command += ["--fingerprints", "phash,dhash"]
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        run = subprocess.Popen(command, stdout=out, stderr=err, text=True, env=environment)
        peaks: dict[int, int] = {}
        problems = []
        while run.poll() is None:
            for pid in children_of(run.pid):
                peaks[pid] = max(peaks.get(pid, 0), resident_bytes(pid))
            if time.monotonic() - started > give_up_s:
                run.kill()
                problems.append(f"it hung: not done after {give_up_s:g} s")
                run.wait()
                break
            time.sleep(0.02)
        seconds = time.monotonic() - started
        out.seek(0)
        err.seek(0)
        report, said = out.read(), err.read()
    if run.returncode not in (0, 1):
        problems.append(f"it ended with {run.returncode}: {said[-500:]}")
    left = [pid for pid in peaks if Path(f"/proc/{pid}").exists() and is_ours(pid)]
    problems += [f"process {pid} is left behind" for pid in left]
    peak = max(peaks.values(), default=0)
    if peak > START_BYTES + (memory_mb << 20):
        problems.append(f"a worker took {peak >> 20} MiB, the limit is {memory_mb} MiB beyond its start")
    by_reason, notable, missing = read_ledger(folder, catalog, problems)
    problems += [f"not in the ledger: {path}" for path in missing[:10]]
    if report and sum(json.loads(report)[word] for word in ("indexed", "duplicate", "skipped", "failed")) != sum(
        by_reason.values()
    ):
        problems.append("the report's counts aren't the ledger's")
    return Outcome(run.returncode, seconds, peak, sum(by_reason.values()), by_reason, problems, notable)


def is_ours(pid: int) -> bool:
    try:
        return b"lookalike" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def read_ledger(folder: Path, catalog: Path, problems: list[str]) -> tuple[dict[str, int], list[str], list[str]]:
    """Counts by reason, the paths whose reason says that a process had to be ended, and those that are missing."""
    expected = {os.fsencode(path) for path in folder.resolve().rglob("*") if path.is_file() and not path.is_symlink()}
    counts: Counter[str] = Counter()
    notable = []
    with Store.open(catalog, read_only=True) as store:
        for entry in store.ledger():
            expected.discard(entry.path)
            reason = entry.reason or entry.outcome
            counts[reason] += 1
            if entry.reason in {"crashed", "timed-out", "out-of-memory", "error"}:
                notable.append(f"{entry.reason}: {os.fsdecode(entry.path)} ({entry.detail})")
            if entry.outcome not in {"indexed", "unchanged", "duplicate"} and not entry.reason:
                problems.append(f"no reason for {entry.path!r}")
            if entry.reason == "error":
                problems.append(f"no error of ours: {entry.path!r} {entry.detail}")
        most = Limits().max_pixels
        problems += [
            f"{record.path} was decoded beyond the limit: {record.width} x {record.height}"
            for record in store.contents(store.present_contents())
            if record.width * record.height > most
        ]
    return dict(counts.most_common()), notable, [os.fsdecode(path) for path in sorted(expected)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--every-percent", type=int, default=1)
    parser.add_argument("--flips", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory-mb", type=int, default=5120)
    parser.add_argument("--timeout-s", type=float, default=20.0)
    options = parser.parse_args()
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "files"
        count = write_files(made, every_percent=options.every_percent, flips=options.flips, seed=options.seed)
        for number, folder in enumerate([made, *options.folders]):
            outcome = index(
                folder,
                Path(scratch) / f"{number}.lookalike",
                workers=options.workers,
                timeout_s=options.timeout_s,
                memory_mb=options.memory_mb,
                give_up_s=3600,
            )
            name = f"{count} files made" if folder is made else str(folder)
            print(f"{name}: {outcome.paths} in the ledger, {outcome.seconds:.0f} s, exit status {outcome.returncode}, ")
            print(f"  the largest worker {outcome.peak_worker_bytes >> 20} MiB")
            for reason, files in outcome.by_reason.items():
                print(f"  {files:6} {reason}")
            for line in [*outcome.notable, *(f"BROKEN: {problem}" for problem in outcome.problems)]:
                print(f"  {line}")
            problems += outcome.problems
    print("every promise held" if not problems else f"{len(problems)} promises broken")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
