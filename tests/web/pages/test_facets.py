"""What attributes let a page say."""

from __future__ import annotations

import pytest

from lookalike.catalog import Facet
from lookalike.model import Match
from lookalike.web.pages.facets import make_band, make_filters, make_guesses, numeric, usable
from lookalike.web.pages.question import Question, Range

BRAND = Facet("brand", "text", 100, (("Acme", 50), ("Bolt", 30), ("Cord", 20)))
TITLE = Facet("title", "text", 100, (("Red tote", 2),), more=97)
RARE = Facet("copy_of", "text", 9, (("a", 3), ("b", 2)))
PRICE = Facet("price", "number", 90, least=9.5, most=1549.0)
SIZE = Facet("shoe_size", "number", 100, least=36, most=47)
SENDER = Facet("sender_id", "number", 100, least=1, most=500)
KIDS = Facet("kids", "flag", 100, ((False, 90), (True, 10)))
ALL = [TITLE, RARE, SIZE, SENDER, KIDS, PRICE, BRAND]


def match(id_, **attributes):
    return Match(id_, f"/{id_}.jpg", id_, {}, 0.0, attributes)


def test_what_most_pictures_have_and_share_becomes_a_filter_shop_words_first_and_numbers_last():
    assert [one.name for one in usable(ALL, 100)] == ["brand", "kids", "price", "shoe_size"]


def test_numbers_that_only_number_are_no_order_and_prices_come_first():
    assert [one.name for one in numeric(ALL)] == ["price", "shoe_size"]


def test_a_filter_shows_what_is_chosen():
    question = Question(
        picture=1, chosen=(("brand", ("Bolt",)), ("kids", ("true",))), ranges=(Range("price", None, 50),)
    )
    brand, kids, price = make_filters([BRAND, KIDS, PRICE], question)
    assert [(one.words, one.files, one.chosen) for one in brand.choices][:2] == [
        ("Acme", 50, False),
        ("Bolt", 30, True),
    ]
    assert [(one.sent, one.words, one.chosen) for one in kids.choices] == [
        ("false", "no", False),
        ("true", "yes", True),
    ]
    assert (price.least, price.most, price.least_chosen, price.most_chosen) == ("9.5", "1549", "", "50")


def test_the_nearest_vote_and_those_who_do_not_know_have_no_vote():
    nearest = [match(1, brand="Bolt"), match(2, brand="Acme"), match(3), match(4, brand="Acme"), match(5, brand="")]
    (guess,) = make_guesses(nearest, [BRAND, PRICE])
    assert (guess.words, guess.votes, guess.of, guess.percent) == ("Acme", 2, 3, 67)


def test_the_nearer_decides_a_tied_vote():
    (guess,) = make_guesses([match(1, brand="Bolt"), match(2, brand="Acme")], [BRAND])
    assert guess.words == "Bolt"


def test_only_the_nine_nearest_vote():
    nearest = [match(one, brand="Acme" if one < 9 else "Bolt") for one in range(40)]
    (guess,) = make_guesses(nearest, [BRAND])
    assert (guess.words, guess.of) == ("Acme", 9)


def test_the_price_band_is_the_middle_half_of_the_nearest():
    band = make_band([match(n, price=float(price)) for n, price in enumerate((10, 20, 30, 40, 1000))], [BRAND, PRICE])
    assert (band.low, band.high, band.words) == (20, 40, "20 to 40")


@pytest.mark.parametrize("prices", [(), (10, 20), (True, True, True)])
def test_too_few_prices_are_no_band(prices):
    assert make_band([match(n, price=price) for n, price in enumerate(prices)], [PRICE]) is None
