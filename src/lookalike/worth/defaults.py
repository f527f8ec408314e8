"""Models for catalogs that are too small to be measured: shipped numbers, made by benchmarks/default_chance.py."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from lookalike.worth.chance import ChanceModel

FILE = "default_models.json"


@cache
def default_model(recipe: str, version: int = 1) -> ChanceModel | None:
    """The shipped model for *recipe* (its text) as that *version* makes it; None where none was measured."""
    table = _table()
    entry: dict[str, Any] | None = table["models"].get(recipe)
    if entry is None or entry["version"] != version:
        return None
    return ChanceModel(recipe, np.array(entry["counts"], np.float64), table["pictures"], "default", entry["left_out"])


@cache
def _table() -> dict[str, Any]:
    text = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
