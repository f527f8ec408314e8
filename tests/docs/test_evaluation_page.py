"""What the page on evaluations tells people to type works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ lookalike (.*)$", PAGE, re.MULTILINE)
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def shop(draw_shop_of):
    return draw_shop_of(24)


def test_the_program_runs_and_then_the_commands(shop):
    def run(*words):
        environment = {**os.environ, "LOOKALIKE_CATALOG": str(shop / "shop.lookalike")}
        done = subprocess.run(
            [sys.executable, *words], cwd=shop, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    assert (len(COMMANDS), len(PROGRAMS)) == (3, 1)
    names = [line.split()[0] for line in run("-c", PROGRAMS[0]).splitlines()]
    assert set(names) == {"default", "phash", "dhash"}
    run("-m", "lookalike", "index", "images", "--attributes", "items.csv")
    for command in COMMANDS:
        assert run("-m", "lookalike", *shlex.split(command))
    assert (shop / "evaluation.html").stat().st_size > 10_000
