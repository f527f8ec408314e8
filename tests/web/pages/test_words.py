"""Plain words for what the machine knows."""

from __future__ import annotations

import pytest

from lookalike.model import Match, Reason, Region
from lookalike.web.pages.words import (
    chance_words,
    distance_words,
    heading_words,
    picture_name,
    place_words,
    price_words,
    reason_words,
    value_words,
    where_words,
    why_words,
)


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (None, ""),
        (1e-9, "practically never by chance"),
        (0.0064, "by chance once in 160 searches"),
        (0.02, "by chance once in 50 searches"),
        (0.3, "seldom by chance"),
        (1.0, "chance alone brings about one this near"),
        (3.2, "chance alone brings about 3 this near"),
        (412.0, "chance alone brings about 410 this near"),
    ],
)
def test_what_chance_brings_is_said_in_whole_numbers_with_few_digits(expected, words):
    assert chance_words(expected) == words


def test_the_strongest_reason_gives_the_distance():
    reasons = (Reason("pdq", 30, 256), Reason("whash", 9, 64))
    assert distance_words(Match(1, "a", 9, {"whash": 9}, 0.1, reasons=reasons), {}) == "30 of 256 bits apart"
    assert distance_words(Match(1, "a", 9, {"whash": 9}, 0.1), {"whash": 64}) == "9 of 64 bits apart"


def test_a_reason_says_what_was_done_and_which_part_was_found():
    reason = Reason("whash", 3, 64, "mirror", Region(0, 0, 0.5, 0.5), verified=True)
    words = "3 of 64 bits apart, mirrored, part of this picture: the upper left 25 %, pixels compared"
    assert reason_words(reason) == words


def test_parts_that_were_laid_over_each_other_are_counted_as_parts_and_not_as_bits():
    assert reason_words(Reason("parts", 2, 14)) == "12 of 14 parts found"
    assert reason_words(Reason("parts", 2, 64)) == "2 of 64 bits apart"  # the nearest two alone


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (Region(0.15, 0.15, 0.7, 0.7), "the middle 49 %"),
        (Region(0, 0, 1, 0.5), "the upper 50 %"),
        (Region(0.5, 0.6, 0.5, 0.4), "the lower right 20 %"),
        (Region(0.0, 0.4, 0.01, 0.2), "the left 1 %"),
    ],
)
def test_a_part_is_told_by_its_place_and_its_share(region, words):
    assert place_words(region) == words


def test_a_match_says_which_part_of_which_picture_was_found():
    part, all_of_it = Region(0.25, 0.25, 0.5, 0.5), Region(0.01, 0, 0.98, 1)
    one = Match(
        1, "a", 3, {}, 0, region=all_of_it, reasons=(Reason("parts", 3, 9, region=all_of_it, query_region=part),)
    )
    other = Match(1, "a", 3, {}, 0, transform="mirror", region=part)
    assert where_words(one) == "In a part of yours: the middle 25 %"
    assert where_words(other) == "Mirrored, part of this picture: the middle 25 %"
    assert where_words(Match(1, "a", 3, {}, 0)) == ""


def test_a_card_names_recipes_only_where_several_agree():
    one = Match(1, "a", 3, {}, 0, reasons=(Reason("whash", 3, 64),))
    two = Match(1, "a", 3, {}, 0, transform="mirror", reasons=(Reason("whash", 3, 64), Reason("pdq", 3, 256)))
    assert (why_words(one), why_words(two)) == ("", "by whash and pdq")


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"Title": "Red tote", "brand": "Acme"}, "Red tote"),
        ({"brand": "Acme", "type": "tote"}, "Acme tote"),
        ({"label": "Shirt", "sender_id": 4}, "Shirt"),
        ({"title": None, "price": 3}, "img-24.jpg"),
    ],
)
def test_a_picture_is_called_by_the_best_that_is_known(attributes, name):
    assert picture_name(attributes, "/home/me/img-24.jpg") == name


def test_a_file_name_that_is_no_unicode_can_still_be_written():
    picture_name({}, "/home/\udcff.jpg").encode("utf-8")


def test_numbers_read_as_on_price_tags():
    assert [price_words(number) for number in (1549.0, 59.9, 0.5)] == ["1,549", "59.90", "0.50"]
    assert [value_words(value) for value in (True, 59.9, ["red", "blue"], 38)] == ["yes", "59.90", "red, blue", "38"]


def test_an_attributes_name_reads_as_a_heading():
    assert heading_words("shoe_size") == "Shoe size"
