"""The programs on the fingerprints page run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lookalike.jobs.draw_shop import draw_shop

PAGE = Path(__file__).parents[2] / "docs" / "fingerprints.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_the_programs_run(tmp_path, number):
    for _ in draw_shop(tmp_path, 2):
        pass
    program = [sys.executable, "-W", "error", "-c", PROGRAMS[number]]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
