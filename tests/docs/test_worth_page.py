"""The commands and the program on the page about worth run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lookalike import Catalog

PAGE = (Path(__file__).parents[2] / "docs" / "worth.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ lookalike (.*)$", PAGE, re.MULTILINE)
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def shop(draw_shop_of):
    folder = draw_shop_of(40)
    with Catalog(folder / "shop.lookalike") as catalog:
        catalog.index(folder / "images", fingerprints="phash,dhash")
    return folder


def test_the_commands_run(shop):
    environment = {**os.environ, "LOOKALIKE_CATALOG": "shop.lookalike"}
    assert len(COMMANDS) == 3
    for command in COMMANDS:
        words = [sys.executable, "-W", "error", "-m", "lookalike", *shlex.split(command)]
        done = subprocess.run(words, cwd=shop, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout
    assert (shop / "why.png").stat().st_size > 10_000


def test_the_program_runs(shop):
    assert len(PROGRAMS) == 1
    program = [sys.executable, "-W", "error", "-c", PROGRAMS[0]]
    done = subprocess.run(program, cwd=shop, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
