"""What the README tells people to type works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line[2:]
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def shop(draw_shop_of):
    return draw_shop_of(40)


def test_there_is_something_to_run():
    assert len(COMMANDS) >= 5
    assert len(PROGRAMS) >= 3


def test_the_commands_run_one_after_the_other(shop):
    environment = {**os.environ, "LOOKALIKE_CATALOG": str(shop / "readme.lookalike")}
    for command in COMMANDS:
        words = shlex.split(command)
        assert words[0] == "lookalike"
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=shop, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout
    for drawn in ("nearest.png", "nearest.html", "sample.png"):
        assert (shop / drawn).stat().st_size > 10_000


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_the_programs_run(shop, number):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAMS[number]], cwd=shop, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_document_that_the_readme_links_to_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).is_file(), target
