"""What only the native engine has: levels, threads that share rows, portions, and reading while somebody writes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from lookalike.errors import SearchError
from lookalike.search import _native, exact, planned
from lookalike.search.exact import HammingIndex
from lookalike.search.reference import ReferenceEngine


def both(width_bits, codes, threads=1):
    engines = (HammingIndex(width_bits, threads=threads), ReferenceEngine(width_bits))
    for engine in engines:
        engine.add(np.arange(len(codes)) * 3, codes)
    return engines


def equal(left, right):
    return all(np.array_equal(ours, theirs) for ours, theirs in zip(left, right, strict=True))


def columns(neighbors):
    return neighbors.offsets, neighbors.ids, neighbors.distances


def codes_with_ties(number, bytes_per_code, seed=1):
    """Random codes of few values, so that most distances are shared by many rows."""
    return np.random.default_rng(seed).integers(0, 4, (number, bytes_per_code), dtype=np.uint8)


@pytest.mark.parametrize("level", _native.supported_levels())
@pytest.mark.parametrize(("number", "bytes_per_code"), [(2_200_000, 8), (550_000, 32), (170_000, 100)])
@pytest.mark.parametrize("threads", [3])
def test_threads_that_share_the_rows_of_one_query_answer_like_one_scan(level, number, bytes_per_code, threads):
    codes = codes_with_ties(number, bytes_per_code)
    engine, reference = both(bytes_per_code * 8, codes, threads)
    _native.use_level(level)
    try:
        assert equal(engine.nearest(codes[5:6], 50), reference.nearest(codes[5:6], 50))
        assert equal(columns(engine.within(codes[5:6], 6)), columns(reference.within(codes[5:6], 6)))
    finally:
        _native.use_level("")


@pytest.mark.parametrize("level", _native.supported_levels())
@pytest.mark.parametrize("number_of_queries", [1, 4])
def test_questions_that_walk_memory_the_other_way_than_those_before_answer_alike(level, number_of_queries):
    codes = codes_with_ties(560_000, 16)  # 9 MB: fewer than 8 MiB are always walked forwards
    engine, reference = both(128, codes)
    queries = codes[7 : 7 + number_of_queries]
    _native.use_level(level)
    try:
        for k in (1, 500):
            expected = reference.nearest(queries, k)
            for _ in range(2):
                assert equal(engine.nearest(queries, k), expected)
    finally:
        _native.use_level("")


def test_threads_that_share_queries_or_pairs_answer_like_one_scan():
    codes = codes_with_ties(3000, 8)
    engine, reference = both(64, codes, threads=2)
    assert equal(engine.nearest(codes[:700], 9), reference.nearest(codes[:700], 9))
    assert equal(columns(engine.within(codes[:700], 4)), columns(reference.within(codes[:700], 4)))
    assert equal(engine.pairs(4), reference.pairs(4))


def test_questions_asked_in_many_short_calls_answer_like_one(monkeypatch):
    codes = codes_with_ties(500, 12)
    engine, reference = both(96, codes)
    for module in (planned, exact):
        monkeypatch.setattr(module, "WORDS_A_CALL", 3 * 500 * 2)
    assert equal(engine.nearest(codes[:10], 9), reference.nearest(codes[:10], 9))
    assert equal(columns(engine.within(codes[:10], 9)), columns(reference.within(codes[:10], 9)))
    assert equal(engine.pairs(5), reference.pairs(5))


@pytest.mark.parametrize("share", [0.001, 0.2, 0.3, 0.9])
def test_few_allowed_ids_and_many_are_answered_alike(share):
    codes = codes_with_ties(20_000, 8)
    engine, reference = both(64, codes)
    allow = np.flatnonzero(np.random.default_rng(2).random(20_000) < share) * 3
    assert equal(engine.nearest(codes[:4], 30, allow), reference.nearest(codes[:4], 30, allow))
    assert equal(columns(engine.within(codes[:4], 5, allow)), columns(reference.within(codes[:4], 5, allow)))


def test_the_widest_codes_keep_their_distances():
    codes = np.array([[0] * 8184, [255] * 8184], np.uint8)
    engine = HammingIndex(65_472)
    engine.add([1, 2], codes)
    ids, distances = engine.nearest(codes[:1], 2)
    assert (ids.tolist(), distances.tolist()) == ([[1, 2]], [[0, 65_472]])


def test_rows_in_falling_distance_are_ranked_though_each_is_a_new_best():
    codes = np.packbits(np.tri(4096, 4096, -1, dtype=np.uint8)[::-1], axis=1)
    engine, reference = both(4096, codes)
    nothing = np.zeros((1, 512), np.uint8)
    for k in (1, 9, 1000, 4096):
        assert equal(engine.nearest(nothing, k), reference.nearest(nothing, k))


def kernel_of_a_process(level):
    script = "import lookalike.search.exact as e; e.HammingIndex(); print(e._native.level_in_use())"
    environment = {**os.environ, "LOOKALIKE_KERNEL": level}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("level", _native.supported_levels())
def test_the_environment_forces_a_level(level):
    assert kernel_of_a_process(level).stdout.strip() == level


def test_a_level_that_doesnt_exist_is_an_error_that_names_those_that_do():
    errors = kernel_of_a_process("sse9").stderr
    assert "SearchError: no kernel level is named 'sse9'; this build has: portable" in errors


def test_the_best_level_is_used_unless_another_is_asked_for(monkeypatch):
    monkeypatch.delenv("LOOKALIKE_KERNEL", raising=False)
    _native.use_level("")
    assert _native.level_in_use() == _native.supported_levels()[-1]


def test_an_index_asked_for_an_impossible_level_is_refused(monkeypatch):
    monkeypatch.setenv("LOOKALIKE_KERNEL", "sse9")
    _native.use_level("")
    try:
        with pytest.raises(SearchError, match="sse9"):
            HammingIndex()
    finally:
        monkeypatch.undo()
        _native.use_level("")


def test_the_kernel_refuses_arrays_that_dont_fit_together():
    codes = np.zeros((4, 2), np.uint64)
    for wrong in (
        lambda: _native.nearest(codes, np.zeros((1, 3), np.uint64), 1),
        lambda: _native.nearest(codes, codes, 0),
        lambda: _native.nearest(codes, codes, 1, 0),
        lambda: _native.nearest(codes, codes, 1, 1, np.array([2, 1])),
        lambda: _native.nearest(codes, codes, 1, 1, np.array([1, 1])),
        lambda: _native.within(codes, codes, 1, 1, np.array([4])),
        lambda: _native.within(codes, codes, 1, 1, np.array([-1])),
        lambda: _native.pairs(np.zeros((4, 0), np.uint64), 1, 0, 4),
        lambda: _native.pairs(np.zeros((4, 1024), np.uint64), 1, 0, 4),
        lambda: _native.use_level("sse9"),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()
    with pytest.raises(TypeError):
        _native.nearest(codes.astype(np.int32), codes, 1)


def test_readers_see_whole_steps_while_a_writer_adds_and_removes():
    index = HammingIndex(64)
    index.add(np.arange(100), np.zeros((100, 8), np.uint8))
    done = threading.Event()
    seen, faults = set(), []

    def write():
        for step in range(1, 300):
            block = np.arange(step * 100, step * 100 + 100)
            index.add(block if step % 2 else block[::-1], np.zeros((100, 8), np.uint8))
            if step % 7 == 0:
                index.remove(np.arange((step - 3) * 100, (step - 2) * 100))
        done.set()

    def read():
        while not done.is_set():
            ids, distances = index.nearest(np.zeros((1, 8), np.uint8), 10**6)
            seen.add(ids.shape[1])
            if ids.shape[1] % 100 or distances.any() or not np.all(np.diff(ids[0]) > 0):
                faults.append(ids)

    workers = [threading.Thread(target=write), threading.Thread(target=read), threading.Thread(target=read)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not faults
    assert seen
    assert len(index) == 100 * (300 - 299 // 7)
