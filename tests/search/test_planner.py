"""The planner's sums, and what it makes of them: counted, never timed."""

from __future__ import annotations

import dataclasses
import itertools
import threading

import numpy as np
import pytest

from lookalike.search import _native, exact
from lookalike.search.exact import HammingIndex
from lookalike.search.planner import Planner, index_ns, substring_widths, values_within
from lookalike.search.planner_costs import COSTS
from lookalike.search.reference import ReferenceEngine


def random_codes(rows, bytes_per_code=8, seed=1):
    return np.random.default_rng(seed).integers(0, 256, (rows, bytes_per_code), dtype=np.uint8)


def test_values_within_a_radius_are_counted_as_listing_them_does():
    for width, radius in itertools.product((1, 4, 7), range(-1, 9)):
        listed = sum(value.bit_count() <= radius for value in range(2**width))
        assert values_within(width, radius) == listed


@pytest.mark.parametrize("rows", [1000, 30_000, 300_000])
@pytest.mark.parametrize("bytes_per_code", [8, 32])
def test_the_planner_knows_the_substrings_that_the_kernel_cuts(rows, bytes_per_code):
    cut = _native.MultiIndex(random_codes(rows, bytes_per_code).view(np.uint64)).widths
    assert sorted(cut) == sorted(substring_widths(bytes_per_code * 8, rows))


@pytest.mark.parametrize("radius_bits", [0, 1, 3, 6, 8, 9])
def test_the_work_that_the_model_counts_is_the_work_that_an_index_does_on_random_codes(radius_bits):
    codes = random_codes(200_000).view(np.uint64)
    index = _native.MultiIndex(codes)
    queries = random_codes(200, seed=2).view(np.uint64)
    _, spent, *_ = index.within(queries, radius_bits, 1e12, 3.0)
    counting = dataclasses.replace(COSTS, index_query_ns=0.0, look_ns=3.0, row_ns=1.0)
    counted = index_ns(counting, tuple(index.widths), len(codes), radius_bits)
    assert counted == pytest.approx(spent.mean(), rel=0.05)


def test_every_cost_is_positive_and_grows_with_what_there_is_to_do():
    assert all(getattr(COSTS, field.name) > 0 for field in dataclasses.fields(COSTS))
    planner = Planner()
    scans = [planner.scan_ns(rows, words, 1) for rows in (10**4, 10**6, 10**8) for words in (1, 4)]
    assert scans == sorted(scans)
    for rows in (10**5, 10**7):
        widths = substring_widths(64, rows)
        looks = [planner.index_ns(widths, rows, [radius], 1) for radius in range(40)]
        assert looks == sorted(looks)


def test_small_radii_go_to_the_index_and_large_ones_to_the_scan():
    planner = Planner()
    for rows in (10**6, 10**7, 10**8):
        widths = substring_widths(64, rows)
        scan_ns = planner.scan_ns(rows, 1, 1)
        assert planner.index_ns(widths, rows, [8], 1) < scan_ns
        assert planner.index_ns(widths, rows, [24], 1) > scan_ns
    assert planner.index_ns(substring_widths(64, 1000), 1000, [8], 1) > planner.scan_ns(1000, 1, 1)


def test_experience_outweighs_the_model_and_fades():
    planner = Planner()
    question = ("within", 8)
    assert planner.expected_ns(question, 100.0) == 100.0
    for _ in range(30):
        planner.learn(question, model_ns=100.0, spent_ns=5000.0)
    assert planner.expected_ns(question, 100.0) == pytest.approx(5000.0, rel=0.01)
    assert planner.expected_ns(("within", 9), 100.0) == 100.0
    for _ in range(3000):
        planner.relax(question)
    assert planner.expected_ns(question, 100.0) == pytest.approx(100.0, rel=0.01)
    assert planner.expected_ns(("nearest", 3), None) == np.inf
    planner.note_model(("nearest", 3), 40.0)
    assert planner.expected_ns(("nearest", 3), None) == 40.0


