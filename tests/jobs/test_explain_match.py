"""Explaining a match: the right way to lay one picture on the other, the very bits that differ, and their worth."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import lookalike
from lookalike.fingerprints import ALGORITHMS, parse_recipe
from lookalike.jobs.explain_match import TURNS, explain_match, lay_out
from lookalike.standalone import compare

# Parts lie wherever they were found: their bits have no order to be laid side by side in.
SIDE_BY_SIDE = [name for name in ALGORITHMS if name != "parts"]


def pick(shop, number):
    return sorted((shop / "images").iterdir())[number]


def test_bits_marked_as_different_are_as_many_as_the_distance(shop):
    explanation = lookalike.explain(pick(shop, 0), pick(shop, 1), by=",".join(SIDE_BY_SIDE))
    distances = {row.recipe: row.distance for row in compare(pick(shop, 0), pick(shop, 1)).rows}
    for one in explanation.recipes:
        differing = int((one.first_bits != one.second_bits).sum())
        assert differing == one.row.distance
        assert one.first_bits.size == one.row.width_bits
        if explanation.transform == "identity":
            assert one.row.distance == distances[one.row.recipe]


@pytest.mark.parametrize("transform", TURNS)
def test_a_turned_or_mirrored_copy_is_laid_as_its_original(shop, tmp_path, transform):
    original = Image.open(pick(shop, 4)).convert("RGB")
    if transform != "identity":
        original = original.transpose(TURNS[transform])
    original.save(tmp_path / "turned.png")
    explanation = lookalike.explain(pick(shop, 4), tmp_path / "turned.png", by="phash,dhash,ahash")
    assert explanation.transform == transform
    assert explanation.images[0].size == explanation.images[1].size
    assert sum(one.row.distance for one in explanation.recipes) <= 6


def test_the_same_pixels_are_the_same_picture_and_others_chance(shop, tmp_path):
    with Image.open(pick(shop, 4)) as image:
        image.save(tmp_path / "same.png")
    assert lookalike.explain(tmp_path / "same.png", tmp_path / "same.png").verdict == "same picture"
    noise = Image.effect_noise((300, 200), 90)
    assert lookalike.explain(pick(shop, 4), noise).verdict == "chance"
    flat = Image.new("RGB", (90, 90), "red"), Image.new("RGB", (90, 90), "blue")
    explanation = lookalike.explain(*flat, by="phash")
    assert (explanation.plain, explanation.verdict) == (True, "chance")


@pytest.mark.parametrize("turn", [None, "mirror"])
def test_a_crop_is_an_edited_copy_and_the_part_that_both_show_is_named(tmp_path, turn):
    coarse = np.random.default_rng(5).integers(0, 256, (14, 16, 3), dtype=np.uint8)  # no bag: those are symmetric
    original = Image.fromarray(coarse).resize((640, 560), Image.Resampling.BICUBIC)
    laid = original if turn is None else original.transpose(TURNS[turn])
    width, height = original.size
    laid.crop((width // 8, height // 8, width * 7 // 8, height * 7 // 8)).save(tmp_path / "crop.png")
    explanation = lookalike.explain(original, tmp_path / "crop.png", sheet=tmp_path / "why.png")
    assert (explanation.verdict, explanation.transform) == ("edited copy", turn or "identity")
    first, second = explanation.shared.query_region, explanation.shared.region
    assert (first.left, first.top, first.width, first.height) == pytest.approx((1 / 8, 1 / 8, 3 / 4, 3 / 4), abs=0.02)
    assert (second.left, second.top, second.width, second.height) == pytest.approx((0, 0, 1, 1), abs=0.02)
    parts = next(one for one in explanation.recipes if one.row.recipe == "parts")
    assert parts.row.distance == int((~parts.second_bits).sum()) < parts.row.width_bits == parts.first_bits.size
    with Image.open(tmp_path / "why.png") as sheet:
        assert "#c2410c" in {f"#{red:02x}{green:02x}{blue:02x}" for _, (red, green, blue) in sheet.getcolors(1 << 24)}


def test_parts_of_other_pictures_prove_nothing(shop):
    explanation = lookalike.explain(pick(shop, 0), Image.effect_noise((300, 200), 90), by="parts,pdq")
    row = explanation.recipes[0].row
    assert explanation.shared is None
    assert (row.distance, row.expected_per_million) == (row.width_bits, None)


def test_chance_is_that_of_the_catalog_that_is_asked(shop, shop_catalog):
    pair = pick(shop, 0), pick(shop, 1)
    few = lookalike.explain(*pair, by="phash", chance=shop_catalog.chance_or_default, pictures=40)
    many = lookalike.explain(*pair, by="phash", chance=shop_catalog.chance_or_default, pictures=4000)
    assert many.expected == pytest.approx(100 * few.expected)
    assert (few.pictures, many.pictures) == (40, 4000)


def test_unknown_worth_is_none_not_a_guess(shop):
    from lookalike.images import Limits

    recipes = [parse_recipe("phash:12")]
    explanation = explain_match(pick(shop, 0), pick(shop, 1), recipes, ("a", "b"), Limits())
    assert (explanation.expected, explanation.verdict) == (None, None)


def test_codes_are_laid_out_as_their_algorithm_has_them():
    assert lay_out(np.zeros(64, bool), parse_recipe("phash")).shape == (8, 8)
    assert lay_out(np.zeros(256, bool), parse_recipe("phash:16")).shape == (16, 16)
    bits = np.zeros(42, bool)
    bits[3:6] = True  # the second fraction
    grid = lay_out(bits, parse_recipe("colorhash"))
    assert grid.shape == (3, 14)
    assert grid[:, 1].all()
    assert grid.sum() == 3
