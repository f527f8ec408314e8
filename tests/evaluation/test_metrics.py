"""Metrics against a slow, obvious reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.evaluation import metrics
from lookalike.evaluation.metrics import ScoreCounts, find_threshold, trace_curve, wilson

SCORES = st.lists(st.integers(0, 12), min_size=1, max_size=60)


def best_limit(false, allowed):
    """Tries every limit that could matter: the largest under which no more than *allowed* match."""
    limits = [*sorted({float(score) for score in false}), np.inf]
    return max(limit for limit in limits if sum(score < limit for score in false) <= allowed)


@given(SCORES, st.sampled_from([0, 1, 50_000, 200_000, 1_000_000]))
def test_the_limit_is_the_largest_under_which_no_more_than_allowed_match(false, per_million):
    found = find_threshold(ScoreCounts.of(np.array(false, float)), per_million)
    allowed = len(false) * per_million // 1_000_000
    assert found.limit == best_limit(false, allowed)
    assert (found.allowed, found.pairs) == (allowed, len(false))
    assert found.false_matches == sum(score < found.limit for score in false) <= allowed


@given(SCORES, SCORES)
def test_precision_recall_and_false_rate_are_those_of_counting(true, false):
    curve = trace_curve(np.array(true, float), ScoreCounts.of(np.array(false, float)))
    assert [point.score for point in curve] == sorted(set(true))
    for point in curve:
        right, wrong = (sum(score <= point.score for score in scores) for scores in (true, false))
        assert point.recall == pytest.approx(right / len(true))
        assert point.precision == pytest.approx(right / (right + wrong))
        assert point.false_rate == pytest.approx(wrong / len(false))


@given(st.lists(SCORES, min_size=1, max_size=5))
def test_counts_add_up_in_any_parts(parts):
    added = ScoreCounts.empty()
    for part in parts:
        added = added.plus(ScoreCounts.of(np.array(part, float)))
    whole = ScoreCounts.of(np.array([score for part in parts for score in part], float))
    assert np.array_equal(added.values, whole.values)
    assert np.array_equal(added.counts, whole.counts)
    assert (added.pairs, added.bound) == (whole.pairs, whole.bound)


def test_sources_that_were_not_found_lower_recall_and_never_count_as_found():
    curve = trace_curve(np.array([1.0, np.inf, np.inf, 2.0]), ScoreCounts.of(np.array([5.0])))
    assert [point.recall for point in curve] == [0.25, 0.5]


def test_a_limit_never_goes_beyond_what_is_known():
    listed = ScoreCounts.of(np.array([1.0, 2.0, 3.0]), unlisted=97, bound=3.0)
    assert listed.pairs == 100
    assert find_threshold(listed, 500_000) == (3.0, 2, 50, 100)


def test_of_too_many_different_scores_the_lowest_are_kept_exactly(monkeypatch):
    monkeypatch.setattr(metrics, "MOST_VALUES", 10)
    one = ScoreCounts.of(np.arange(0, 60, 2.0))
    both = one.plus(ScoreCounts.of(np.arange(1, 61, 2.0)))
    assert both.pairs == 60
    assert both.values.tolist() == list(range(10))
    assert both.bound == 10
    assert find_threshold(both, 100_000) == (6.0, 6, 6, 60)


@pytest.mark.parametrize(
    ("found", "asked", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)  # the last is Newcombe's example of 1998, table I
def test_intervals_are_wilsons(found, asked, low, high):
    share = wilson(found, asked)
    assert (share.found, share.asked, share.share) == (found, asked, found / asked)
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_nothing_asked_says_nothing():
    assert wilson(0, 0)[2:] == (0.0, 0.0, 1.0)
