"""What tests of several rooms start from."""

from __future__ import annotations

import signal

import pytest

from lookalike.jobs.draw_shop import draw_shop


def pytest_configure():
    """Programs that the tests start hear Ctrl-C also where the tests themselves run in a shell's background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def draw_shop_of(tmp_path_factory):
    """How many product pictures -> a new folder with images/ and items.csv."""

    def draw(count):
        folder = tmp_path_factory.mktemp("shop")
        for _ in draw_shop(folder, count):
            pass
        return folder

    return draw
