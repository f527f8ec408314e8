"""Measures the models that are shipped for small catalogs: distances between pictures of shop photos and drawn bags.

python benchmarks/default_chance.py ../shared/data/clothing/images [more folders] --drawn 900

Both together are one catalog, and pairs are drawn from all of it as `jobs/measure_chance.py` draws them. Writes
src/lookalike/worth/default_models.json. Run it again whenever an algorithm's version rises or one is added.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from lookalike import Catalog
from lookalike.fingerprints import ALGORITHMS, parse_recipes
from lookalike.jobs.draw_shop import draw_shop
from lookalike.jobs.measure_chance import PANELS, count_pairs
from lookalike.jobs.recipe_rows import load_recipe_rows
from lookalike.settings import Settings

TABLE = Path(__file__).resolve().parents[1] / "src" / "lookalike" / "worth" / "default_models.json"
MEASURED = [name for name in ALGORITHMS if name != "parts"]  # those are weighed by pixels: jobs/find_known_parts.py
BESIDES = ["phash:16", "whash:db4"]  # options that the documentation names


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folders", nargs="+", type=Path)
    options.add_argument("--drawn", type=int, default=900)
    options.add_argument("--catalog", type=Path, help="kept here, for another run")
    options.add_argument("--recipes", help="measure these alone; the others stay as they are")
    asked = options.parse_args()
    recipes = parse_recipes(asked.recipes or ",".join(MEASURED + BESIDES))
    held = ",".join(dict.fromkeys([*map(str, recipes), *(name for panel in PANELS for name in panel)]))
    with tempfile.TemporaryDirectory() as scratch:
        for _ in draw_shop(Path(scratch) / "shop", asked.drawn):
            pass
        settings = Settings(low_priority=True)
        with Catalog(asked.catalog or Path(scratch) / "all.lookalike", settings=settings) as catalog:
            folders = [*asked.folders, Path(scratch) / "shop" / "images"]
            catalog.index(folders, fingerprints=held)
            pictures = len(catalog.store.present_contents())
            models = {str(recipe): measured(catalog.store, recipe) for recipe in recipes}
    kept = json.loads(TABLE.read_text(encoding="utf-8")) if asked.recipes else {"pictures": pictures, "models": {}}
    if kept["pictures"] != pictures:
        raise SystemExit(f"the others are of {kept['pictures']} pictures, these of {pictures}")
    models = kept["models"] | {name: model for name, model in models.items() if model}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(model)}" for name, model in models.items())
    TABLE.write_text(f'{{"pictures": {pictures}, "models": {{\n{lines}\n}}}}\n', encoding="utf-8")
    print(TABLE, *models)


def measured(store, recipe):
    rows = load_recipe_rows(store, recipe)
    pictures = len(set(rows.owners.tolist()))
    if pictures < 1000:
        return None
    count = count_pairs(store, recipe, rows, pictures)
    return {"version": recipe.version, "left_out": count.left_out, "counts": list(count.counts)}


if __name__ == "__main__":
    main()
