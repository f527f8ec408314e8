"""Searching: what comes back is what a slow look at every picture would find."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import lookalike
from lookalike.errors import CropError, NotInCatalog, SearchError, WhereError
from lookalike.fingerprints import parse_recipes
from lookalike.images import Limits
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.model import Crop


def brute_force(shop, query, by, where=lambda name: True):
    """(score, distances, name) of every picture, fingerprinted anew, nearest first."""
    recipes = parse_recipes(by)
    asked = fingerprint_source(query, recipes, Limits())[1]
    rows = []
    for path in sorted((shop / "images").iterdir()):
        if where(path.name):
            made = fingerprint_source(path, recipes, Limits())[1]
            distances = [one.distance(other) for one, other in zip(asked, made, strict=True)]
            score = sum(bits / recipe.width_bits for bits, recipe in zip(distances, recipes, strict=True))
            rows.append((round(score, 6), distances, path.name))
    return sorted(rows, key=lambda row: row[0])


def pick(shop, number):
    return sorted((shop / "images").iterdir())[number]


@pytest.mark.parametrize(
    "by", ["whash", "colorhash", "crop_resistant", "whash,colorhash", "whash,phash,crop_resistant"]
)
def test_matches_equal_a_slow_look_at_every_picture(shop, shop_catalog, by):
    query = pick(shop, 5)
    matches = shop_catalog.search(query, k=12, by=by, with_self=True)
    slow = brute_force(shop, query, by)
    assert [match.score for match in matches] == [row[0] for row in slow[:12]]
    known = {name: distances for _, distances, name in slow}
    for match in matches:
        assert list(match.distances.values()) == known[match.path.rsplit("/", 1)[1]]
        assert match.distance == next(iter(match.distances.values()))


@pytest.mark.parametrize("engine", ["reference", "exact", "balltree", "faiss"])
def test_exact_engines_answer_alike(shop, shop_catalog, engine):
    pytest.importorskip({"balltree": "sklearn", "faiss": "faiss"}.get(engine, "numpy"))
    expected = shop_catalog.find(pick(shop, 3), k=15, by="whash", engine="exact")
    result = shop_catalog.find(pick(shop, 3), k=15, by="whash", engine=engine)
    assert result.matches == expected.matches
    assert result.exact
    assert result.recall is None


def test_an_approximate_engine_states_its_recall(shop, shop_catalog):
    pytest.importorskip("annoy")
    result = shop_catalog.find(pick(shop, 3), by="whash", engine="annoy")
    assert not result.exact
    assert 0.5 <= result.recall <= 1.0


def test_the_query_itself_is_left_out_unless_asked_for(shop, shop_catalog):
    query = pick(shop, 7)
    without = shop_catalog.search(query, k=9, by="whash")
    with_self = shop_catalog.search(query, k=10, by="whash", with_self=True)
    assert len(without) == 9
    assert str(query) not in [match.path for match in without]
    assert [match for match in with_self if match.path != str(query)] == without


def test_a_filter_is_part_of_the_question(shop, shop_catalog):
    prices = {match.path: match.attributes["price"] for match in shop_catalog.search(pick(shop, 0), k=40, by="whash")}
    limit = sorted(prices.values())[10]
    matches = shop_catalog.search(pick(shop, 0), k=9, by="whash", where=f"price < {limit}")
    cheap = {path.rsplit("/", 1)[1] for path, price in prices.items() if price < limit}
    slow = brute_force(shop, pick(shop, 0), "whash", where=cheap.__contains__)
    assert [match.score for match in matches] == [row[0] for row in slow[:9]]
    assert all(match.attributes["price"] < limit for match in matches)


def test_a_filter_holds_for_recipes_of_several_parts(shop, shop_catalog):
    everything = shop_catalog.search(pick(shop, 0), k=40, by="crop_resistant")
    brand = everything[0].attributes["brand"]
    matches = shop_catalog.search(pick(shop, 0), k=40, by="crop_resistant", where=f"brand = '{brand}'")
    fitting = [match for match in everything if match.attributes["brand"] == brand]
    assert [(match.id, match.distances) for match in matches] == [(match.id, match.distances) for match in fitting]


def test_path_bytes_file_image_and_array_find_the_same(shop, shop_catalog):
    path = pick(shop, 11)
    with Image.open(path) as image:
        image.load()
    sources = [str(path), path.read_bytes(), io.BytesIO(path.read_bytes()), image, np.asarray(image)]
    found = [shop_catalog.search(source, k=9, by="whash", with_self=True) for source in sources]
    told = [[(match.id, match.distances, match.expected, match.verdict) for match in matches] for matches in found]
    assert all(one == told[0] for one in told)
    assert (found[0][0].distance, found[0][0].verdict) == (0, "same picture")


def test_a_crop_is_looked_at_in_pixels_of_the_upright_picture(shop, shop_catalog, tmp_path):
    path = pick(shop, 2)
    with Image.open(path) as image:
        box = (40, 60, image.width - 50, image.height - 30)
        image.crop(box).save(tmp_path / "crop.png")
    crop = Crop(box[0], box[1], box[2] - box[0], box[3] - box[1])
    cropped = shop_catalog.search(path, k=9, by="whash", crop=crop, with_self=True)
    saved = shop_catalog.search(tmp_path / "crop.png", k=9, by="whash")
    assert cropped == saved


def test_a_file_that_changed_since_it_was_indexed_is_looked_at_anew(shop, catalog, own_copy):
    catalog.index(own_copy, fingerprints="whash")
    first, second = sorted(own_copy.iterdir())[:2]
    first.write_bytes(second.read_bytes())
    assert catalog.search(first, k=1, by="whash")[0].path == str(second)


def test_duplicates_are_one_match_with_several_paths(catalog, own_copy):
    first = min(own_copy.iterdir())
    (own_copy / "again.jpg").write_bytes(first.read_bytes())
    catalog.index(own_copy, fingerprints="whash")
    match = catalog.search(first.read_bytes(), k=1, by="whash")[0]
    assert sorted(match.paths) == sorted([str(first), str(own_copy / "again.jpg")])


def test_what_cannot_be_asked_is_told(shop, shop_catalog, catalog):
    path = pick(shop, 0)
    with pytest.raises(NotInCatalog, match=r"has no ahash.*it has: .*whash"):
        shop_catalog.search(path, by="ahash")
    with pytest.raises(WhereError):
        shop_catalog.search(path, by="whash", where="prise < 3")
    with pytest.raises(CropError):
        shop_catalog.search(path, by="whash", crop=Crop(0, 0, 99_999, 10))
    with pytest.raises(SearchError, match="k must be a whole number of at least 1; 0 came"):
        shop_catalog.search(path, by="whash", k=0)
    with pytest.raises(SearchError, match="no engine is named 'magic'"):
        shop_catalog.find(path, by="whash", engine="magic")
    with pytest.raises(NotInCatalog, match="no fingerprints yet"):
        catalog.search(path)


def test_a_plain_query_is_marked(shop_catalog):
    result = shop_catalog.find(np.full((64, 64, 3), 200, np.uint8), by="whash")
    assert "flat" in result.marks
    assert "may be chance" in result.quality_note


def test_recipes_of_other_preparations_can_be_indexed_asked_and_compared(catalog, own_copy):
    recipes = ["whash", "whash@full,imagehash", "phash@full"]
    for recipe in recipes:
        report = catalog.index(own_copy, fingerprints=recipe)
        assert report.failed == 0
    path = min(own_copy.iterdir())
    for recipe in recipes:
        assert catalog.search(path.read_bytes(), k=1, by=recipe)[0].distance == 0
    assert len(catalog.recipes) == 3


def test_another_copy_of_the_query_is_a_match(catalog, own_copy):
    first = min(own_copy.iterdir())
    (own_copy / "zz-again.jpg").write_bytes(first.read_bytes())
    catalog.index(own_copy, fingerprints="whash")
    match = catalog.search(first, k=1, by="whash")[0]
    assert (match.path, match.distance) == (str(own_copy / "zz-again.jpg"), 0)


def test_search_by_parts_lists_only_proved_copies_with_their_regions_and_says_what_is_not_proved(tmp_path):
    rng = np.random.default_rng(7)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        levels = rng.integers(0, 256, (45, 60, 3), dtype=np.uint8)
        Image.fromarray(levels).resize((480, 360), Image.Resampling.BICUBIC).save(folder / f"{number}.png")
    query = tmp_path / "query.png"
    with Image.open(folder / "1.png") as image:
        image.crop((120, 90, 432, 324)).save(query)
    with lookalike.Catalog(tmp_path / "shop.lookalike") as catalog:
        catalog.index(folder, fingerprints="parts")
        (match,) = catalog.search(query, by="parts")
        assert match.path == str(folder / "1.png")
        region, reason = match.region, match.reasons[0]
        assert np.allclose([region.left, region.top, region.width, region.height], [0.25, 0.25, 0.65, 0.65], atol=0.03)
        assert (reason.recipe, reason.verified, reason.region) == ("parts", True, region)
        assert 0 <= match.distance <= reason.width_bits // 2
        (folder / "1.png").unlink()
        (unproved,) = catalog.search(query, by="parts")
        assert (unproved.id, unproved.reasons[0].verified) == (match.id, False)
        assert catalog.search(folder / "2.png", by="parts") == []
