"""The commands on the page about choosing a fingerprint run, and its pictures are there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lookalike import Catalog

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "choosing.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ lookalike (.*)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def shop(draw_shop_of):
    folder = draw_shop_of(40)
    with Catalog(folder / "choosing.lookalike") as catalog:
        catalog.index(folder / "images")
    return folder


def test_the_commands_run(shop):
    environment = {**os.environ, "LOOKALIKE_CATALOG": "choosing.lookalike"}
    assert len(COMMANDS) == 4
    for command in COMMANDS:
        words = [sys.executable, "-W", "error", "-m", "lookalike", *shlex.split(command)]
        done = subprocess.run(words, cwd=shop, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        # A radius may leave nothing, and then says so.
        assert "bag-" in done.stdout or ("--radius" in command and "left out" in done.stderr)


def test_its_pictures_and_pages_are_there():
    linked = re.findall(r"\]\(([^)#]+)", PAGE)
    assert [name for name in linked if name.endswith(".webp")] == ["choosing-1.webp", "choosing-2.webp"]
    assert [name for name in linked if not (DOCS / name).is_file()] == []
