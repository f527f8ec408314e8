"""Draws the pictures of docs/choosing.md: the same questions answered by whash, by colorhash and by look.

python docs/draw_choosing.py

The pictures are the demo's own, bags of invented brands.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from lookalike import Catalog
from lookalike.images import load_picture
from lookalike.jobs.draw_shop import draw_shop
from lookalike.rendering import Tile, draw_side_by_side

DOCS = Path(__file__).parent
RECIPES = {"whash": "layout", "colorhash": "colours of all pixels", "look": "kind and colour of the thing"}
NUMBER = 400
ASKED = {"choosing-1.webp": "bag-0024.jpg", "choosing-2.webp": "bag-0054.jpg"}
SHOWN = 6


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        shop = Path(scratch) / "shop"
        for _ in draw_shop(shop, NUMBER):
            pass
        with Catalog(Path(scratch) / "shop.lookalike") as catalog:
            catalog.index(shop / "images", fingerprints=",".join(RECIPES), attributes=shop / "items.csv")
            for file, name in ASKED.items():
                draw(catalog, shop / "images" / name, DOCS / file)


def draw(catalog: Catalog, asked: Path, file: Path) -> None:
    groups = []
    for recipe, what in RECIPES.items():
        query = Tile(load_picture(asked).image, ("asked",), emphasis="query")
        found = catalog.search(asked, k=SHOWN - 1, by=recipe)
        tiles = [Tile(load_picture(one.path).image, (f"{one.distance} bits",)) for one in found]
        groups.append((f"{recipe}: {what}", [query, *tiles]))
    sheet = draw_side_by_side(groups, tile_size=96, scale=1)
    sheet.save(file, quality=82, method=6)


if __name__ == "__main__":
    main()
