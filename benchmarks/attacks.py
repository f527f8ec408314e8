"""Recall of every fingerprint and of the default search under every attack, with other packages in the same run.

    python benchmarks/attacks.py FOLDER... [--always FOLDER] [--pictures 500] [--minutes N] [--markdown docs/attacks.md]
        [--html OUT]

All photos of all folders are indexed, into a new catalog in a temporary folder or into --catalog; they are the
distractors. Attacked are --pictures of the first folder, drawn by --seed, and all of --always. Every attacked picture
is made once and handed to all. After --minutes it tells of the pictures done until then. Peers
that aren't installed are left out and named.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

import lookalike
from lookalike.evaluation.attacks import ATTACKS, find_attacks
from lookalike.evaluation.measure_recall import EvaluationProgress, RecallPlan
from lookalike.execution import Control
from lookalike.settings import Settings

RECIPES = "pdq,look,phash,dhash,whash,colorhash"
DEFAULT_SEARCH = "pdq,parts,look"  # indexed besides, for what a user who names no recipe is given
PACKAGES = ("pillow", "imagehash", "pdqhash", "pillow-heif", "numpy")


def main():
    arguments = parse()
    with tempfile.TemporaryDirectory(prefix="lookalike-attacks-") as folder:
        catalog = arguments.catalog or Path(folder) / "attacks.lookalike"
        settings = Settings(workers=arguments.workers)
        with lookalike.Catalog(catalog, settings=settings) as opened:
            folders = [*arguments.folders, *arguments.always]
            indexed = opened.index(
                folders, fingerprints=list(dict.fromkeys(f"{arguments.by},{DEFAULT_SEARCH}".split(",")))
            )
            print(f"{indexed.files:,} files, {indexed.failed} failed", file=sys.stderr)
            report = measure(opened, arguments)
            if arguments.html:
                opened.write_evaluation(report, arguments.html)
    if arguments.json:
        arguments.json.write_text(json.dumps(report.as_dict(), indent=1), encoding="utf-8")
    text = write_markdown(report, arguments)
    if arguments.markdown:
        arguments.markdown.write_text(text, encoding="utf-8")
    print(text)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--always", action="append", default=[], type=Path, help="attack every picture of this folder")
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--minutes", type=float, help="stop attacking after so long")
    parser.add_argument("--attacks")
    parser.add_argument("--by", default=RECIPES)
    parser.add_argument("--false-per-million", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--catalog", type=Path)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--html", type=Path)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def measure(opened, arguments):
    """The report of one run; progress on stderr."""
    found, left_out = find_attacks(arguments.attacks)
    chosen = choose(opened, arguments)
    plan = RecallPlan(
        len(chosen), arguments.seed, tuple(found), arguments.false_per_million, left_out=left_out, chosen=chosen
    )
    told, control = 0.0, Control()
    if arguments.minutes:
        timer = threading.Timer(arguments.minutes * 60, control.stop)
        timer.daemon = True
        timer.start()
    for event in opened.evaluate_events(plan, by=arguments.by, peers=arguments.peers, control=control):
        if not isinstance(event, EvaluationProgress):
            return event
        if time.monotonic() - told > 15:
            told = time.monotonic()
            left = "" if event.seconds_left is None else f", {event.seconds_left:,.0f} s left"
            print(f"{event.stage}, {event.done:,} of {event.total:,}{left}", file=sys.stderr, flush=True)
    raise RuntimeError("an evaluation ended without a report")


def choose(opened, arguments):
    """Content ids: some of the first folder, by chance, and all of those that are always attacked."""
    records = opened.store.contents(opened.store.present_contents())

    def ids_under(folder):
        root = os.path.join(os.path.realpath(folder), "")
        named = {os.path.basename(one.paths[0]): one.id for one in records if one.paths[0].startswith(root)}
        return [named[name] for name in sorted(named)]  # by name: ids hang on the order in which files were read

    first = ids_under(arguments.folders[0])
    drawn = np.random.default_rng(arguments.seed).permutation(len(first))[: arguments.pictures]
    always = [content for folder in arguments.always for content in ids_under(folder)]
    return tuple(dict.fromkeys([*always, *(first[place] for place in drawn)]))


def write_markdown(report, arguments):
    """The page of figures."""
    askers = report.askers
    ways = sum(map(len, report.attacks.values()))
    introduction = (
        f"`python benchmarks/attacks.py` with `--pictures {arguments.pictures} --seed {report.seed}`"
        f"{f', stopped after {arguments.minutes:g} minutes' if report.stopped else ''}: "
        f"{report.pictures:,} photos, each changed in {ways} ways and asked for among {report.distractors:,} others. "
        "Recall is the share found within the one limit of each column under which "
        f"{report.false_per_million:g} in a million unrelated pairs match: over everything, over the steps of each "
        f"attack, and at each step. {report.kin} near copies were set aside; {report.unusable} attacked pictures were "
        f"refused. {report.seconds / 60:,.0f} minutes on {os.cpu_count()} cores. {versions()}\n"
    )
    lines = ["# Recall under attacks\n", introduction]
    lines += [f"Left out: {name}, {why}.\n" for name, why in report.left_out.items()]
    heads = ["| | " + " | ".join(one.asker for one in askers) + " |", "|---|" + "---|" * len(askers)]
    lines += heads

    def row(name, cells):
        lines.append(f"| {name} | " + " | ".join(cells) + " |")

    def interval(share):
        return f"{share.share:.1%} ({share.low:.1%} to {share.high:.1%})"

    row("**all attacks**", [interval(one.within) for one in askers])
    row("found first", [f"{one.first.share:.1%}" for one in askers])
    row("among the first 9", [f"{one.among_first.share:.1%}" for one in askers])
    row("limit", [one.threshold.describe() for one in askers])
    row("false matches", [f"{one.threshold.false_matches} of {one.threshold.pairs:,}" for one in askers])
    for name in report.attacks:
        row(name, [f"{one.by_attack[name].share:.1%}" for one in askers])
    lines += ["\n## Every step\n", *heads]
    cells = {(cell.asker, cell.attack, cell.step): cell.within for cell in report.cells}
    for name, steps in report.attacks.items():
        for step in steps:
            row(ATTACKS[name].describe(step), [f"{cells[one.asker, name, step].share:.1%}" for one in askers])
    return "\n".join(lines) + "\n"


def versions():
    """What was measured."""
    told = [f"Lookalike {lookalike.__version__}", f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            told.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            told.append(f"{package} not installed")
    return ", ".join(told) + "."


if __name__ == "__main__":
    main()
