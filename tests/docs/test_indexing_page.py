"""What the page on indexing tells people to type works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lookalike.jobs.draw_shop import draw_shop
from lookalike.jobs.scan_folders import scan_folder
from lookalike.jobs.scan_rules import ScanRules

PAGE = (Path(__file__).parents[2] / "docs" / "indexing.md").read_text(encoding="utf-8")
COMMANDS = [line[2:] for line in PAGE.splitlines() if line.startswith("$ ")]
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("indexing")
    for _ in draw_shop(folder, 5):
        pass
    return folder


def test_the_commands_run_one_after_the_other(shop):
    assert len(COMMANDS) >= 5
    environment = {**os.environ, "LOOKALIKE_CATALOG": str(shop / "page.lookalike")}
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            cwd=shop, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout or done.stderr
    assert (shop / "ledger.csv").stat().st_size > 100


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_the_programs_run(shop, number):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAMS[number]], cwd=shop, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "5 new, 0 gone\n0 forgotten\n"


def test_every_name_that_the_page_calls_the_systems_own_is_passed_by(tmp_path):
    row = next(line for line in PAGE.splitlines() if line.startswith("| what systems"))
    names = [name.replace("*", "-1000") for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert len(names) > 8
    for name in names:
        (tmp_path / name).mkdir()
    told = {
        os.fsdecode(os.path.basename(one.path)): one.reason
        for one in scan_folder(os.fsencode(tmp_path), ScanRules(hidden=True).compile())
    }
    assert told == dict.fromkeys(names, "system")
