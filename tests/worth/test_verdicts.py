"""Words, radii and ranking by chance."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import SearchError
from lookalike.worth import (
    ChanceModel,
    Evidence,
    check_fusion,
    combined_probability,
    default_model,
    default_radius_bits,
    fixed_radius_bits,
    judge,
    say_expected,
    says_little,
    score_contents,
    shared_scale,
)
from lookalike.worth.gamma import gamma_tail


def near(distance, expected):
    return [Evidence(distance, 64, expected)]


@pytest.mark.parametrize(
    ("distance", "expected", "word"),
    [
        (0, 1e-5, "same picture"),
        (1, 1e-5, "same picture"),
        (4, 1e-5, "edited copy"),
        (0, 0.3, "similar look"),
        (8, 0.3, "similar look"),
        (8, 1.0, "chance"),
        (0, 40.0, "chance"),
        (4, None, None),
    ],
)
def test_the_word_follows_from_what_chance_alone_would_bring(distance, expected, word):
    assert judge(near(distance, expected), expected) == word


def test_plain_pictures_match_by_their_content_only():
    assert judge(near(0, 1e-9), 1e-9, plain=True) == "chance"
    assert judge(near(0, 1e-9), 1e-9, plain=True, same_content=True) == "same picture"
    assert says_little(19, ())
    assert says_little(80, ("two-tone",))
    assert not says_little(20, ())


def test_the_same_picture_is_nearly_equal_under_every_recipe():
    both = [Evidence(0, 64, 1e-4), Evidence(5, 64, 1e-4)]
    assert judge(both, 1e-6) == "edited copy"


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (None, ""),
        (0.0001, "1 in 10,000 by chance"),
        (0.00037, "1 in 3,000 by chance"),
        (0.05, "1 in 20 by chance"),
        (0.4, "1 in 2 by chance"),
        (0.68, "1 expected by chance"),
        (0.9, "1 expected by chance"),
        (3.2, "3 expected by chance"),
        (1234.0, "1,000 expected by chance"),
        (1e-15, "less than 1 in 1,000,000,000 by chance"),
    ],
)
def test_expected_numbers_are_said_as_people_say_them(expected, words):
    assert say_expected(expected) == words


def test_the_default_radius_ends_where_chance_begins_and_shrinks_as_catalogs_grow():
    model = default_model("phash")
    radii = [default_radius_bits(model, pictures) for pictures in (10, 1000, 100_000, 10_000_000)]
    assert radii == sorted(radii, reverse=True)
    assert len(set(radii)) >= 3
    radius = default_radius_bits(model, 1000)
    assert model.expected(radius, 1000) <= 1 < model.expected(radius + 2, 1000)
    assert default_radius_bits(model, 1000, tries=8) < radius
    assert default_radius_bits(default_model("colorhash"), 1_000_000) == 0
    assert fixed_radius_bits("pdq") == 31
    assert fixed_radius_bits("whash") is None


def test_scores_are_sums_of_shares_or_of_the_logarithms_of_chance():
    models = [default_model("whash"), default_model("colorhash")]
    distances = np.array([[0, 5], [8, 0], [30, 9]])
    assert score_contents(distances, [64, 42]).tolist() == pytest.approx([5 / 42, 8 / 64, 30 / 64 + 9 / 42])
    by_chance = score_contents(distances, [64, 42], models)
    slow = [
        sum(np.log10(model.probability(bits)) for model, bits in zip(models, row, strict=True))
        for row in distances.tolist()
    ]
    assert by_chance.tolist() == pytest.approx(slow)
    unknown = score_contents(distances, [64, 42], [models[0], None])
    assert unknown.tolist() == score_contents(distances, [64, 42]).tolist()
    with pytest.raises(SearchError, match="no fusion is named 'best'"):
        check_fusion("best")


def test_the_gamma_tail_equals_scipys():
    from scipy.special import gammaincc

    for shape in (0.6, 1.0, 1.4, 2.5, 4.0):
        for x in (0.0, 1e-3, 0.5, 1.0, 3.0, 10.0, 60.0, 300.0):
            assert gamma_tail(shape, x) == pytest.approx(gammaincc(shape, x), rel=1e-12)


def test_together_independent_recipes_say_more_and_one_recipe_said_twice_says_no_more():
    random = np.random.default_rng(0)
    levels = random.exponential(size=(2, 5000))
    apart, same = shared_scale(list(levels)), shared_scale([levels[0], levels[0]])
    assert apart == pytest.approx(1.0, abs=0.05)
    assert same == pytest.approx(2.0, abs=0.05)
    assert combined_probability([1e-3, 1e-3], apart) < 1e-4
    assert combined_probability([1e-3, 1e-3], 2.0) == pytest.approx(1e-3)
    assert combined_probability([0.25], apart) == 0.25
    shares = np.exp(-levels)
    together = np.array([combined_probability(pair, apart) for pair in shares.T.tolist()])
    assert (together <= 0.01).mean() == pytest.approx(0.01, rel=0.5)


def test_a_model_tells_of_pairs_and_width():
    model = ChanceModel("x", np.array([1.0, 2.0, 1.0]), 4)
    assert (model.width_bits, model.pairs, model.source, model.left_out) == (2, 4.0, "this catalog", 0)
