"""The version is one, wherever it stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import lookalike

ROOT = Path(__file__).parents[2]


def test_the_package_and_its_metadata_have_the_same_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == lookalike.__version__


def test_every_dependency_says_why_it_is_there():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    lines = block.group(1).splitlines()
    assert lines
    assert all(re.search(r'^\s+"[^"]+",\s+# .{10,}', line) for line in lines)
