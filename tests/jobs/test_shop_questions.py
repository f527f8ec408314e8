"""Facets, prices and votes: what people ask of a shop besides likeness."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from lookalike.errors import SearchError, WhereError
from lookalike.jobs.count_facets import count_facets
from lookalike.jobs.page_matches import Cursor
from lookalike.jobs.price_rows import price_rows
from lookalike.jobs.vote_attributes import vote_attributes
from lookalike.model import Match


def match(number, **attributes):
    return Match(number, f"{number}.jpg", number, {"whash": number}, number / 64, attributes)


def rows_of(shop):
    with open(shop / "items.csv", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("where", [None, "price < 150", "type = 'tote' or price > 200"])
def test_facets_count_what_the_table_says(shop, shop_catalog, where):
    fits = {
        None: lambda row: True,
        "price < 150": lambda row: float(row["price"]) < 150,
        "type = 'tote' or price > 200": lambda row: row["type"] == "tote" or float(row["price"]) > 200,
    }[where]
    rows = [row for row in rows_of(shop) if fits(row)]
    told = count_facets(shop_catalog.store, where)
    assert told.total == len(rows)
    by_name = {facet.name: facet for facet in told.facets}
    assert dict(by_name["brand"].values) == Counter(row["brand"] for row in rows)
    prices = [float(row["price"]) for row in rows]
    assert (by_name["price"].least, by_name["price"].most) == (min(prices), max(prices))
    assert by_name["price"].count == len(rows)


def test_facets_say_how_many_values_they_left_out(shop, shop_catalog):
    brands = Counter(row["brand"] for row in rows_of(shop))
    facet = next(one for one in count_facets(shop_catalog.store, most_values=2).facets if one.name == "brand")
    assert len(facet.values) == 2
    assert facet.more == len(brands) - 2
    assert [count for _, count in facet.values] == sorted(brands.values(), reverse=True)[:2]
    with pytest.raises(WhereError):
        count_facets(shop_catalog.store, "nonsense = 1")


def test_facets_count_each_element_of_a_list_and_each_kind_by_itself(catalog, own_copy):
    catalog.index(own_copy)
    catalog.store.change_attributes(1, {"tags": ["a", "b", "a"], "mixed": 5, "sold": True})
    catalog.store.change_attributes(2, {"tags": ["b"], "mixed": "five", "sold": False})
    facets = {(one.name, one.kind): one for one in count_facets(catalog.store).facets}
    assert dict(facets["tags", "text"].values) == {"a": 1, "b": 2}
    assert facets["mixed", "number"].least == 5
    assert dict(facets["mixed", "text"].values) == {"five": 1}
    assert dict(facets["sold", "flag"].values) == {True: 1, False: 1}


def test_rows_hold_what_costs_less_the_same_and_more_nearest_first():
    matches = [match(n, price=price) for n, price in enumerate([50, 95, 150, 105, 20, 100, "dear", None, True], 1)]
    rows = price_rows(matches, "price", 100, k=2)
    assert [one.id for one in rows.cheaper] == [1, 5]
    assert [one.id for one in rows.similar] == [2, 4]
    assert [one.id for one in rows.dearer] == [3]
    assert (rows.value, rows.known) == (100.0, True)


def test_a_picture_without_a_price_is_valued_by_the_nearest():
    rows = price_rows(
        [match(1, price=10), match(2, price=30), match(3, price=20), match(4, price=900)], "price", None, 3
    )
    assert (rows.value, rows.known) == (20.0, False)
    assert price_rows([match(1)], "price", "dear", 3).value is None


def test_the_value_that_most_of_the_nearest_have_wins_and_the_nearer_one_among_equals():
    matches = [match(1, type="tote", brand="A"), match(2, type="clutch", brand="B"), match(3, type="clutch", brand="A")]
    matches.append(match(4, type="tote", brand="C"))
    votes = {vote.attribute: vote for vote in vote_attributes(matches)}
    assert (votes["type"].value, votes["type"].votes, votes["type"].of, votes["type"].share) == ("tote", 2, 4, 0.5)
    assert "brand" not in votes  # three brands of four pictures are names, no kind
    assert [vote.value for vote in vote_attributes(matches, ["brand", "nothing"])] == ["A"]


@pytest.mark.parametrize(
    "text", ["", "x", "!!", "W10", "bnVsbA", "WzEsMiwzLDRd", "WyJhIiwxLDJd", str(Cursor(-1, 0.5, 3)), "é"]
)
def test_a_cursor_that_nobody_gave_is_refused(text):
    with pytest.raises(SearchError):
        Cursor.parse(text)


def test_a_cursor_is_read_as_it_was_written():
    assert Cursor.parse(str(Cursor(9, 0.328125, 77))) == Cursor(9, 0.328125, 77)
