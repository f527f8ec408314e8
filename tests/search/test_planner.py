"""The planner's sums, and what it makes of them: counted, never timed."""

from __future__ import annotations

import dataclasses
import itertools
import math
import threading

import numpy as np
import pytest

from lookalike.search import _native
from lookalike.search import planner as planner_module
from lookalike.search.exact import HammingIndex
from lookalike.search.experience import Choice
from lookalike.search.planner import GIVE_UP_AFTER, Planner, index_ns, situation_of, substring_widths, values_within
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
        looks = [planner.index_ns(widths, rows, radius, 1) for radius in range(40)]
        assert looks == sorted(looks)


def test_small_radii_go_to_the_index_and_large_ones_to_the_scan():
    planner = Planner()
    for rows in (10**6, 10**7, 10**8):
        widths = substring_widths(64, rows)
        scan_ns = planner.scan_ns(rows, 1, 1)
        assert planner.index_ns(widths, rows, 8, 1) < scan_ns
        assert planner.index_ns(widths, rows, 24, 1) > scan_ns
    assert planner.index_ns(substring_widths(64, 1000), 1000, 8, 1) > planner.scan_ns(1000, 1, 1)


ASKED = ("within", 8)


class Simulated:
    """A planner, and two ways whose true cost a query is known and whose work was counted wrongly by some factor."""

    def __init__(self, scan_ns, index_ns, *, queries=1, scan_counted=1.0, index_counted=1.0, model_ns=None):
        self.planner = Planner()
        self.true = {"scan": scan_ns, "index": index_ns}
        self.counted = {"scan": scan_ns * scan_counted, "index": index_ns * index_counted}
        self.model_ns = self.counted["index"] if model_ns is None else model_ns
        self.queries = queries
        self.taken = {"scan": 0, "index": 0}

    def ask(self, calls, disturbed=()):
        """The time that *calls* calls take, each *queries* queries; *disturbed* ones seem to take 50 times as long."""
        situation = situation_of(ASKED, self.queries, 1000, 1000)
        total_ns = 0.0
        for call in range(calls):
            left = self.queries
            while left:
                choice = self.planner.settled(situation, left)
                clocked = choice is None
                if choice is None:
                    choice = self.planner.choose(situation, left, self.counted["scan"], self.model_ns)
                took_ns = self.true[choice.way] * choice.queries
                if clocked:
                    call_ns = COSTS.scan_call_ns if choice.way == "scan" else COSTS.index_call_ns
                    work_ns = max(1.0, self.counted[choice.way] - call_ns / choice.queries)
                    seen_ns = took_ns * (50 if call in disturbed else 1)
                    self.planner.note(situation, choice.way, choice.queries, work_ns=work_ns, hits=0.0, took_ns=seen_ns)
                total_ns += took_ns
                self.taken[choice.way] += choice.queries
                left -= choice.queries
        return total_ns


WAYS = [(40e3, 400e3), (400e3, 40e3), (30e3, 45e3), (45e3, 30e3)]


@pytest.mark.parametrize(("scan_ns", "index_ns"), WAYS)
@pytest.mark.parametrize("queries", [1, 16, 256])
@pytest.mark.parametrize("counted", [(1.0, 1.0), (8.0, 1.0), (1.0, 8.0), (0.2, 1.0), (1.0, 0.2)])
def test_whatever_was_counted_wrongly_questions_soon_cost_little_more_than_by_the_better_way(
    scan_ns, index_ns, queries, counted
):
    simulated = Simulated(scan_ns, index_ns, queries=queries, scan_counted=counted[0], index_counted=counted[1])
    simulated.ask(100)
    spent_ns = simulated.ask(1000)
    assert spent_ns <= 1.1 * 1000 * queries * min(scan_ns, index_ns)


@pytest.mark.parametrize(("scan_ns", "index_ns"), WAYS)
def test_calls_that_were_held_up_by_something_else_mislead_nobody(scan_ns, index_ns):
    simulated = Simulated(scan_ns, index_ns)
    simulated.ask(100, disturbed=range(0, 100, 3))
    assert simulated.ask(1000, disturbed=range(0, 1000, 7)) <= 1.1 * 1000 * min(scan_ns, index_ns)


