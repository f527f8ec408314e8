"""``make test`` proves the built wheel, not the source beside the tests."""

from __future__ import annotations

import importlib
import os
import re
from importlib.metadata import distribution
from pathlib import Path

import pytest

import lookalike

ROOT = Path(__file__).parents[2]
WHEEL_IS_TESTED = os.environ.get("LOOKALIKE_TESTED") == "wheel"  # as `make test` says


@pytest.mark.skipif(not WHEEL_IS_TESTED, reason="not run by make test, which tests the installed wheel")
@pytest.mark.parametrize("module", ["lookalike", "lookalike.search._native", "lookalike.fingerprints._pixels"])
def test_what_is_tested_is_the_installed_wheel(module):
    file = Path(importlib.import_module(module).__file__)
    assert "site-packages" in file.parts
    assert not file.is_relative_to(ROOT / "src")
    assert file.resolve() in {Path(one.locate()).resolve() for one in distribution("lookalike").files}


@pytest.mark.skipif(not WHEEL_IS_TESTED, reason="not run by make test, which tests the installed wheel")
def test_the_wheel_is_of_these_sources():
    installed = Path(lookalike.__file__).parent
    kinds = {".py", ".html", ".css", ".js", ".svg", ".woff2", ".txt"}
    sources = [path for path in (ROOT / "src" / "lookalike").rglob("*") if path.suffix in kinds]
    assert {path.suffix for path in sources} == kinds
    for source in sorted(sources):
        same = installed / source.relative_to(ROOT / "src" / "lookalike")
        assert same.read_bytes() == source.read_bytes(), f"{same} is of another time: run make test"


def test_make_test_says_that_it_tests_the_wheel():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^unit: \$\(VENV\)/\.wheel .*\n\tLOOKALIKE_TESTED=wheel \$\(BIN\)/pytest", makefile, re.MULTILINE)
