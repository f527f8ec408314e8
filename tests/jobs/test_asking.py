"""What may be asked of the library, in which forms, and what is refused before anything is written or searched."""

from __future__ import annotations

import pytest

import lookalike
from lookalike.assembly import Catalog
from lookalike.errors import (
    AttributesError,
    CatalogError,
    CropError,
    ImageUnreadable,
    NotInCatalog,
    RecipeError,
    SearchError,
    WhereError,
)
from lookalike.fingerprints import parse_recipe
from lookalike.model import Crop
from lookalike.settings import Settings
from lookalike.standalone import check_installation


@pytest.fixture
def query(shop):
    return min((shop / "images").iterdir())


def test_recipes_may_come_as_text_as_a_recipe_and_as_a_list(shop_catalog, query):
    whash, colorhash = parse_recipe("whash"), parse_recipe("colorhash")
    expected = shop_catalog.search(query, by="whash,colorhash")
    for by in ([whash, colorhash], ["whash", "colorhash"], ("whash", colorhash), iter([whash, "colorhash"])):
        assert shop_catalog.search(query, by=by) == expected
    assert shop_catalog.search(query, by=whash) == shop_catalog.search(query, by="whash")
    assert lookalike.compare(query, query, by=[whash, "dhash"]).rows[1].recipe == "dhash"
    assert lookalike.fingerprint(query, whash) == lookalike.fingerprint(query, "whash")


@pytest.mark.parametrize("by", [5, [], ["whash", 5], b"whash", ["whash", "whash"], ""])
def test_what_names_no_recipe_is_told(shop_catalog, query, by):
    with pytest.raises(RecipeError, match=r"recipe|fingerprint"):
        shop_catalog.find(query, by=by)


def test_several_recipes_where_one_is_wanted_are_told(query, shop_catalog):
    with pytest.raises(RecipeError, match="2 came: whash, phash"):
        lookalike.fingerprint(query, "whash,phash")
    with pytest.raises(RecipeError, match="2 came: whash, phash"):
        shop_catalog.bench_engines(by="whash,phash")


def test_a_crop_may_be_four_numbers(shop_catalog, query):
    result = shop_catalog.find(query, by="whash", crop=(20, 30, 150, 160))
    assert result.crop == Crop(20, 30, 150, 160)
    assert result == shop_catalog.find(query, by="whash", crop=Crop(20, 30, 150, 160))


@pytest.mark.parametrize("crop", [(1, 2, 3), (1.5, 2, 3, 4), 7, "1,2,3,4", (True, 0, 9, 9)])
def test_another_crop_is_told(shop_catalog, query, crop):
    with pytest.raises(CropError, match="four whole numbers"):
        shop_catalog.find(query, by="whash", crop=crop)


@pytest.mark.parametrize("count", [0, -1, 2.5, True, "9", None])
def test_a_count_that_is_no_whole_number_above_zero_is_told(shop_catalog, query, count):
    with pytest.raises(SearchError, match=r"k must be a whole number of at least 1"):
        shop_catalog.find(query, by="whash", k=count)
    with pytest.raises(SearchError, match=r"the number of pictures must be a whole number of at least 1"):
        shop_catalog.sample(count)


@pytest.mark.parametrize("where", [5, b"price < 3", ["price < 3"]])
def test_a_filter_that_is_no_text_is_told(shop_catalog, query, where):
    with pytest.raises(WhereError, match="a filter is a text"):
        shop_catalog.find(query, by="whash", where=where)
    with pytest.raises(WhereError, match="a filter is a text"):
        shop_catalog.sample(9, where=where)


def test_a_run_that_cannot_begin_leaves_no_catalog_behind(shop, tmp_path):
    torn = tmp_path / "torn.csv"
    torn.write_text('file,price\n"a.jpg,3\n')
    path = tmp_path / "new" / "c.lookalike"
    for error, folder, options in (
        (RecipeError, shop / "images", {"fingerprints": "wash"}),
        (ImageUnreadable, tmp_path / "nowhere", {}),
        (AttributesError, shop / "images", {"attributes": torn}),
        (AttributesError, shop / "images", {"attributes": tmp_path / "none.csv"}),
        (AttributesError, shop / "images", {"attributes": shop / "items.csv", "key": "sku"}),
    ):
        with Catalog(path) as catalog, pytest.raises(error):
            catalog.index(folder, **options)
        assert not path.parent.exists()


def test_a_closed_catalog_is_not_made_by_asking_it(tmp_path):
    catalog = Catalog(tmp_path / "c.lookalike")
    catalog.close()
    with pytest.raises(CatalogError, match="closed"):
        catalog.sample()
    assert not (tmp_path / "c.lookalike").exists()


def test_a_recipe_of_an_older_version_is_told_and_made_anew(own_copy, tmp_path, monkeypatch):
    path = min(own_copy.iterdir())
    settings = Settings(catalog=tmp_path / "c.lookalike", workers=1)
    with Catalog(settings.catalog, settings=settings) as catalog:
        catalog.index(own_copy, fingerprints="ahash")
        monkeypatch.setattr("lookalike.fingerprints.ahash.AverageHash.version", 2)
        with pytest.raises(NotInCatalog, match=r"older version, 1; .* version 2: index again: lookalike index"):
            catalog.search(path, by="ahash")
        with pytest.raises(NotInCatalog, match="older version"):
            catalog.search(path)
        outdated = {finding.subject: finding.words for finding in check_installation(settings)}["recipe ahash"]
        assert outdated.startswith("10 pictures")
        assert catalog.index(path).failed == 0
        assert [(str(held.recipe), held.contents, held.outdated) for held in catalog.held_recipes()] == [
            ("ahash", 1, 9)
        ]
        assert catalog.find(path, by="ahash").outdated == 9
        catalog.index(own_copy)
        assert [str(recipe) for recipe in catalog.recipes] == ["ahash"]  # not the settings' recipes in its place
        assert catalog.find(path, by="ahash").outdated == 0
        assert len(catalog.search(path, by="ahash")) == 9
        assert "recipe ahash" not in {finding.subject for finding in check_installation(settings)}
        monkeypatch.setattr("lookalike.fingerprints.ahash.AverageHash.version", 1)
        catalog.store._db.execute("DELETE FROM fingerprints WHERE recipe_id = (SELECT min(id) FROM recipes)")
        with pytest.raises(NotInCatalog, match="newer Lookalike"):
            catalog.search(path, by="ahash")
