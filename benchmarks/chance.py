"""What distances are worth: predicted chance matches against counted ones, and what the words miss and wrongly say.

nice python benchmarks/chance.py ../shared/data/clothing/images [--attributes ../shared/data/clothing/items.csv]

The folder's photos and a drawn shop of 3,000 bags are indexed first, or taken from --work where they were before.
Writes the part of docs/worth.md between its markers, and docs/chance.svg.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from pathlib import Path

import chance_report
import numpy as np
from chance_figures import (
    all_distances,
    copies_among,
    count_times,
    crowd_rows,
    fusion_rows,
    joint_rows,
    level_rows,
    planted_among,
    tail_errors,
    word_rows,
)

from lookalike import Catalog
from lookalike.fingerprints import ALGORITHMS, parse_recipe
from lookalike.jobs.draw_shop import draw_shop
from lookalike.settings import Settings
from lookalike.worth import ChanceModel

DRAWN = 3000
WORD_RECIPES = ("phash", "phash,dhash", "phash,dhash,whash,colorhash")
FUSED = ("whash,colorhash", "phash,dhash", "phash,dhash,whash,colorhash")
JOINT = (
    ("whash", "colorhash"),
    ("phash", "dhash"),
    ("phash", "dhash", "whash", "colorhash"),
    ("pdq", "look"),
)
CROWDED = {"phash", "dhash", "whash", "colorhash", "pdq", "look"}
# Parts are weighed by how far the pixels agree (jobs/find_known_parts.py), never by a distance.
MEASURED = tuple(name for name in ALGORITHMS if name != "parts")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("photos", type=Path)
    options.add_argument("--attributes", type=Path)
    options.add_argument("--work", type=Path, help="where the catalogs are kept, for another run")
    options.add_argument("--levels", action="store_true", help="only what needs no searches; the rest stays as it was")
    asked = options.parse_args()
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        work = asked.work or Path(scratch)
        figures = measure(open_catalogs(asked, work), asked.levels)
    figures["told"] = (
        f"`python benchmarks/chance.py`, {time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, NumPy "
        f"{np.__version__}, {time.perf_counter() - begin:.0f} s"
    )
    chance_report.write(figures)


def open_catalogs(asked, work):
    """The photos' catalog and the drawn shop's, indexed where they are not yet."""
    recipes = ",".join(MEASURED)
    catalogs = {}
    for name, file in (("shop photos", "clothing.lookalike"), ("drawn bags", "drawn.lookalike")):
        made = (work / file).exists()
        catalogs[name] = catalog = Catalog(work / file, settings=Settings(low_priority=True))
        if made:
            continue
        if name == "shop photos":
            catalog.index(asked.photos, fingerprints=recipes, attributes=asked.attributes)
        else:
            for _ in draw_shop(work / "drawn", DRAWN):
                pass
            catalog.index(work / "drawn" / "images", fingerprints=recipes, attributes=work / "drawn" / "items.csv")
    return catalogs


def measure(catalogs, only_levels=False):
    levels, curves, tails, crowds, joints, sizes = [], {}, {}, [], [], {}
    for name, catalog in catalogs.items():
        held = [recipe for recipe in map(parse_recipe, MEASURED) if catalog.store.has_recipe(recipe)]
        tables = {str(recipe): all_distances(catalog, recipe) for recipe in held}
        copies, planted = copies_among(tables), planted_among(catalog)
        pictures = len(copies)
        upper = np.triu_indices(pictures, 1)
        sizes[name] = (pictures, len(upper[0]), int(copies[upper].sum()))
        models = {}
        for recipe in held:
            text, width, table = str(recipe), recipe.width_bits, tables[str(recipe)]
            rows, curves[name, text] = level_rows(name, text, table, copies, planted, width)
            levels += rows
            print(*rows, sep="\n")
            counts = np.bincount(table[upper][~copies[upper]], minlength=width + 1).astype(float)
            models[text] = ChanceModel(text, counts, pictures)
            for known in () if only_levels else (200, pictures // 2):
                for way, error in tail_errors(table, copies, width, known).items():
                    tails.setdefault((name, "halves" if known != 200 else "200 pictures"), {}).setdefault(
                        way, []
                    ).append(error)
            if text in CROWDED:
                crowds.append((name, text, *crowd_rows(table, width, 1e-3)))
        joints += [(name, names, *joint_rows(tables, names, models)) for names in JOINT]
    photos = catalogs["shop photos"]
    figures = {"sizes": sizes, "levels": levels, "curves": curves, "crowds": crowds, "joints": joints}
    if only_levels:
        return figures
    return figures | {
        "tails": tails,
        "words": {by: word_rows(photos, by, 60, 400) for by in WORD_RECIPES},
        "fusion": {by: fusion_rows(photos, by, 300, 60) for by in FUSED},
        "times": count_times(),
    }


if __name__ == "__main__":
    main()
