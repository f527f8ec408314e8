"""Filters, prices, and what a picture probably is."""

from __future__ import annotations

import csv

import pytest

CARDS = "#results .cards > li"


@pytest.fixture(scope="module")
def items(shop):
    with (shop / "items.csv").open(encoding="utf-8") as file:
        return {row["title"]: row for row in csv.DictReader(file)}


def settle(page):
    page.wait_for_selector("#results:not([aria-busy])")


def names(page, within=CARDS):
    return page.locator(f"{within} .name").all_inner_texts()


def prices(page, within):
    return [float(text.replace(",", "")) for text in page.locator(f"{within} .facts b").all_inner_texts()]


def test_a_ticked_brand_is_part_of_the_question_and_back_takes_it_away(visit, items):
    page = visit("/similar?id=7")
    before = names(page)
    page.get_by_role("group", name="Brand").first.get_by_role("checkbox", name="Tessel").check()
    page.wait_for_url("**is.brand=Tessel*")
    settle(page)
    assert {items[name]["brand"] for name in names(page)} == {"Tessel"}
    assert len(names(page)) == min(24, sum(row["brand"] == "Tessel" for row in items.values())) or len(names(page)) > 5
    page.go_back()
    page.wait_for_url("**/similar?id=7")
    settle(page)
    page.wait_for_selector(".chips", state="detached")
    assert names(page) == before


def test_two_filters_hold_together_and_each_can_be_taken_away(visit, items):
    page = visit("/similar?id=7&is.type=tote&is.type=hobo&max.price=150")
    found = [items[name] for name in names(page)]
    assert found
    assert {row["type"] for row in found} <= {"tote", "hobo"}
    assert max(float(row["price"]) for row in found) <= 150
    page.get_by_role("link", name="Take away the filter Type: hobo").click()
    page.wait_for_url(lambda address: "hobo" not in address)
    settle(page)
    assert {items[name]["type"] for name in names(page)} == {"tote"}


def test_filters_that_nothing_fits_say_so_and_offer_a_way_out(visit):
    page = visit("/similar?id=7&max.price=1")
    assert page.get_by_role("heading", name="Nothing fits these filters").is_visible()
    page.get_by_role("link", name="Take all filters away").click()
    page.wait_for_selector(CARDS)


def test_the_nearest_say_what_an_upload_probably_is_and_what_it_costs(upload, items):
    page = upload("bag-0003.jpg")
    guess = page.locator("#guess")
    assert "Probably" in guess.inner_text()
    assert "of the 9 nearest" in guess.inner_text()
    page.get_by_role("link", name="cheaper").click()
    page.wait_for_url("**max.price=*")
    settle(page)
    most = float(page.locator("[name='max.price']").input_value())
    assert prices(page, CARDS)
    assert max(prices(page, CARDS)) <= most


def test_the_page_about_a_picture_shows_it_beside_the_query_and_alike_ones_by_price(visit, items):
    page = visit("/similar?id=7")
    name = page.locator(f"{CARDS} .name").first
    title = name.inner_text()
    name.click()
    page.wait_for_url("**/pictures/*")
    assert page.locator("h1").inner_text() == title
    assert page.locator(".beside img").count() == 2
    assert page.get_by_role("heading", name="Why it matches").is_visible()
    assert page.locator("table").get_by_text(items[title]["material"], exact=True).is_visible()
    own = float(items[title]["price"])
    rows = page.locator(".price-row")
    assert rows.locator("h3").all_inner_texts()[0].startswith("Cheaper")
    for number, holds in enumerate((lambda p: p < own, lambda p: abs(p - own) <= 0.16 * own, lambda p: p > own)):
        found = prices(page, f".price-row >> nth={number} >> .card")
        assert all(map(holds, found)), (number, own, found)
    assert sum(rows.nth(number).locator(".card").count() for number in range(3)) >= 9


def test_the_slider_lays_the_query_over_the_match(visit):
    page = visit("/similar?id=7")
    page.locator(f"{CARDS} .name").first.click()
    page.wait_for_url("**/pictures/*")
    slider = page.get_by_label("Lay one over the other")
    cut = "getComputedStyle(document.querySelector('.over .upper')).clipPath"
    before = page.evaluate(cut)
    slider.focus()
    page.keyboard.press("Home")
    assert page.evaluate(cut) != before
    assert page.evaluate(cut).startswith("inset(0px 100%")


def test_another_recipe_ranks_anew(visit):
    page = visit("/similar?id=7")
    before = names(page)
    page.get_by_label("Compare by").select_option("colorhash")
    page.wait_for_url("**by=colorhash*")
    settle(page)
    assert names(page) != before
    assert "of 42 bits apart" in page.locator(f"{CARDS} .why").first.inner_text()
