"""However the exact engine goes about a question, by scan, multi-index or join, the answer is the reference's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lookalike.errors import SearchError, WidthMismatch
from lookalike.search import HammingIndex, load_engine

STRATEGIES = ("scan", "multi", "auto")
WIDTHS = st.one_of(st.integers(1, 300), st.sampled_from([42, 64, 128, 256, 512, 1024]))
ReferenceEngine = load_engine("reference")


def clustered(rng, number, width_bits):
    """Codes near a few centres, many of them equal: ties, duplicates and skewed buckets."""
    centres = rng.integers(0, 2, (4, width_bits), dtype=np.uint8)
    bits = centres[rng.choice(4, number, p=[0.7, 0.2, 0.05, 0.05])]
    return np.packbits(bits ^ (rng.random(bits.shape) < rng.choice([0.0, 0.03, 0.3])), axis=1)


def pair(width_bits, ids, codes, strategy):
    engines = HammingIndex(width_bits, threads=2, index=strategy), ReferenceEngine(width_bits)
    for engine in engines:
        engine.add(ids, codes)
    return engines


def assert_same_answers(engine, reference, queries, k, radius_bits, allow=None):
    for ours, theirs in zip(engine.nearest(queries, k, allow), reference.nearest(queries, k, allow), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    ours, theirs = (one.within(queries, radius_bits, allow) for one in (engine, reference))
    np.testing.assert_array_equal(ours.offsets, theirs.offsets)
    np.testing.assert_array_equal(ours.ids, theirs.ids)
    np.testing.assert_array_equal(ours.distances, theirs.distances)


@settings(max_examples=60, deadline=None)
@given(
    width_bits=WIDTHS,
    number=st.sampled_from([1, 2, 30, 500]),
    k=st.sampled_from([1, 5, 600]),
    share=st.sampled_from([0.0, 0.02, 0.12, 0.5, 1.0]),
    filtered=st.booleans(),
    strategy=st.sampled_from(STRATEGIES),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_strategy_answers_as_the_reference(width_bits, number, k, share, filtered, strategy, seed):
    rng = np.random.default_rng(seed)
    ids = rng.permutation(3 * number)[:number]
    codes = clustered(rng, number, width_bits)
    queries = np.concatenate([codes[:2], clustered(rng, 2, width_bits)])
    allow = rng.choice(ids, number // 2 + 1) if filtered else None
    engine, reference = pair(width_bits, ids, codes, strategy)
    assert_same_answers(engine, reference, queries, k, int(share * width_bits), allow)


@pytest.mark.parametrize("width_bits", [64, 256])
def test_auto_uses_an_index_once_it_pays_and_the_answers_stay_the_same(width_bits):
    rng = np.random.default_rng(11)
    codes = rng.integers(0, 256, (60_000, width_bits // 8), dtype=np.uint8)
    codes[-5_000:] = codes[0]  # identical codes: one huge bucket
    ids = np.arange(len(codes)) * 2
    engine, reference = pair(width_bits, ids, codes, "auto")
    bytes_before = engine.bytes_used
    queries = np.repeat(codes[100:150], 40, axis=0)
    answers = engine.within(queries, 3)
    assert engine.bytes_used > bytes_before, "2,000 questions of radius 3 pay for an index"
    expected = reference.within(codes[100:150], 3)
    for number in range(50):
        for ours, theirs in zip(answers[40 * number], expected[number], strict=True):
            np.testing.assert_array_equal(ours, theirs)
    for radius_bits in (0, 1, 7, width_bits // 8):
        assert_same_answers(engine, reference, codes[[0, 1, 59_999]], 10, radius_bits)


class AddedAndRemoved(RuleBasedStateMachine):
    """An index that is asked between writes: what came since lies beside it, what went is masked."""

    @initialize(width_bits=st.sampled_from([9, 64, 130]), seed=st.integers(0, 2**32 - 1))
    def begin(self, width_bits, seed):
        self.rng = np.random.default_rng(seed)
        self.width_bits = width_bits
        self.engine, self.reference = pair(
            width_bits, np.arange(0, 400, 2), clustered(self.rng, 200, width_bits), "multi"
        )
        self.held = set(range(0, 400, 2))

    @rule(number=st.integers(1, 60), behind=st.booleans())
    def add(self, number, behind):
        first = 10_000 + len(self.held) * 100 if behind else 1
        ids = np.array([id_ for id_ in range(first, first + 4 * number) if id_ not in self.held][:number])
        codes = clustered(self.rng, len(ids), self.width_bits)
        for engine in (self.engine, self.reference):
            engine.add(ids, codes)
        self.held |= set(ids.tolist())

    @rule(share=st.sampled_from([0.02, 0.3]))
    def remove(self, share):
        gone = [id_ for id_ in sorted(self.held) if self.rng.random() < share]
        assert self.engine.remove(gone) == self.reference.remove(gone) == len(gone)
        self.held -= set(gone)

    @invariant()
    def answers_are_the_references(self):
        if hasattr(self, "engine"):
            queries = clustered(self.rng, 3, self.width_bits)
            assert_same_answers(self.engine, self.reference, queries, 7, self.width_bits // 6)


AddedAndRemoved.TestCase.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
TestAddedAndRemoved = AddedAndRemoved.TestCase


@settings(max_examples=40, deadline=None)
@given(
    width_bits=WIDTHS,
    number=st.sampled_from([2, 40, 600]),
    share=st.sampled_from([0.0, 0.02, 0.12, 0.3]),
    batch_pairs=st.sampled_from([1, 100, 100_000]),
    seed=st.integers(0, 2**32 - 1),
)
def test_pairs_come_once_each_however_they_are_taken(width_bits, number, share, batch_pairs, seed):
    rng = np.random.default_rng(seed)
    ids = np.sort(rng.permutation(3 * number)[:number])
    codes = clustered(rng, number if batch_pairs > 1 else min(number, 40), width_bits)
    ids = ids[: len(codes)]
    radius_bits = int(share * width_bits)
    engine, reference = pair(width_bits, ids, codes, "auto")
    expected = reference.pairs(radius_bits)
    for ours, scanned, theirs in zip(
        engine.pairs(radius_bits), pair(width_bits, ids, codes, "scan")[0].pairs(radius_bits), expected, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(scanned, theirs)
    batches = list(engine.iter_pairs(radius_bits, batch_pairs))
    assert all(0 < len(batch[0]) <= batch_pairs for batch in batches)
    taken = sorted(
        itertools.chain.from_iterable(zip(*(part.tolist() for part in batch), strict=True) for batch in batches)
    )
    assert taken == list(zip(*(part.tolist() for part in expected), strict=True))
    assert engine.collapsed_pairs(radius_bits).number_of_pairs == len(expected[0])


@settings(max_examples=25, deadline=None)
@given(
    width_bits=st.sampled_from([10, 64, 200]), share=st.sampled_from([0.0, 0.1, 0.3]), seed=st.integers(0, 2**32 - 1)
)
def test_pairs_between_two_engines_equal_a_range_search_of_each_code(width_bits, share, seed):
    rng = np.random.default_rng(seed)
    codes, others = clustered(rng, 150, width_bits), clustered(rng, 90, width_bits)
    radius_bits = int(share * width_bits)
    left, reference = pair(width_bits, np.arange(150) + 7, codes, "auto")
    right = HammingIndex(width_bits)
    right.add(np.arange(90) * 3, others)
    found = left.pairs_between(right, radius_bits)
    expected = sorted(
        (int(id_), 3 * number, int(distance))
        for number, (ids, distances) in enumerate(reference.within(others, radius_bits))
        for id_, distance in zip(ids, distances, strict=True)
    )
    assert list(zip(*(part.tolist() for part in found), strict=True)) == expected
    rows = left.pairs_between(others, radius_bits)
    np.testing.assert_array_equal(rows[1] * 3, found[1])


def test_fifty_thousand_codes_give_the_pairs_of_brute_force():
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 256, (50_000, 8), dtype=np.uint8)
    copies = codes[rng.integers(0, 45_000, 5_000)]
    copies[np.arange(5_000), rng.integers(0, 8, 5_000)] ^= 1 << rng.integers(0, 8, 5_000, dtype=np.uint8)
    codes[45_000:] = copies
    ids = np.arange(50_000)
    joined, scanned = (pair(64, ids, codes, strategy)[0].pairs(8) for strategy in ("auto", "scan"))
    assert len(joined[0]) >= 5_000
    for ours, theirs in zip(joined, scanned, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_many_identical_codes_are_not_compared_with_each_other():
    codes = np.random.default_rng(4).integers(0, 256, (120_000, 8), dtype=np.uint8)
    codes[:50_000] = 255  # blank pages: 1.25 thousand million pairs of them
    codes[50_000:50_064] = 255
    codes[np.arange(50_000, 50_064), np.arange(64) // 8] ^= (1 << (np.arange(64) % 8)).astype(np.uint8)
    engine = HammingIndex(64)
    engine.add(np.arange(len(codes)), codes)
    collapsed = engine.collapsed_pairs(2)
    assert collapsed.number_of_pairs >= 50_000 * 49_999 // 2 + 64 * 50_000 + 64 * 63 // 2
    first = next(engine.iter_pairs(2, 1000))
    assert len(first[0]) <= 1000
    with pytest.raises(SearchError, match="iter_pairs"):
        engine.pairs(2)


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(SearchError, match="'scan' or 'multi'"):
        HammingIndex(64, index="tree")
    with pytest.raises(WidthMismatch):
        HammingIndex(64).pairs_between(HammingIndex(32), 3)
    with pytest.raises(SearchError):
        HammingIndex(64).iter_pairs(-1)
    with pytest.raises(SearchError):
        HammingIndex(64).iter_pairs(1, 0)
