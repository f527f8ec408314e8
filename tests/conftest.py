"""What tests of several rooms start from."""

from __future__ import annotations

import pytest

from lookalike.jobs.draw_shop import draw_shop


@pytest.fixture(scope="session")
def draw_shop_of(tmp_path_factory):
    """How many product pictures -> a new folder with images/ and items.csv."""

    def draw(count):
        folder = tmp_path_factory.mktemp("shop")
        for _ in draw_shop(folder, count):
            pass
        return folder

    return draw
