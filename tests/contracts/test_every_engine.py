"""One suite that every engine must pass. A new engine is tested by its line in the registry."""

from __future__ import annotations

import collections
import itertools
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lookalike.errors import DuplicateId, SearchError, WidthMismatch
from lookalike.search import _native
from lookalike.search.id_range import IdRange
from lookalike.search.registry import ENGINES, load_engine

STRATEGIES = ["auto", "scan", "multi"]  # how the native engine may be told to search
NAMES = [name for name in ENGINES if (needs := load_engine(name).needs) is None or needs.installed]
EXACT = [name for name in NAMES if load_engine(name).exact]
WIDTHS = st.one_of(st.integers(1, 300), st.sampled_from([8, 42, 63, 64, 65, 128, 256, 512, 576, 1024, 4096]))
LEVELS = _native.supported_levels()

some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def packed_codes(rng, number, width_bits, variety):
    """Codes that lie near each other: copies of a few, with some bits flipped, so that ties and duplicates abound."""
    bits = rng.integers(0, 2, (variety, width_bits), dtype=np.uint8)[rng.integers(0, variety, number)]
    flips = rng.random((number, width_bits)) < rng.choice([0.0, 0.05, 0.5])
    return np.packbits(bits ^ flips, axis=1)


# Around the sizes at which the kernel changes its step: 8 lanes, 32 rows a turn, 32, 64, 128 … rows a block.
NUMBERS = [0, 1, 2, 7, 31, 40, 65, 130, 300]


