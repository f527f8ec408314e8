"""Write the demo's shop: product pictures and the table that says what they cost and which ones are planted copies."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

from lookalike.rendering.products import make_products

JPEG_QUALITY = 88  # what shops commonly serve
COLUMNS = ("file", "brand", "title", "type", "material", "colour", "price", "copy_of", "transform")
TABLE = "items.csv"


def draw_shop(folder: Path, count: int) -> Iterator[int]:
    """Draw *count* product pictures into *folder*/images and their table into *folder*/items.csv.

    Yields how many are done. A folder whose table lists as many already is left as it is.
    """
    table = folder / TABLE
    if table.exists() and len(table.read_text(encoding="utf-8").splitlines()) == count + 1:
        return
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, product in enumerate(make_products(count), start=1):
        name = Path(product.name).with_suffix(".jpg").name
        product.image.save(images / name, quality=JPEG_QUALITY)
        source, transform = product.planted if product.planted is not None else ("", "")
        known = {"file": name, **product.attributes, "copy_of": source, "transform": transform}
        rows.append([known.get(column, "") for column in COLUMNS])
        yield number
    write_table(table, rows)


def write_table(table: Path, rows: list[list[object]]) -> None:
    """The table comes last and whole: it tells that every picture is there."""
    beside = table.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    os.replace(beside, table)