def test_an_index_is_built_once_questions_have_paid_for_it():
    planner = Planner()
    assert not planner.pays(-5.0, -5.0, 100.0)
    assert not planner.pays(30.0, 30.0, 100.0)
    assert not planner.pays(30.0, 60.0, 100.0)
    assert planner.pays(30.0, 60.0, 100.0)
    assert Planner().pays(1.0, 100.0, 100.0)
    assert not Planner().pays(-np.inf, -np.inf, 100.0)


@pytest.fixture
def built(monkeypatch):
    """How many rows each index was built over."""
    rows = []
    make = _native.MultiIndex

    def noted(words, threads):
        rows.append(len(words))
        return make(words, threads)

    monkeypatch.setattr(exact._native, "MultiIndex", noted)
    return rows


def test_an_index_is_built_lazily_where_it_saves_work_and_never_where_it_may_not(built):
    codes = random_codes(300_000)
    for choice, expected in (("scan", []), ("auto", [300_000])):
        built.clear()
        engine = HammingIndex(64, index=choice)
        engine.add(np.arange(len(codes)), codes)
        engine.within(codes[:1], 2)
        assert built == []
        before = engine.bytes_used
        for _ in range(3):
            engine.within(codes[:2000], 2)
        assert built == expected
        assert (engine.bytes_used > before) == bool(expected)


def test_adding_and_removing_rebuild_the_index_seldom(built):
    codes = random_codes(60_000)
    engine, reference = HammingIndex(64, index="multi"), ReferenceEngine(64)
    for each in (engine, reference):
        each.add(np.arange(20_000), codes[:20_000])
    for at in range(20_000, 60_000, 1000):
        engine.add(np.arange(at, at + 1000), codes[at : at + 1000])
        engine.remove(np.arange(at - 15_000, at - 14_900))
        engine.within(codes[:1], 1)
    reference.add(np.arange(20_000, 60_000), codes[20_000:])
    reference.remove([id_ for at in range(20_000, 60_000, 1000) for id_ in range(at - 15_000, at - 14_900)])
    ours, theirs = engine.within(codes[::3000], 12), reference.within(codes[::3000], 12)
    np.testing.assert_array_equal(ours.ids, theirs.ids)
    assert 2 <= len(built) <= 10


def test_an_index_that_gives_up_leaves_the_answer_to_the_scan(monkeypatch):
    codes = np.packbits(np.random.default_rng(4).random((100_000, 64)) < 0.12, axis=1)  # crowded buckets
    engine, reference = HammingIndex(64), ReferenceEngine(64)
    for each in (engine, reference):
        each.add(np.arange(len(codes)), codes)
    engine.within(codes[:5000], 0)
    monkeypatch.setattr(Planner, "expected_ns", lambda planner, question, model_ns: 0.0)
    monkeypatch.setattr(Planner, "most_rows", lambda planner, scan_ns: 300.0)
    assert engine._covering is not None
    queries = np.concatenate([codes[:6], ~codes[:6]])
    for ours, theirs in zip(engine.nearest(queries, 5), reference.nearest(queries, 5), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    ours, theirs = engine.within(queries, 4), reference.within(queries, 4)
    np.testing.assert_array_equal(ours.offsets, theirs.offsets)
    np.testing.assert_array_equal(ours.ids, theirs.ids)


def test_readers_get_whole_answers_while_an_index_is_kept_through_writes():
    engine = HammingIndex(64, index="multi")
    engine.add(np.arange(5000), np.zeros((5000, 8), np.uint8))
    done = threading.Event()
    faults = []

    def write():
        for step in range(50, 150):
            engine.add(np.arange(step * 100, step * 100 + 100), np.zeros((100, 8), np.uint8))
            engine.remove(np.arange((step - 50) * 100, (step - 50) * 100 + 100))
        done.set()

    def read():
        while not done.is_set():
            ids, distances = engine.within(np.zeros((1, 8), np.uint8), 1)[0]
            if len(ids) not in (5000, 5100) or distances.any() or not np.all(np.diff(ids) > 0):
                faults.append(len(ids))

    workers = [threading.Thread(target=write), *(threading.Thread(target=read) for _ in range(2))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not faults
