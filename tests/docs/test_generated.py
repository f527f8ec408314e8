"""Docs that follow from the code are as the code is now."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
specification = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
generate = importlib.util.module_from_spec(specification)
specification.loader.exec_module(generate)


@pytest.mark.parametrize("name", generate.GENERATED)
def test_the_generated_page_is_as_the_code_is(name):
    assert (DOCS / name).read_text(encoding="utf-8") == generate.GENERATED[name](), "run: make docs"
