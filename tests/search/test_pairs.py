"""Joins: equal to brute force at size, each pair once, streamed, and not quadratic in equal or crowded codes."""

from __future__ import annotations

import signal
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.errors import SearchError, WidthMismatch
from lookalike.search import _native, joining
from lookalike.search.exact import HammingIndex
from lookalike.search.joining import Join
from lookalike.search.reference import ReferenceEngine


def held(codes, threads=2, step=3, **options):
    engine = HammingIndex(codes.shape[1] * 8, threads=threads, **options)
    engine.add(np.arange(len(codes)) * step, codes)
    return engine


def picture_like(number, width_bits, seed):
    """Codes as pictures give them: a few frequent ones, families a few bits wide, uneven and related bits, blanks."""
    rng = np.random.default_rng(seed)
    smooth = rng.normal(size=(number, width_bits // 4)).repeat(4, axis=1) + 0.7 * rng.normal(size=(number, width_bits))
    bits = smooth > rng.normal(size=width_bits) * 0.8
    families = rng.integers(0, number, number // 5)
    bits[rng.integers(0, number, number // 5)] = bits[families] ^ (rng.random((number // 5, width_bits)) < 0.05)
    bits[: number // 40] = False
    bits[number // 40 : number // 20] = rng.random((number // 20 - number // 40, width_bits)) < 1.5 / width_bits
    return np.packbits(rng.permutation(bits), axis=1)


def brute_force(left, right, radius_bits):
    """Every pair (row of left, row of right) within the radius, as rows of an array, by a loop over rows."""
    found = []
    words = right.view(np.uint64)
    for row, code in enumerate(left.view(np.uint64)):
        apart = np.bitwise_count(words ^ code).sum(axis=1, dtype=np.uint16)
        near = np.flatnonzero(apart <= radius_bits)
        found.append(np.stack([np.full(len(near), row), near, apart[near]], axis=1))
    return np.concatenate(found)


def test_pairs_of_50_000_picture_like_codes_equal_brute_force():
    codes = picture_like(50_000, 64, seed=1)
    words = codes.view(np.uint64)[:, 0]
    firsts, seconds, distances = held(codes, step=1).pairs(6)
    expected_number = 0
    for begin in range(0, 50_000, 250):
        apart = np.bitwise_count(words[begin : begin + 250, None] ^ words[None, :])
        near_rows, near = np.nonzero(apart <= 6)
        later = near > near_rows + begin
        part = slice(*np.searchsorted(firsts, [begin, begin + 250]))
        np.testing.assert_array_equal(firsts[part], near_rows[later] + begin)
        np.testing.assert_array_equal(seconds[part], near[later])
        np.testing.assert_array_equal(distances[part], apart[near_rows[later], near[later]])
        expected_number += int(later.sum())
    assert len(firsts) == expected_number > 1_000_000


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([64, 128, 256, 320, 1024]),
    st.integers(0, 40),
    st.sampled_from([2, 100, 900]),
    st.integers(0, 10**6),
    st.sampled_from([1, 7, 1000, 1 << 20]),
)
def test_streamed_and_collapsed_pairs_are_the_same_pairs_each_once(width_bits, radius_bits, number, seed, batch_pairs):
    codes = picture_like(max(number, 40), width_bits, seed)[:number]
    engine = held(codes)
    reference = ReferenceEngine(width_bits)
    reference.add(np.arange(number) * 3, codes)
    expected = list(zip(*(column.tolist() for column in reference.pairs(radius_bits)), strict=True))
    if len(expected) < 2000 * batch_pairs:  # tiny batches of very many pairs only take long
        streamed = []
        for batch in engine.iter_pairs(radius_bits, batch_pairs):
            assert 0 < len(batch[0]) <= batch_pairs
            streamed += zip(*(column.tolist() for column in batch), strict=True)
        assert sorted(streamed) == expected
    collapsed = engine.collapsed_pairs(radius_bits)
    assert collapsed.number_of_pairs == len(expected)
    members = [collapsed.ids[a:b] for a, b in zip(collapsed.offsets[:-1], collapsed.offsets[1:], strict=True)]
    multiplied = [
        (min(a, b), max(a, b), int(distance))
        for first, second, distance in zip(collapsed.first, collapsed.second, collapsed.distances, strict=True)
        for a in members[first].tolist()
        for b in members[second].tolist()
    ]
    multiplied += [(a, b, 0) for ids in members for at, a in enumerate(ids.tolist()) for b in ids[at + 1 :].tolist()]
    assert sorted(multiplied) == expected


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([64, 256, 320]), st.integers(0, 70), st.sampled_from([0, 1, 50, 700]), st.integers(0, 10**6))
def test_pairs_between_two_sets_equal_brute_force(width_bits, radius_bits, number, seed):
    left, right = picture_like(400, width_bits, seed), picture_like(700, width_bits, seed)[:number]
    engine = held(left)
    found = engine.pairs_between(right, radius_bits)
    expected = brute_force(left, right, radius_bits)
    np.testing.assert_array_equal(np.stack(found, axis=1), expected * [3, 1, 1])
    np.testing.assert_array_equal(
        np.stack(engine.pairs_between(held(right, step=5), radius_bits), axis=1), expected * [3, 5, 1]
    )


def test_what_cant_be_joined_is_refused():
    engine = held(np.zeros((3, 8), np.uint8))
    with pytest.raises(WidthMismatch, match="64 bits, the other one of 128"):
        engine.pairs_between(HammingIndex(128), 3)
    with pytest.raises(WidthMismatch, match="codes of 9 bytes"):
        engine.pairs_between(np.zeros((3, 9), np.uint8), 3)
    for bad in (-1, 0.5):
        for ask in (engine.iter_pairs, engine.collapsed_pairs, lambda radius: engine.pairs_between(engine, radius)):
            with pytest.raises(SearchError, match="radius_bits must be a whole number"):
                ask(bad)
    with pytest.raises(SearchError, match="batch_pairs must be a whole number of at least 1"):
        engine.iter_pairs(3, 0)
    with pytest.raises(SearchError, match="batch_pairs must be a whole number from 1 to 9223372036854775807"):
        engine.iter_pairs(3, 2**70)
    assert sum(len(first) for first, _, _ in engine.iter_pairs(3, 2**63 - 1)) == 3
    with pytest.raises(SearchError, match="index must be 'auto', 'scan' or 'multi'; 'tree' came"):
        HammingIndex(index="tree")


def test_more_pairs_than_fit_are_an_error_that_says_what_to_do_instead(monkeypatch):
    monkeypatch.setattr(joining, "MOST_PAIRS", 1000)
    engine = held(np.zeros((100, 8), np.uint8))
    with pytest.raises(SearchError, match=r"more than 1,000 pairs .* iter_pairs"):
        engine.pairs(0)
    assert engine.collapsed_pairs(0).number_of_pairs == 100 * 99 // 2
    assert sum(len(first) for first, _, _ in engine.iter_pairs(0, 64)) == 100 * 99 // 2


def compared_of(codes, radius_bits):
    join = Join(codes.view(np.uint64), None, radius_bits, 2)
    pairs = sum(len(first) for first, _, _ in join.code_pairs())
    return join.compared, pairs


def test_equal_codes_and_near_blank_ones_add_no_quadratic_work():
    rng = np.random.default_rng(7)
    number, crowd = 200_000, 20_000
    codes = rng.integers(0, 256, (number, 8), dtype=np.uint8)
    plain, _ = compared_of(codes, 8)
    equal = codes.copy()
    equal[:crowd] = 0
    assert compared_of(equal, 8)[0] < 1.1 * plain
    blank = codes.copy()
    blank[:crowd] = np.packbits(rng.random((crowd, 64)) < 1 / 64, axis=1)
    compared, pairs = compared_of(blank, 8)
    assert compared < 1.5 * plain + 5 * pairs


def test_codes_that_share_most_bits_are_joined_by_the_others():
    rng = np.random.default_rng(8)
    codes = rng.integers(0, 256, (100_000, 16), dtype=np.uint8)
    codes[:, :8] = 7  # half of the bits never differ
    codes[:60_000, 8:10] = 0  # and two more bytes are blank in most rows
    compared, _ = compared_of(codes, 4)
    assert compared < 0.1 * len(codes) ** 2 / 2


@pytest.fixture
def hears_interrupts():
    """What Python does on SIGINT by itself, even where whoever started it has it ignored, as a shell's ``&`` does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_long_join_hears_an_interrupt_between_its_steps(monkeypatch, hears_interrupts):
    codes = np.random.default_rng(9).integers(0, 256, (150_000, 128), dtype=np.uint8)
    engine = held(codes)
    main_thread = threading.get_ident()
    joins = []
    stepped, over = threading.Event(), threading.Event()

    class NotedJoin(_native.PairsJoin):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            joins.append(self)

        def advance(self, *arguments):
            more, *found = super().advance(*arguments)
            if more:
                stepped.set()
            return more, *found

    def interrupt():
        stepped.wait()
        if not over.is_set():
            signal.pthread_kill(main_thread, signal.SIGINT)

    monkeypatch.setattr(joining._native, "PairsJoin", NotedJoin)
    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            engine.pairs(400)  # 10^10 comparisons of 1,024 bits: many steps
    finally:
        over.set()
        stepped.set()
        interrupter.join()
    more, *_ = joins[0].advance(1, 1e-3)
    assert more  # it was heard before the last step


def test_other_threads_go_on_during_one_step_of_a_join():
    codes = np.random.default_rng(10).integers(0, 2**63, (200_000, 1), dtype=np.uint64)
    join = _native.PairsJoin(codes, None, 14, 1)
    step = threading.Thread(target=join.advance, args=(1 << 40, 0.3))
    step.start()
    turns = 0
    while step.is_alive():
        turns += 1
        time.sleep(0.001)
    assert turns > 10  # a step that kept the interpreter would leave one
