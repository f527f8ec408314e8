"""A small folder of pictures and a catalog over it, made once."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lookalike.assembly import Catalog
from lookalike.settings import Settings

RECIPES = "whash,colorhash,phash,crop_resistant"


@pytest.fixture(scope="session")
def shop(draw_shop_of):
    """40 product pictures in images/, and items.csv."""
    return draw_shop_of(40)


@pytest.fixture(scope="session")
def shop_catalog(shop):
    with Catalog(shop / "shop.lookalike", settings=Settings(workers=2)) as catalog:
        catalog.index(shop / "images", fingerprints=RECIPES, attributes=shop / "items.csv")
        yield catalog


@pytest.fixture
def own_copy(shop, tmp_path):
    """A folder of ten pictures that a test may change."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for path in sorted((shop / "images").iterdir())[:10]:
        shutil.copy2(path, folder)
    return folder


@pytest.fixture
def catalog(tmp_path):
    with Catalog(tmp_path / "own.lookalike", settings=Settings(workers=2, timeout_s=5)) as opened:
        yield opened


@pytest.fixture(scope="session")
def scene():
    """Pictures of 480 x 360 by number: blobs of all sizes over soft shades, which have parts to find."""

    def paint(seed: int) -> Image.Image:
        rng = np.random.default_rng(seed)
        shades = Image.fromarray(rng.integers(40, 216, (6, 8, 3), dtype=np.uint8)).resize((480, 360), Image.BICUBIC)
        draw = ImageDraw.Draw(shades)
        for _ in range(140):
            x, y, size = rng.uniform(0, 480), rng.uniform(0, 360), rng.uniform(6, 40)
            color = tuple(int(level) for level in rng.integers(0, 256, 3))
            draw.ellipse((x, y, x + size, y + size * rng.uniform(0.5, 2)), fill=color)
        return shades

    return paint
