"""What a page's address asks, read and written back."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.catalog.where_parser import parse_where
from lookalike.errors import CropError
from lookalike.model import Crop
from lookalike.web.pages.question import AddressError, Question, Range, read_question

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9).map(float)
QUESTIONS = st.builds(
    Question,
    picture=st.integers(0, 10**15),
    crop=st.none() | st.builds(Crop, *[st.integers(0, 10**6)] * 4),
    by=st.sampled_from(["", "whash", "whash:db4"]),
    shape=st.none() | st.integers(0, 100),
    view=st.sampled_from(["grid", "columns"]),
    cursor=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20),
    chosen=st.dictionaries(NAMES, st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple), max_size=3).map(
        lambda chosen: tuple(chosen.items())
    ),
    ranges=st.dictionaries(NAMES, st.tuples(NUMBERS, st.none() | NUMBERS), max_size=2).map(
        lambda ranges: tuple(Range(name, *ends) for name, ends in ranges.items())
    ),
)


def read(address):
    return read_question(parse_qsl(urlsplit(address).query, keep_blank_values=True))


@given(QUESTIONS)
def test_an_address_says_all_that_its_question_asks(question):
    assert read(question.address("/similar", cursor=question.cursor)) == question


def test_a_change_starts_from_the_first_card_again():
    asked = Question(picture=3, cursor="abc")
    assert asked.address("/similar", by="whash") == "/similar?id=3&by=whash"


def test_an_upload_wins_over_a_picture_and_has_a_word_of_its_own():
    asked = read("/similar?id=3&upload=t0ken")
    assert (asked.picture, asked.upload, asked.subject) == (None, "t0ken", "upload-t0ken")


def test_the_form_without_a_script_sends_its_crop_in_four_fields():
    assert read("/similar?id=3&crop_x=1&crop_y=2&crop_w=30&crop_h=40").crop == Crop(1, 2, 30, 40)


@pytest.mark.parametrize("crop", ["1,2,3", "1,2,3,x", "-1,2,3,4", "1,2,3,4,5", "1.5,2,3,4"])
def test_a_crop_that_is_none_is_told(crop):
    with pytest.raises(CropError, match="four whole numbers"):
        read(f"/similar?id=3&crop={crop}")


@pytest.mark.parametrize("query", ["id=x", "id=-3", "id=3&shape=much", "id=3&min.price=cheap", "id=3&max.price=inf"])
def test_a_number_that_is_none_is_told(query):
    with pytest.raises(AddressError):
        read(f"/similar?{query}")


def test_an_empty_end_of_a_range_is_open():
    assert read("/similar?id=3&min.price=&max.price=50").ranges == (Range("price", None, 50.0),)


@given(NAMES, NAMES, NUMBERS)
def test_a_filter_names_any_attribute_and_value_without_being_cut_short(name, value, number):
    asked = Question(picture=1, chosen=((name, (value,)),), ranges=(Range(name, number, None),))
    chosen, compare = parse_where(asked.where({})).operands
    among, held = chosen.operands
    assert (among.name, among.values, among.negated) == (name, (value,), False)
    assert (held.operands[1].name, held.operands[1].text) == (name, value)
    assert (compare.name, compare.operator, compare.value) == (name, ">=", number)


def test_true_and_false_are_flags_only_where_the_attribute_is_one():
    asked = Question(picture=1, chosen=(("kids", ("true",)),))
    assert asked.where({"kids": True}) == '"kids" in (true)'
    assert asked.where({}).startswith("(\"kids\" in ('true') or ")


def test_nothing_chosen_is_no_filter():
    assert Question(picture=1).where({}) is None
