"""Engines are listed with what they lack, and measured on a catalog's own codes with recall that is worked out anew."""

from __future__ import annotations

import numpy as np
import pytest

import lookalike.optional as optional
from lookalike.errors import MissingExtra, NotInCatalog, SearchError
from lookalike.fingerprints import parse_recipe
from lookalike.jobs import bench_engines as bench
from lookalike.jobs.bench_engines import BenchLimits, Ground, bench_engines, measure_engine, prepare_ground
from lookalike.jobs.list_engines import list_engines
from lookalike.search import ENGINES, HammingIndex, load_engine

WHASH = parse_recipe("whash")


def ground_of(words, queries, true_kth, k):
    return Ground(WHASH, words, queries, np.array(true_kth, np.uint16), k)


def test_every_engine_is_listed_and_one_that_lacks_its_package_says_how_to_install_it(monkeypatch):
    assert [entry.name for entry in list_engines()] == list(ENGINES)
    monkeypatch.setattr(optional.importlib.util, "find_spec", lambda module: None)
    lacking = {entry.name: entry.install for entry in list_engines() if entry.install}
    assert lacking["annoy"] == "pip install 'lookalike[annoy]'"
    assert lacking["faiss_hnsw"] == lacking["faiss"] == "pip install 'lookalike[faiss]'"
    assert not {"exact", "reference"} & set(lacking)


def test_figures_of_exact_engines_on_a_catalog(shop_catalog):
    recipe, figures = shop_catalog.bench_engines(by="colorhash", engines=["exact", "reference"])
    done = list(figures)
    assert str(recipe) == "colorhash"
    assert [row.engine for row in done] == ["exact", "reference"]
    for row in done:
        assert (row.rows, row.queries, row.recall, row.skipped) == (32, 8, 1.0, None)
        assert row.exact
        assert row.bytes >= 32 * 8
        assert 0 < row.median_ms <= row.p99_ms
        assert row.build_ms > 0


def test_the_queries_are_codes_that_the_engines_dont_hold(shop_catalog):
    store = shop_catalog.store
    _, _, codes, _ = store.codes(WHASH)
    ground = prepare_ground(store, WHASH, BenchLimits(rows=20, queries=5), HammingIndex)
    assert (len(ground.words), len(ground.queries), ground.k) == (20, 5, 9)
    everything = sorted(map(bytes, codes))
    for code in [*map(bytes, ground.queries), *map(bytes, ground.words.view(np.uint8))]:
        everything.remove(code)  # fails where one came twice


def test_recall_counts_true_neighbours_and_ties_alike_and_places_left_empty_as_missed():
    words = np.array([[0], [1], [2], [7], [255]], np.uint64)
    queries = np.zeros((2, 8), np.uint8)
    ground = ground_of(words, queries, [1, 1], 2)
    assert ground.recall(np.array([[0, 1], [0, 2]])) == 1.0
    assert ground.recall(np.array([[0, 3], [0, -1]])) == 0.5
    assert ground.recall(np.array([[3, 4], [-1, -1]])) == 0.0


def test_an_engine_that_would_take_too_long_to_build_is_left_out(monkeypatch):
    words = np.random.default_rng(0).integers(0, 2**63, (5000, 1), dtype=np.uint64)
    ground = ground_of(words, np.zeros((2, 8), np.uint8), [0, 0], 1)
    monkeypatch.setattr(bench, "build", lambda *arguments: (None, 10.0))
    row = measure_engine("exact", ground, BenchLimits(seconds=20), load_engine)
    assert row.skipped == "building would take about 28 s, more than 20 s"
    assert row.queries == 0


def test_a_slow_engine_is_asked_a_few_queries_and_no_more(monkeypatch):
    words = np.zeros((30, 1), np.uint64)
    ground = ground_of(words, np.zeros((50, 8), np.uint8), np.zeros(50), 3)
    row = measure_engine("exact", ground, BenchLimits(seconds=1e-9), load_engine)
    assert row.queries == bench.LEAST_QUERIES


def test_an_engine_that_isnt_installed_is_left_out_with_the_reason(monkeypatch):
    def no_extra(module, *, extra):
        raise MissingExtra(f"install it with: pip install 'lookalike[{extra}]'")

    monkeypatch.setattr("lookalike.search.graph.import_extra", no_extra)
    words = np.zeros((30, 1), np.uint64)
    row = measure_engine("usearch", ground_of(words, np.zeros((2, 8), np.uint8), [0, 0], 3), BenchLimits(), load_engine)
    assert row.skipped.endswith("lookalike[usearch]'")


def test_what_cant_be_measured_is_told(catalog, shop_catalog):
    with pytest.raises(SearchError, match="no engine is named 'magic'"):
        shop_catalog.bench_engines(engines=["magic"])
    with pytest.raises(NotInCatalog, match="0 whash codes"):
        next(bench_engines(catalog.store, WHASH, ["exact"], BenchLimits(), make_engine=load_engine))
