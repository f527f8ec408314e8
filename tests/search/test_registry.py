"""Engines are found by name, and one whose package is missing says how to install it."""

from __future__ import annotations

import sys

import pytest

import lookalike.search.registry as registry
from lookalike.errors import MissingExtra, SearchError
from lookalike.search.base import Engine


def test_an_unknown_name_is_refused_with_those_that_exist():
    with pytest.raises(
        SearchError, match="no engine is named 'hnsw'; there are: reference, exact, multi_index, annoy, balltree, faiss"
    ):
        registry.load_engine("hnsw")


def test_what_isnt_an_engine_cant_be_registered(monkeypatch):
    monkeypatch.setitem(registry.ENGINES, "wrong", "pathlib:Path")
    with pytest.raises(TypeError, match="pathlib:Path"):
        registry.load_engine("wrong")


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [(name, *needs) for name in registry.ENGINES if (needs := registry.load_engine(name).needs) is not None],
)
def test_an_engine_whose_package_is_missing_names_its_extra(monkeypatch, name, module, extra):
    for imported in [each for each in sys.modules if each.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, imported)
    monkeypatch.setattr(sys, "meta_path", [Missing(module), *sys.meta_path])
    engine = registry.load_engine(name)
    assert issubclass(engine, Engine)
    with pytest.raises(MissingExtra, match=rf"lookalike\[{extra}\]"):
        engine(64)


class Missing:
    """An importer that doesn't find one package."""

    def __init__(self, module):
        self.module = module

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == self.module:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