@st.composite
def worlds(draw, numbers=tuple(NUMBERS)):
    """Width, ids and codes in any order, queries, and a set of ids of which some aren't held."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    width_bits = draw(WIDTHS)
    number = draw(st.sampled_from(numbers))
    variety = draw(st.integers(1, 8))
    ids = rng.permutation(draw(st.sampled_from([1, 3])) * number)[:number] * draw(st.sampled_from([1, 10**12]))
    codes = packed_codes(rng, number, width_bits, variety)
    queries = packed_codes(rng, draw(st.sampled_from([1, 3, 5])), width_bits, variety)
    if number:
        queries[0] = codes[0]
    allow = draw(st.none() | st.just("some"))
    if allow is not None:
        allow = rng.choice(np.append(ids, 10**15), draw(st.integers(0, 2 * number + 1)))
    return width_bits, ids.astype(np.int64), codes, queries, allow


def distances_by_definition(codes, query):
    return np.array(
        [(int.from_bytes(c.tobytes(), "big") ^ int.from_bytes(query.tobytes(), "big")).bit_count() for c in codes]
    )


def filled(name, width_bits, ids, codes, threads=1, **options):
    engine = load_engine(name)(width_bits, threads=threads, **options)
    half = len(ids) // 2
    engine.add(ids[:half], codes[:half])
    engine.add(ids[half:], codes[half:])
    return engine


def same(left, right):
    assert len(left) == len(right)
    for ours, theirs in zip(left, right, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


def assert_equal_answers(engine, reference, queries, allow, k, radius_bits):
    same(engine.nearest(queries, k, allow), reference.nearest(queries, k, allow))
    ours, theirs = (e.within(queries, radius_bits, allow) for e in (engine, reference))
    same((ours.offsets, ours.ids, ours.distances), (theirs.offsets, theirs.ids, theirs.distances))
    same(engine.pairs(radius_bits), reference.pairs(radius_bits))


@pytest.fixture(params=LEVELS)
def level(request):
    _native.use_level(request.param)
    assert _native.level_in_use() == request.param
    yield request.param
    _native.use_level("")


@some
@given(worlds([0, 1, 2, 7, 31]), st.integers(1, 90), st.integers(0, 320))
def test_reference_equals_the_definition_of_hamming_distance(world, k, radius_bits):
    width_bits, ids, codes, queries, allow = world
    engine = filled("reference", width_bits, ids, codes)
    usable = np.ones(len(ids), bool) if allow is None else np.isin(ids, allow)
    near_ids, near_distances = engine.nearest(queries, k, allow)
    around = engine.within(queries, radius_bits, allow)
    for at, query in enumerate(queries):
        ranked = sorted(zip(distances_by_definition(codes[usable], query), ids[usable], strict=True))
        assert list(zip(near_distances[at], near_ids[at], strict=True)) == ranked[:k]
        assert list(zip(around[at][1], around[at][0], strict=True)) == [hit for hit in ranked if hit[0] <= radius_bits]
    expected = sorted(
        (min(a, b), max(a, b), int(distances_by_definition(code_a[None], code_b)[0]))
        for (a, code_a), (b, code_b) in itertools.combinations(zip(ids.tolist(), codes, strict=True), 2)
    )
    assert list(zip(*engine.pairs(radius_bits), strict=True)) == [pair for pair in expected if pair[2] <= radius_bits]


@pytest.mark.parametrize("name", [name for name in EXACT if name not in {"reference", "exact"}])
@some
@given(worlds(), st.integers(1, 90), st.integers(0, 320), st.sampled_from([1, 2]))
def test_exact_engines_equal_the_reference(name, world, k, radius_bits, threads):
    width_bits, ids, codes, queries, allow = world
    engine = filled(name, width_bits, ids, codes, threads)
    assert_equal_answers(engine, filled("reference", width_bits, ids, codes), queries, allow, k, radius_bits)


RADII = st.one_of(st.integers(0, 12), st.integers(0, 320), st.just(10**6))


@some
@given(worlds(), st.integers(1, 90), RADII, st.sampled_from([1, 2]), st.sampled_from(STRATEGIES))
def test_every_level_and_strategy_of_the_kernel_equals_the_reference(level, world, k, radius_bits, threads, index):
    width_bits, ids, codes, queries, allow = world
    engine = filled("exact", width_bits, ids, codes, threads, index=index)
    assert_equal_answers(engine, filled("reference", width_bits, ids, codes), queries, allow, k, radius_bits)


@pytest.mark.parametrize("name", EXACT)
def test_a_radius_of_nothing_finds_equal_codes_and_one_beyond_the_width_finds_all(name):
    codes = np.packbits(np.eye(20, dtype=np.uint8).repeat(2, axis=0), axis=1)
    engine = filled(name, 20, np.arange(40), codes)
    for at, (ids, distances) in enumerate(engine.within(codes, 0)):
        assert ids.tolist() == [at // 2 * 2, at // 2 * 2 + 1]
        assert distances.tolist() == [0, 0]
    assert [len(ids) for ids, _ in engine.within(codes, 20)] == [40] * 40
    assert [len(ids) for ids, _ in engine.within(codes, 10**9)] == [40] * 40
    assert len(engine.pairs(0)[0]) == 20
    assert len(engine.pairs(10**9)[0]) == 40 * 39 // 2


@pytest.mark.parametrize("name", EXACT)
def test_all_of_many_rows_in_order_when_k_is_their_number(name):
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 256, (3000, 8), dtype=np.uint8)
    engine, reference = (filled(each, 64, np.arange(3000) * 7, codes) for each in (name, "reference"))
    same(engine.nearest(codes[:3], 3000), reference.nearest(codes[:3], 3000))
    same(engine.nearest(codes[:3], 10**9), reference.nearest(codes[:3], 3000))
    same(engine.nearest(codes[:3], 2999), reference.nearest(codes[:3], 2999))


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_engine_answers_with_nothing(name):
    engine = load_engine(name)(42)
    queries = np.zeros((3, 6), np.uint8)
    ids, distances = engine.nearest(queries, 9)
    assert (ids.shape, distances.shape) == ((3, 0), (3, 0))
    assert [len(ids) for ids, _ in engine.within(queries, 42)] == [0, 0, 0]
    assert [len(column) for column in engine.pairs(42)] == [0, 0, 0]
    assert len(engine) == 0
    assert engine.remove([1, 2]) == 0


@pytest.mark.parametrize("name", NAMES)
def test_no_queries_are_answered_with_no_rows(name):
    engine = filled(name, 64, np.arange(5), np.zeros((5, 8), np.uint8))
    none = np.empty((0, 8), np.uint8)
    assert engine.nearest(none, 3)[0].shape == (0, 3)
    assert len(engine.within(none, 3)) == 0


@pytest.mark.parametrize("name", NAMES)
@settings(some, max_examples=15)
@given(worlds(), st.integers(1, 90))
def test_stated_distances_are_true_and_rise_and_no_id_comes_twice(name, world, k):
    width_bits, ids, codes, queries, allow = world
    engine = filled(name, width_bits, ids, codes)
    usable = set(ids.tolist()) if allow is None else set(ids.tolist()) & set(allow.tolist())
    by_id = dict(zip(ids.tolist(), codes, strict=True))
    found, distances = engine.nearest(queries, k, allow)
    assert found.shape == distances.shape == (len(queries), min(k, len(usable)))
    for query, row_ids, row_distances in zip(queries, found, distances, strict=True):
        real = row_ids >= 0
        assert set(row_ids[real].tolist()) <= usable
        assert len(set(row_ids[real].tolist())) == real.sum()
        assert np.all(row_distances[~real] == 65535)
        assert sorted(zip(row_distances[real], row_ids[real], strict=True)) == list(
            zip(row_distances[real], row_ids[real], strict=True)
        )
        assert row_distances[real].tolist() == [
            int(distances_by_definition(by_id[i][None], query)[0]) for i in row_ids[real].tolist()
        ]
        assert real.all() or (not engine.exact and not real[np.argmin(real) :].any())


@pytest.mark.parametrize("name", [name for name in NAMES if name not in EXACT])
def test_approximate_engines_find_nine_tenths_of_the_nine_nearest_in_clustered_codes(name):
    rng = np.random.default_rng(11)
    codes = np.packbits(
        rng.integers(0, 2, (40, 64), dtype=np.uint8).repeat(20, axis=0) ^ (rng.random((800, 64)) < 0.06), axis=1
    )
    engine, reference = (filled(each, 64, np.arange(800), codes) for each in (name, "reference"))
    _, found = engine.nearest(codes[::10], 9)
    _, true = reference.nearest(codes[::10], 9)
    assert np.mean(found <= true[:, -1:]) >= 0.9


@pytest.mark.parametrize("name", NAMES)
def test_allow_takes_any_collection_of_ids_alike(name):
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 256, (60, 8), dtype=np.uint8)
    engine = filled(name, 64, np.arange(60), codes)
    expected = filled("reference", 64, np.arange(10, 20), codes[10:20]).nearest(codes[:4], 12)
    for allow in (
        set(range(10, 20)),
        list(range(19, 9, -1)),
        range(10, 20),
        np.arange(10, 20).repeat(2),
        frozenset([*range(10, 20), 99]),
        dict.fromkeys(range(10, 20)).keys(),
        dict(enumerate(range(10, 20))).values(),
        collections.deque(range(10, 20)),
        IdRange(10, 10),
    ):
        same(engine.nearest(codes[:4], 12, allow), expected)
    for nothing in (set(), {}.keys()):
        assert engine.nearest(codes[:4], 12, nothing)[0].shape == (4, 0)
    assert len(engine.within(codes[:4], 64, [])[0][0]) == 0


def refused(error, words):
    return pytest.raises(error, match=words)


@pytest.mark.parametrize("name", NAMES)
def test_what_cant_be_held_is_refused_and_changes_nothing(name):
    engine = filled(name, 42, np.array([3, 5]), np.zeros((2, 6), np.uint8))
    one = np.zeros((1, 6), np.uint8)
    padded = np.full((1, 6), 255, np.uint8)
    with refused(DuplicateId, "id 5 is held already"):
        engine.add([4, 5], np.zeros((2, 6), np.uint8))
    with refused(DuplicateId, "id 7 came twice"):
        engine.add([7, 7], np.zeros((2, 6), np.uint8))
    with refused(WidthMismatch, "42 bits have 6 bytes; codes of 8 bytes"):
        engine.add([9], np.zeros((1, 8), np.uint8))
    with refused(SearchError, "last 6 bits of each of the codes"):
        engine.add([9], padded)
    with refused(SearchError, "packed bits"):
        engine.add([9], np.zeros((1, 6), np.int64))
    with refused(SearchError, "packed bits"):
        engine.add([9], np.zeros(6, np.uint8))
    with refused(SearchError, "one id: 2 ids and 1 codes"):
        engine.add([8, 9], one)
    for bad in ([-1], [0.5], [[1]], [True], np.array([1], np.uint64), ["a"]):
        with refused(SearchError, "ids must"):
            engine.add(bad, one)
    assert len(engine) == 2
    assert engine.nearest(one, 9)[0].tolist() == [[3, 5]]


@pytest.mark.parametrize("name", NAMES)
def test_questions_that_make_no_sense_are_refused(name):
    engine = filled(name, 42, np.array([3, 5]), np.zeros((2, 6), np.uint8))
    one = np.zeros((1, 6), np.uint8)
    for bad in (0, -1, 1.5, True, "3", None):
        with refused(SearchError, "k must be a whole number of at least 1"):
            engine.nearest(one, bad)
    for bad in (-1, 0.1, False, None):
        with refused(SearchError, "radius_bits must be a whole number of at least 0"):
            engine.within(one, bad)
        with refused(SearchError, "radius_bits must be a whole number of at least 0"):
            engine.pairs(bad)
    for ask in (lambda query: engine.nearest(query, 1), lambda query: engine.within(query, 1)):
        with refused(WidthMismatch, "queries of 8 bytes"):
            ask(np.zeros((1, 8), np.uint8))
        with refused(SearchError, "last 6 bits of each of the queries"):
            ask(np.full((1, 6), 255, np.uint8))
        with refused(SearchError, "packed bits"):
            ask(one.astype(bool))
    for bad in ([0.5], "35", b"35", 3, {0.5: None}.keys(), {"3"}):
        with refused(SearchError, "allow must"):
            engine.nearest(one, 1, bad)
    for ask in (lambda: engine.nearest(one, 2**70), lambda: engine.within(one, 2**70), lambda: engine.pairs(2**70)):
        with refused(SearchError, "must be a whole number from [01] to 9223372036854775807; 11805"):
            ask()


@pytest.mark.parametrize("name", NAMES)
def test_engines_that_make_no_sense_are_refused(name):
    for bad in (0, -1, 65_473, 8.0, True):
        with refused(SearchError, "width_bits must be a whole number from 1 to 65472"):
            load_engine(name)(bad)
    for bad in (0, 4097, 2**70):
        with refused(SearchError, "threads must be a whole number from 1 to 4096"):
            load_engine(name)(64, threads=bad)


@pytest.mark.parametrize("name", NAMES)
def test_an_engine_says_what_it_holds(name):
    engine = load_engine(name)(42)
    engine.add([5, 3], np.zeros((2, 6), np.uint8))
    assert (len(engine), engine.width_bits, engine.bytes_per_code, engine.threads) == (2, 42, 6, 1)
    for held in (3, np.int64(3), np.uint8(3)):
        assert held in engine
    for missing in (4, -1, 2**70, 3.5, 3.0, "3", None, [3]):
        assert missing not in engine
    before = engine.bytes_used
    assert before >= 2 * (8 + 8)
    engine.nearest(np.zeros((1, 6), np.uint8), 1)
    assert engine.bytes_used >= before
    assert engine.remove({3, 99}) == 1
    assert engine.remove([3]) == 0
    assert len(engine) == 1


class AddingAndRemoving(RuleBasedStateMachine):
    """An engine and a dict, told the same things, agree after every step."""

    name = "exact"
    options = MappingProxyType({})

    @initialize(width_bits=st.sampled_from([1, 42, 64, 130]), seed=st.integers(0, 2**32 - 1))
    def begin(self, width_bits, seed):
        self.rng = np.random.default_rng(seed)
        self.engine = load_engine(self.name)(width_bits, threads=2, **self.options)
        self.held = {}

    @rule(ids=st.lists(st.integers(0, 60), max_size=12, unique=True))
    def add(self, ids):
        codes = packed_codes(self.rng, len(ids), self.engine.width_bits, 3)
        if self.held.keys() & set(ids):
            with pytest.raises(DuplicateId):
                self.engine.add(ids, codes)
        else:
            self.engine.add(ids, codes)
            self.held.update(zip(ids, codes, strict=True))

    @rule(number=st.integers(1, 5))
    def append(self, number):
        first = max(self.held, default=-1) + 1
        self.add_known(np.arange(first, first + number))

    def add_known(self, ids):
        codes = packed_codes(self.rng, len(ids), self.engine.width_bits, 3)
        self.engine.add(ids, codes)
        self.held.update(zip(ids.tolist(), codes, strict=True))

    @rule(ids=st.lists(st.integers(0, 60), max_size=12))
    def remove(self, ids):
        assert self.engine.remove(ids) == len(self.held.keys() & set(ids))
        self.held = {id_: code for id_, code in self.held.items() if id_ not in ids}

    @invariant()
    def agrees(self):
        if not hasattr(self, "engine"):
            return
        ids = np.array(sorted(self.held), np.int64)
        width_bits = self.engine.width_bits
        codes = np.array([self.held[i] for i in ids.tolist()], np.uint8).reshape(len(ids), (width_bits + 7) // 8)
        reference = load_engine("reference")(width_bits)
        reference.add(ids, codes)
        assert len(self.engine) == len(ids)
        queries = packed_codes(self.rng, 2, width_bits, 3)
        if self.engine.exact:
            assert_equal_answers(self.engine, reference, queries, None, 4, width_bits // 4)
            some_ids = self.rng.choice(80, 30)
            assert_equal_answers(self.engine, reference, queries, some_ids, 4, width_bits // 4)
        else:
            assert set(self.engine.nearest(queries, 4)[0].ravel().tolist()) - {-1} <= set(ids.tolist())


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, {}) for name in NAMES if name != "reference"),
        ("exact", {"index": "multi"}),
    ],
)
def test_adding_and_removing_in_any_order_leaves_what_a_dict_would_hold(name, options):
    machine = type(f"AddingAndRemoving_{name}", (AddingAndRemoving,), {"name": name, "options": options})
    machine.TestCase.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
    machine.TestCase("runTest").runTest()
