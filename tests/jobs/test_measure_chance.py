"""Counting pairs in a catalog: against a slow count, kept beside it, and counted again when that is due."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from PIL import Image

from lookalike.fingerprints import parse_recipe
from lookalike.jobs.chance_file import chance_path, read_chance
from lookalike.jobs.index_files import remove_unused_index_files
from lookalike.jobs.measure_chance import (
    count_pairs,
    draw_pairs,
    has_changed,
    measure_chance,
    pair_distances,
)
from lookalike.jobs.recipe_rows import RecipeRows, load_recipe_rows


def slow_counts(store, recipe):
    ids = store.present_contents().tolist()
    made = [store.fingerprint(content, recipe) for content in ids]
    counts = np.zeros(recipe.width_bits + 1, np.int64)
    for place, one in enumerate(made):
        for other in made[place + 1 :]:
            counts[one.distance(other)] += 1
    return counts


@pytest.mark.parametrize("name", ["phash", "colorhash", "crop_resistant"])
def test_all_pairs_of_a_small_catalog_are_counted(shop_catalog, name):
    recipe = parse_recipe(name)
    rows = load_recipe_rows(shop_catalog.store, recipe)
    count = count_pairs(shop_catalog.store, recipe, rows, 40)
    assert sum(count.counts) + count.left_out == 40 * 39 // 2
    slow = slow_counts(shop_catalog.store, recipe)
    assert (slow - np.array(count.counts)).sum() == count.left_out
    assert list(count.counts[4:]) == slow[4:].tolist()


def test_large_catalogs_are_sampled_alike_each_time_and_never_a_picture_with_itself():
    first, second = draw_pairs(1_000_000, 50_000)
    assert len(first) == 50_000
    assert not np.any(first == second)
    assert (first.min(), second.min()) >= (0, 0)
    assert max(first.max(), second.max()) < 1_000_000
    again = draw_pairs(1_000_000, 50_000)
    assert np.array_equal(first, again[0])
    assert np.array_equal(second, again[1])


def test_pictures_of_several_codes_are_as_near_as_their_nearest_two():
    random = np.random.default_rng(0)
    owners = np.sort(random.integers(0, 30, 100))
    words = random.integers(0, 2**63, (100, 1), dtype=np.uint64)
    begins = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
    ids = owners[begins]
    first, second = np.triu_indices(len(ids), 1)
    fast = pair_distances(RecipeRows(owners, words), begins, first, second)
    for left, right, bits in zip(ids[first], ids[second], fast, strict=True):
        apart = words[owners == left][:, None, 0] ^ words[owners == right][None, :, 0]
        assert bits == np.bitwise_count(apart).min()


def test_a_small_catalog_leans_on_shipped_numbers_and_says_so(shop_catalog):
    model = shop_catalog.chance("phash")
    assert (model.source, model.pictures) == ("default", 40)
    assert model.pairs == pytest.approx(200 * 199 / 2)


def test_without_shipped_numbers_a_tiny_catalog_can_not_tell(catalog, own_copy):
    catalog.index(own_copy, fingerprints="phash:12")
    assert catalog.chance("phash:12") is None
    match = catalog.search(min(own_copy.iterdir()), by="phash:12", k=1)[0]
    assert (match.expected, match.verdict, match.reasons[0].expected) == (None, None, None)


def test_the_count_is_kept_and_made_anew_when_a_tenth_has_changed(catalog, own_copy):
    recipe = parse_recipe("phash")
    catalog.index(own_copy, fingerprints="phash")
    measure_chance(catalog.store, recipe)
    path = chance_path(catalog.store, recipe)
    written = os.stat(path).st_ino
    measure_chance(catalog.store, recipe)
    assert os.stat(path).st_ino == written
    kept = read_chance(catalog.store, recipe)
    owners = np.arange(1, 101, dtype=np.int64)
    assert not has_changed(kept._replace(pictures=100, highest_id=100), owners, 100)
    assert not has_changed(kept._replace(pictures=100, highest_id=100), np.append(owners, [101] * 10), 101)
    assert has_changed(kept._replace(pictures=100, highest_id=100), owners[11:], 89)
    swapped = np.append(owners[6:], np.arange(101, 107))  # as many as before, and twelve of them others
    assert has_changed(kept._replace(pictures=100, highest_id=100), swapped, 100)
    for number in range(3):
        Image.effect_noise((80, 80), 60 + number).save(own_copy / f"new-{number}.png")
    catalog.index(own_copy)
    measure_chance(catalog.store, recipe)
    assert read_chance(catalog.store, recipe).pictures == 13


@pytest.mark.parametrize("damage", ["cut", "changed", "other recipe"])
def test_a_damaged_file_is_counted_anew(catalog, own_copy, damage):
    recipe = parse_recipe("phash")
    catalog.index(own_copy, fingerprints="phash,dhash")
    whole = catalog.chance("phash")
    path = chance_path(catalog.store, recipe)
    with open(path, encoding="ascii") as file:
        text = file.read()
    told = json.loads(text)
    told["counts"][0] += 1000
    if damage == "other recipe":
        catalog.chance("dhash")
        with open(chance_path(catalog.store, parse_recipe("dhash")), encoding="ascii") as file:
            other = file.read()
    damaged = {"cut": text[: len(text) // 2], "changed": json.dumps(told)}.get(damage) or other
    with open(path, "w", encoding="ascii") as file:
        file.write(damaged)
    assert read_chance(catalog.store, recipe) is None
    assert catalog.chance("phash").counts.tolist() == whole.counts.tolist()
    assert read_chance(catalog.store, recipe) is not None


@pytest.mark.parametrize("recipe", ["pdq", "look", "whash"])
@pytest.mark.parametrize("held", ["pdq,look,whash,colorhash", "phash,dhash,pdq,look,whash"])
def test_copies_are_left_out_where_two_fingerprints_agree(catalog, own_copy, held, recipe):
    for path in sorted(own_copy.iterdir())[:4]:
        with Image.open(path) as image:
            image.resize((image.width * 7 // 10, image.height * 7 // 10)).save(own_copy / f"copy-{path.name}")
    catalog.index(own_copy, fingerprints=held)
    catalog.chance(recipe)
    count = read_chance(catalog.store, parse_recipe(recipe))
    assert count.left_out >= 4
    assert sum(count.counts) == 14 * 13 // 2 - count.left_out


def test_two_pictures_that_one_fingerprint_takes_for_copies_are_counted(catalog, own_copy):
    for path in sorted(own_copy.iterdir())[:4]:
        with Image.open(path) as image:
            image.save(own_copy / f"copy-{path.name}", quality=70)
    catalog.index(own_copy, fingerprints="pdq,whash")
    catalog.chance("pdq")
    count = read_chance(catalog.store, parse_recipe("pdq"))
    assert (count.left_out, sum(count.counts)) == (0, 14 * 13 // 2)


def test_an_indexing_run_tidies_counts_of_recipes_that_are_gone(catalog, own_copy):
    catalog.index(own_copy, fingerprints="phash")
    catalog.chance("phash")
    folder = os.path.dirname(chance_path(catalog.store, parse_recipe("phash")))
    with open(chance_path(catalog.store, parse_recipe("phash")), "rb") as file:
        content = file.read()
    for name in ("dhash.chance", "phash.chance.0123.part"):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
        os.utime(os.path.join(folder, name), (1, 1))
    with open(os.path.join(folder, "mine.chance"), "w", encoding="ascii") as file:
        file.write("not of ours")
    assert sorted(remove_unused_index_files(catalog.store)) == ["dhash.chance", "phash.chance.0123.part"]
    assert sorted(os.listdir(folder)) == ["mine.chance", "phash.chance", "phash.idx"]
