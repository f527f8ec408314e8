"""One product picture and a small catalog of them, made once."""

from __future__ import annotations

import pytest
from PIL import Image

from lookalike.assembly import Catalog
from lookalike.settings import Settings


@pytest.fixture(scope="session")
def shop(draw_shop_of):
    """24 product pictures in images/, and items.csv."""
    return draw_shop_of(24)


@pytest.fixture(scope="session")
def photo(shop):
    """An upright RGB picture with colours and fine structure."""
    with Image.open(sorted((shop / "images").iterdir())[3]) as opened:
        return opened.convert("RGB").resize((240, 320))


@pytest.fixture(scope="session")
def shop_catalog(shop):
    with Catalog(shop / "shop.lookalike", settings=Settings(workers=1)) as catalog:
        catalog.index(shop / "images", fingerprints="dhash,phash", attributes=shop / "items.csv")
        yield catalog
