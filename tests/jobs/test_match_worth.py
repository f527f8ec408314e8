"""Matches carry what they are worth: reasons, expected chance matches, a word, a radius where chance begins."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import SearchError
from lookalike.fingerprints import parse_recipe, parse_recipes
from lookalike.images import Limits
from lookalike.jobs import recipe_index
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.jobs.measure_chance import measure_chance
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.search import HammingIndex


def pick(shop, number):
    return sorted((shop / "images").iterdir())[number]


def test_every_match_has_a_reason_for_each_recipe_the_strongest_first(shop, shop_catalog):
    for match in shop_catalog.search(pick(shop, 3), k=12, by="whash,phash,colorhash"):
        assert {reason.recipe: reason.distance for reason in match.reasons} == match.distances
        expected = [reason.expected for reason in match.reasons]
        assert expected == sorted(expected)
        assert match.verdict in {"same picture", "edited copy", "similar look", "chance"}


def test_expected_never_falls_with_distance_and_counts_only_pictures_that_fit(shop, shop_catalog):
    matches = shop_catalog.search(pick(shop, 3), k=30, by="phash")
    expected = [match.expected for match in matches]
    assert expected == sorted(expected)
    assert expected[-1] <= 40
    price = sorted(match.attributes["price"] for match in matches)[9]
    few = {m.id: m.expected for m in shop_catalog.search(pick(shop, 3), k=30, by="phash", where=f"price < {price}")}
    for match in matches:
        if match.id in few:
            assert few[match.id] < match.expected


@pytest.mark.parametrize("by", ["whash,colorhash", "phash,whash,crop_resistant"])
def test_fusion_by_chance_equals_a_slow_look_at_every_picture(shop, shop_catalog, by):
    recipes = parse_recipes(by)
    models = [measure_chance(shop_catalog.store, recipe) for recipe in recipes]
    asked = fingerprint_source(pick(shop, 5), recipes, Limits())[1]
    slow = []
    for path in sorted((shop / "images").iterdir()):
        made = fingerprint_source(path, recipes, Limits())[1]
        bits = [one.distance(other) for one, other in zip(asked, made, strict=True)]
        level = sum(np.log10(model.probability(b)) for model, b in zip(models, bits, strict=True))
        slow.append((round(level, 9), bits))
    slow.sort(key=lambda row: row[0])
    result = shop_catalog.find(pick(shop, 5), k=40, by=by, with_self=True, fusion="chance")
    assert result.fusion == "chance"
    found = [list(match.distances.values()) for match in result.matches]
    levels = [
        round(sum(np.log10(model.probability(b)) for model, b in zip(models, bits, strict=True)), 9) for bits in found
    ]
    assert levels == [level for level, _ in slow]
    assert sorted(found) == sorted(bits for _, bits in slow)


def test_a_radius_ends_the_list_and_the_result_says_how_many_it_left_out(shop, shop_catalog):
    everything = shop_catalog.search(pick(shop, 3), k=20, by="phash")
    radius = everything[7].distance
    result = shop_catalog.find(pick(shop, 3), k=20, by="phash", radius_bits=radius)
    inside = [match for match in everything if match.distance <= radius]
    assert list(result.matches) == inside
    assert (result.radius_bits, result.left_out) == (radius, 20 - len(inside))
    none = shop_catalog.find(pick(shop, 3), k=20, by="phash")
    assert (none.radius_bits, none.left_out) == (None, 0)


def test_a_radius_over_several_recipes_looks_beyond_the_first_k(shop, shop_catalog):
    everything = shop_catalog.search(pick(shop, 3), k=39, by="whash,phash")
    inside = [match for match in everything if match.distance <= 10]
    found = shop_catalog.search(pick(shop, 3), k=5, by="whash,phash", radius_bits=10)
    assert [match.id for match in found] == [match.id for match in inside[:5]]


def test_an_automatic_radius_ends_where_chance_begins(shop, shop_catalog):
    for by in ("phash", "whash", "phash,whash"):
        everything = shop_catalog.search(pick(shop, 3), k=39, by=by)
        result = shop_catalog.find(pick(shop, 3), k=39, by=by, radius_bits="auto")
        kept = [m for m in everything if m.expected <= 1 or not any(m.distances.values())]
        assert list(result.matches) == kept
        assert result.left_out == 39 - len(kept) > 0


@pytest.mark.parametrize("radius", [-1, 2.5, "near", True])
def test_what_is_no_radius_is_told(shop, shop_catalog, radius):
    with pytest.raises(SearchError, match="radius"):
        shop_catalog.search(pick(shop, 0), by="phash", radius_bits=radius)
    with pytest.raises(SearchError, match="no fusion is named"):
        shop_catalog.search(pick(shop, 0), by="phash", fusion="best")


def test_the_very_bytes_are_the_same_picture_under_any_recipe(shop, shop_catalog):
    path = pick(shop, 6)
    for source in (path, path.read_bytes()):
        matches = shop_catalog.search(source, k=40, by="colorhash", with_self=True)
        assert [match.path for match in matches if match.verdict == "same picture"] == [str(path)]


def test_plain_pictures_match_by_equal_pixels_only(catalog, own_copy):
    flat = Image.new("RGB", (90, 90), (200, 10, 10))
    flat.save(own_copy / "red.png")
    Image.new("RGB", (90, 90), (10, 10, 10)).save(own_copy / "black.png")
    catalog.index(own_copy, fingerprints="phash,dhash")
    flat.save(own_copy / "red-again.bmp")  # the same pixels in other bytes
    found = {match.path: match for match in catalog.search(own_copy / "red-again.bmp", k=12, by="phash,dhash")}
    red, black = found[str(own_copy / "red.png")], found[str(own_copy / "black.png")]
    assert red.distance == black.distance == 0
    assert (red.verdict, black.verdict) == ("same picture", "chance")
    assert all(reason.verified for reason in red.reasons)
    assert {match.verdict for match in found.values()} == {"same picture", "chance"}


def test_where_the_numbers_come_from_is_told(shop, shop_catalog):
    result = shop_catalog.find(pick(shop, 0), k=1, by="phash,colorhash")
    assert result.chance == {"phash": "default", "colorhash": "default"}
    told = result.as_dict()
    assert (told["fusion"], told["radius_bits"], told["left_out"]) == ("sum", None, 0)
    assert set(told["matches"][0]) >= {"reasons", "expected", "verdict"}
    assert shop_catalog.chance(parse_recipe("phash")).source == "default"


@pytest.mark.parametrize("by", ["whash", "colorhash", "crop_resistant"])
def test_a_crowd_is_as_far_as_its_fingerprints_are(shop, shop_catalog, by):
    (recipe,) = parse_recipes(by)
    store = shop_catalog.store
    index = RecipeIndex.load(store, recipe, HammingIndex(recipe.distance_bits))
    held = np.unique(index.owners)
    query = store.fingerprint(int(held[3]), recipe)
    with mock.patch.object(recipe_index, "CROWD_SAMPLE", 7):
        crowd = index.crowd
    assert crowd.held == len(held)
    assert crowd.ids.tolist() == held[np.linspace(0, len(held) - 1, 7).astype(int)].tolist()
    assert crowd.distances(query).tolist() == [
        query.distance(store.fingerprint(content, recipe)) for content in crowd.ids.tolist()
    ]