def test_a_way_that_grows_cheaper_is_found_again():
    simulated = Simulated(40e3, 400e3)
    simulated.ask(300)
    simulated.taken["index"] = 0
    simulated.true["index"] = simulated.counted["index"] = 20e3
    simulated.ask(10_000)
    assert simulated.taken["index"] > 1000


def test_of_many_queries_few_show_which_way_the_others_go():
    simulated = Simulated(400e3, 40e3, queries=10_000, model_ns=4000e3)
    simulated.ask(1)
    assert simulated.taken == {"scan": 16, "index": 9984}


def test_what_was_learned_of_many_at_once_holds_for_a_few_until_they_were_asked():
    planner = Planner()
    many, few = (situation_of(ASKED, queries, 1000, 1000) for queries in (256, 4))
    assert not planner.knows(few)
    planner.note(many, "index", 256, work_ns=1e3, hits=0.0, took_ns=256e3)
    planner.note(many, "scan", 256, work_ns=1e6, hits=0.0, took_ns=256e6)
    assert planner.knows(few)
    assert planner.choose(few, 4, 1e6, math.inf).way == "index"
    assert not planner.knows(situation_of(("within", 9), 4, 1000, 1000))
    assert not planner.knows(situation_of(ASKED, 4, 1000, 10))


def test_an_index_gives_a_query_up_after_the_work_of_some_scans():
    planner = Planner()
    situation = situation_of(ASKED, 1, 1000, 1000)
    assert planner.choose(situation, 1, 62e3, 1.0).most_rows == pytest.approx(GIVE_UP_AFTER * 62e3 / COSTS.row_ns)


def test_a_clock_that_shows_no_time_misleads_nobody():
    planner = Planner()
    situation = situation_of(ASKED, 1, 1000, 1000)
    for _ in range(5):
        for way in ("scan", "index"):
            planner.note(situation, way, 1, work_ns=1e5, hits=0.0, took_ns=0)
    assert 0 < planner.choose(situation, 1, 1e5, 1e5).most_rows < math.inf


def test_a_settled_scan_is_that_of_as_many_queries_and_is_counted_once():
    planner = Planner()
    situation = situation_of(ASKED, 2, 1000, 1000)
    for _ in range(3):
        planner.note(situation, "scan", 2, work_ns=1e3, hits=0.0, took_ns=2e3)
    planner.settle_scans(situation, 2, 1e3, math.inf)
    assert planner.settled(situation, 3) is None
    for _ in range(5):
        assert planner.settled(situation, 2).way == "scan"
    assert planner.settled_queries(situation) == 10
    assert planner.settled(situation, 2) is None
    assert planner.settled_queries(situation) == 0


def test_a_scan_is_settled_only_once_its_pace_is_known_and_where_deciding_matters():
    planner = Planner()
    situation = situation_of(ASKED, 1, 1000, 1000)
    for _ in range(3):
        planner.settle_scans(situation, 1, 10e3, math.inf)
        assert planner.settled(situation, 1) is None
        planner.note(situation, "scan", 1, work_ns=1e3, hits=0.0, took_ns=2e3)
    planner.settle_scans(situation, 1, 10e6, math.inf)  # a call of ten milliseconds
    assert planner.settled(situation, 1) is None
    planner.settle_scans(situation, 1, 10e3, 1.0)  # the next call pays for an index
    assert planner.settled(situation, 1) is None
    planner.settle_scans(situation, 1, 10e3, math.inf)
    assert planner.settled(situation, 1) is not None


def test_how_far_the_nearest_are_is_remembered_by_the_share_that_is_allowed():
    planner = Planner()
    everything, tenth = (situation_of(("nearest", 10), 1, 1000, allowed) for allowed in (1000, 100))
    planner.note_radii(everything, 5.0)
    planner.note_radii(tenth, 500.0)
    assert (planner.radii_ns(everything), planner.radii_ns(tenth)) == (5.0, 500.0)
    assert planner.radii_ns(situation_of(("nearest", 10), 300, 1000, 1000)) == 5.0
    for k in range(3000):
        planner.note_radii(situation_of(("nearest", k), 1, 9, 9), 1.0)
    assert len(planner._radius_ns) <= 1024


