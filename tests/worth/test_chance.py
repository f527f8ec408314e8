"""Chance models: against distributions whose tails are known, and codes whose pairs can all be counted."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from lookalike.worth import ChanceModel, blend, default_model
from lookalike.worth.tail import end_of_copies, occurring


def pairs_of_tosses(width_bits, pairs):
    """Expected pairs at each distance between codes of independent bits."""
    return np.array([comb(width_bits, d) / 2**width_bits for d in range(width_bits + 1)]) * pairs


def crowded_codes(random, pictures):
    """64-bit codes as of a shop: crowds around a few layouts, and others all over the place."""
    layouts = random.random((12, 64)) < 0.5
    chosen = layouts[random.integers(0, 12, pictures)]
    noise = np.where(random.random(pictures) < 0.3, 0.12, 0.45)[:, None]
    return chosen ^ (random.random((pictures, 64)) < noise)


def distances_between(left, right):
    return (left[:, None, :] != right[None, :, :]).sum(axis=2)


def count(distances, width_bits=64):
    return np.bincount(distances.ravel(), minlength=width_bits + 1).astype(float)


def test_what_was_counted_often_is_told_as_counted():
    counts = pairs_of_tosses(64, 1e6)
    model = ChanceModel("x", counts, 1000)
    for distance in range(20, 65):
        assert model.probability(distance) == pytest.approx(counts[: distance + 1].sum() / counts.sum(), rel=1e-6)


def test_tails_beyond_what_was_counted_are_not_promised_rarer_than_coin_tosses_make_them():
    counts = np.random.default_rng(0).poisson(pairs_of_tosses(64, 1e6)).astype(float)
    model = ChanceModel("x", counts, 1000)
    for distance in (4, 8, 12):  # of coin tosses 1 in 1e15 to 1e7: half a binomial's logarithm keeps to the safe side
        true = sum(comb(64, d) for d in range(distance + 1)) / 2**64
        assert model.probability(distance) > true
        assert model.probability(distance) < 1e-5


def test_codes_in_crowds_are_predicted_within_a_factor_of_two_on_held_back_pairs():
    random = np.random.default_rng(5)
    known, held_back = crowded_codes(random, 1000), crowded_codes(np.random.default_rng(5), 5000)[1000:]
    layouts_alike = count(distances_between(known, known)[np.triu_indices(1000, 1)])
    model = ChanceModel("x", layouts_alike, 1000)
    counted = np.cumsum(count(distances_between(held_back[:2000], held_back[2000:])))
    checked = [d for d in range(40) if counted[d] >= 50]
    assert min(counted[d] for d in checked) / counted[-1] < 5e-5
    for distance in checked:
        assert 0.5 < model.probability(distance) / (counted[distance] / counted[-1]) < 2.0, distance


def test_even_lattices_are_known_and_odd_distances_count_as_the_even_one_below():
    counts = np.zeros(65)
    counts[::2] = pairs_of_tosses(64, 1e5)[::2] * 2
    model = ChanceModel("phash", counts, 500)
    assert occurring(counts).tolist() == list(range(0, 65, 2))
    assert model.probability(21) == model.probability(20) < model.probability(22)
    assert model.probability(-1) == 0.0
    assert model.probability(64) == model.probability(1000) == 1.0


def test_many_equal_codes_stay_as_many_as_were_counted():
    counts = np.array([4459.0, 2312, 1893, 4351, 3251, 3615, 9106, 8572, 2635, 252, 3])
    model = ChanceModel("colorhash", counts, 300)
    assert model.probability(0) == pytest.approx(4459 / counts.sum())
    assert model.error_factor(0) < 1.1


@pytest.mark.parametrize("width_bits", [42, 64, 256, 1024])
def test_probabilities_never_fall_with_distance_and_never_vanish(width_bits):
    counts = np.random.default_rng(1).poisson(pairs_of_tosses(width_bits, 3e5)).astype(float)
    model = ChanceModel("x", counts, 800)
    shares = [model.probability(d) for d in range(width_bits + 1)]
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] == pytest.approx(1.0)
    assert all(model.error_factor(d) >= 1 for d in range(width_bits + 1))
    assert model.probabilities(np.arange(width_bits + 1)).tolist() == shares


def test_a_heap_of_copies_at_the_near_end_is_not_chance():
    counts = np.random.default_rng(2).poisson(pairs_of_tosses(64, 1e6)).astype(float)
    clean = ChanceModel("x", counts.copy(), 1000)
    counts[:5] += [200, 120, 60, 20, 5]
    assert end_of_copies(counts) > 4
    copied = ChanceModel("x", counts, 1000)
    for distance in (2, 6, 10):
        assert copied.probability(distance) == pytest.approx(clean.probability(distance), rel=0.1)


def test_expected_grows_with_pictures_tries_and_density_and_never_beyond_all_pictures():
    model = ChanceModel("x", pairs_of_tosses(64, 1e6), 1000)
    once = model.expected(20, 10_000)
    assert once == pytest.approx(10_000 * model.probability(20))
    assert model.expected(20, 20_000) == pytest.approx(2 * once)
    assert model.expected(20, 10_000, tries=8) == pytest.approx(8 * once)
    assert model.expected(20, 10_000, density=0.5) == pytest.approx(once / 2)
    assert model.expected(64, 10_000, tries=8) == 10_000


def test_a_query_in_a_crowd_has_more_chance_neighbours_and_the_mean_over_queries_is_one():
    random = np.random.default_rng(5)
    codes = crowded_codes(random, 1200)
    between = distances_between(codes, codes)
    model = ChanceModel("x", count(between[np.triu_indices(1200, 1)]), 1200)
    others = ~np.eye(1200, dtype=bool)
    densities = np.array([model.density(row[keep]) for row, keep in zip(between, others, strict=True)])
    assert densities.mean() == pytest.approx(1.0, rel=0.05)
    radius = int(np.searchsorted([model.probability(d) for d in range(65)], 1e-3))
    near = ((between <= radius) & others).sum(axis=1)
    order = np.argsort(densities)
    assert near[order[:300]].mean() < 0.2 * near.mean()
    assert near[order[-300:]].mean() > 2 * near.mean()
    average = 1199 * model.probability(radius)
    crowded = near[order[-300:]].mean()
    assert crowded > 3.5 * average  # as far off is what the average says of them
    assert 1 / 3 < crowded / (average * densities[order[-300:]].mean()) < 3
    assert model.density([]) == 1.0


def test_small_catalogs_lean_on_shipped_numbers_and_say_so():
    default = default_model("phash")
    own = np.zeros(65)
    own[30] = 45.0
    model = blend(own, default, 10)
    assert model.source == "default"
    assert model.probability(30) > default.probability(30)
    assert model.probability(8) == pytest.approx(default.probability(8), rel=0.5)


def test_numbers_are_shipped_for_every_fingerprint_as_it_is_made_now():
    from lookalike.fingerprints import ALGORITHMS, parse_recipe

    measured = [name for name in ALGORITHMS if default_model(name, parse_recipe(name).version)]
    assert len(measured) >= 8
    for name in measured:
        assert default_model(name).width_bits == parse_recipe(name).width_bits
        assert default_model(name).pictures > 2000
    assert default_model("phash", 99) is None
    assert default_model("nonsense") is None