def test_situations_are_forgotten_before_they_fill_the_memory():
    planner = Planner()
    for radius in range(3000):
        planner.note(situation_of(("within", radius), 1, 9, 9), "scan", 1, work_ns=1.0, hits=0.0, took_ns=1.0)
    assert len(planner._experience) <= 1024


def test_an_index_is_built_once_questions_have_paid_for_it():
    planner = Planner()
    assert not planner.pays(-5.0, -5.0, 100.0)
    assert not planner.pays(30.0, 30.0, 100.0)
    assert not planner.pays(30.0, 60.0, 100.0)
    assert planner.pays(30.0, 60.0, 100.0)
    assert Planner().pays(1.0, 100.0, 100.0)
    assert not Planner().pays(-np.inf, -np.inf, 100.0)


def test_an_index_is_worth_a_trial_where_the_model_may_be_wrong_about_it():
    planner = Planner()
    assert planner.worth_ns(100.0, 30.0) == 70.0
    assert 0 < planner.worth_ns(100.0, 150.0) < 10.0
    assert planner.worth_ns(100.0, 300.0) < 0
    assert planner.worth_ns(100.0, math.inf) == -math.inf


@pytest.fixture
def built(monkeypatch):
    """How many rows each index was built over."""
    rows = []
    make = _native.MultiIndex

    def noted(words, threads):
        rows.append(len(words))
        return make(words, threads)

    monkeypatch.setattr(_native, "MultiIndex", noted)
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


class Ticking:
    """A clock that moves on by so many nanoseconds each time somebody looks, or when it is told."""

    def __init__(self, tick_ns):
        self.tick_ns = tick_ns
        self.now_ns = self.looks = 0

    def __call__(self):
        self.looks += 1
        self.now_ns += self.tick_ns
        return self.now_ns


def ticking(codes, tick_ns):
    engine = HammingIndex(64)
    engine.add(np.arange(len(codes)), codes)
    engine._clock_ns = Ticking(tick_ns)
    return engine


@pytest.mark.parametrize("question", ["nearest", "within"])
def test_where_no_index_would_help_hardly_any_question_looks_at_the_clock(question, built):
    codes = random_codes(70_000)
    engine = ticking(codes, 16e3)
    for row in range(1000):
        engine.nearest(codes[row : row + 1], 10) if question == "nearest" else engine.within(codes[row : row + 1], 20)
    assert built == []
    assert 8 <= engine._clock_ns.looks <= 60


def test_once_there_is_an_index_a_scan_that_stays_the_better_way_hardly_ever_looks_at_the_clock(built):
    codes = random_codes(70_000)
    engine = ticking(codes, 16e3)
    engine.within(codes[:20_000], 0)
    assert built == [70_000]
    through_index = engine._through_index

    def slowly(*arguments):
        engine._clock_ns.now_ns += 150e3
        return through_index(*arguments)

    engine._through_index = slowly
    for row in range(2000):
        if row == 1000:
            engine._clock_ns.looks = 0
        engine.nearest(codes[row : row + 1], 10)
    assert engine._clock_ns.looks <= 60


def test_questions_that_scanned_without_a_decision_pay_for_an_index_as_all_others_do(monkeypatch, built):
    codes = random_codes(300_000)
    asked = []
    for most in (64, 0):
        monkeypatch.setattr(planner_module, "MOST_SETTLED_CALLS", most)
        engine = ticking(codes, 40e3)
        built.clear()
        for number in range(1, 4000):
            engine.within(codes[:1], 3)
            if built:
                asked.append(number)
                break
    assert len(asked) == 2
    assert asked[0] == asked[1] > 300


def test_questions_about_few_ids_say_nothing_of_those_about_all(built):
    codes = random_codes(150_000, 32)
    engine = HammingIndex(256)
    engine.add(np.arange(len(codes)), codes)
    everything = situation_of(("nearest", 10), 1, len(codes), len(codes))
    engine.nearest(codes[:1], 10)
    known_ns = engine._planner.radii_ns(everything)
    assert 0 < known_ns < math.inf
    for row in range(1000, 1010):
        engine.nearest(codes[row : row + 1], 10, np.arange(20_000))
    assert engine._planner.radii_ns(everything) == known_ns


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
    monkeypatch.setattr(Planner, "choose", lambda planner, situation, queries, *_: Choice("index", queries, 300.0))
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
