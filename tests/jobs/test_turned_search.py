"""Searching for mirrored and turned copies: what comes back is what a slow look in all eight ways would find."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.assembly import Catalog
from lookalike.fingerprints import TRANSFORMS, fingerprint_picture, parse_recipe, parse_recipes, turn_picture
from lookalike.images import Limits, load_picture
from lookalike.jobs.ask_orientations import ask_nearest, ask_within
from lookalike.jobs.fingerprint_source import fingerprint_laid_source
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.model import Picture
from lookalike.search import load_engine
from lookalike.settings import Settings

RECIPES = "ahash,phash,phash_simple,dhash,dhash_vertical,whash,pdq,crop_resistant,colorhash"
DIRECTED = RECIPES.split(",")[:-2]  # segments of crop_resistant may be alike in several directions
BACK = {"rotate-90": "rotate-270", "rotate-270": "rotate-90"}  # what undoes a transform; the others undo themselves


@pytest.fixture(scope="module")
def turned_catalog(draw_shop_of, tmp_path_factory):
    """Four pictures, and of a fifth without any symmetry a copy after each transform, named for it."""
    shop = draw_shop_of(5) / "images"
    folder = tmp_path_factory.mktemp("turned")
    for path in sorted(shop.iterdir())[1:]:
        (folder / path.name).write_bytes(path.read_bytes())
    coarse = np.random.default_rng(11).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((480, 400), Image.Resampling.BICUBIC)
    for transform in TRANSFORMS:
        turn_picture(Picture(image, *image.size, "image", "RGB"), transform).image.save(folder / f"{transform}.png")
    with Catalog(tmp_path_factory.mktemp("catalog") / "t.lookalike", settings=Settings(workers=2)) as catalog:
        catalog.index(folder, fingerprints=RECIPES)
        yield folder, catalog


def lies_as(match):
    return match.path.rsplit("/", 1)[1].removesuffix(".png")


@pytest.mark.parametrize("by", [*DIRECTED, "phash,pdq"])
def test_a_query_finds_each_turned_copy_and_says_what_turns_it_so(turned_catalog, by):
    folder, catalog = turned_catalog
    result = catalog.find(folder / "identity.png", k=8, by=by, with_self=True, turned=True)
    assert result.turned
    assert {lies_as(match): match.transform for match in result.matches} == {name: name for name in TRANSFORMS}
    for match in result.matches:
        assert (match.score, match.distance) == (0, 0)
        assert {(one.recipe, one.transform) for one in match.reasons} == {(name, match.transform) for name in result.by}
        assert list(match.reasons) == sorted(match.reasons, key=lambda one: one.expected)  # the strongest first


def test_a_turned_query_finds_the_picture_as_it_was(turned_catalog):
    folder, catalog = turned_catalog
    for name in TRANSFORMS:
        matches = catalog.search(folder / f"{name}.png", k=8, by="pdq", with_self=True, turned=True)
        ways = {lies_as(match): match.transform for match in matches}
        assert ways["identity"] == BACK.get(name, name)
        assert ways[name] == "identity"


def test_without_turned_only_the_copy_that_lies_alike_is_at_zero(turned_catalog):
    folder, catalog = turned_catalog
    matches = catalog.search(folder / "mirror.png", k=8, by="pdq", with_self=True)
    assert [lies_as(match) for match in matches if match.distance == 0] == ["mirror"]
    assert {match.transform for match in matches} == {"identity"}


def test_colors_have_no_direction(turned_catalog):
    folder, catalog = turned_catalog
    matches = catalog.search(folder / "mirror.png", k=8, by="colorhash", with_self=True, turned=True)
    assert {(match.distance, match.transform) for match in matches} == {(0, "identity")}


def slowly(folder, catalog, source, by):
    """(distance, transform) of every content by its id."""
    recipe = parse_recipe(by)
    picture = load_picture(source, channels="stored")
    codes = [fingerprint_picture(turn_picture(picture, transform), [recipe])[0] for transform in TRANSFORMS]
    found = {}
    for match in catalog.search(source, k=100, by=by, with_self=True):
        own = catalog.store.fingerprint(match.id, recipe)
        found[match.id] = min((code.distance(own), place) for place, code in enumerate(codes))
    return found


@pytest.mark.parametrize("by", ["dhash", "pdq", "colorhash", "crop_resistant"])
@pytest.mark.parametrize("engine", ["exact", "reference"])
def test_an_index_asked_in_eight_ways_answers_as_a_slow_look(turned_catalog, by, engine):
    folder, catalog = turned_catalog
    recipe, source = parse_recipe(by), min(folder.glob("*.jpg"))
    expected = slowly(folder, catalog, source, by)
    query = fingerprint_laid_source(source, [recipe], Limits(), turned=[recipe])[1][0]
    with catalog.store.reading():
        index = RecipeIndex.load(catalog.store, recipe, load_engine(engine)(recipe.width_bits))
    rows = sorted((bits, id_, place) for id_, (bits, place) in expected.items())
    nearest = ask_nearest(index, query, 5)
    assert list(zip(nearest.distances, nearest.ids, nearest.transforms, strict=True)) == rows[:5]
    radius = rows[6][0]
    within = ask_within(index, query, radius)
    assert list(zip(within.distances, within.ids, within.transforms, strict=True)) == [
        row for row in rows if row[0] <= radius
    ]
    allow = np.array(sorted(expected)[::2], dtype=np.int64)
    allowed = [row for row in rows if row[1] in allow]
    assert ask_nearest(index, query, 3, allow).ids.tolist() == [id_ for _, id_, _ in allowed[:3]]
    assert ask_within(index, query, radius, allow).ids.tolist() == [id_ for bits, id_, _ in allowed if bits <= radius]


def test_several_recipes_agree_on_one_way_to_lay_the_query(turned_catalog):
    folder, catalog = turned_catalog
    source, recipes = sorted(folder.glob("*.jpg"))[1], parse_recipes("dhash,phash")
    picture = load_picture(source)
    codes = [fingerprint_picture(turn_picture(picture, transform), recipes) for transform in TRANSFORMS]
    for match in catalog.search(source, k=12, by="dhash,phash", with_self=True, turned=True):
        own = [catalog.store.fingerprint(match.id, recipe) for recipe in recipes]
        sums = [sum(a.distance(b) / 64 for a, b in zip(code, own, strict=True)) for code in codes]
        assert match.score == round(min(sums), 6)
        assert match.transform == TRANSFORMS[sums.index(min(sums))]


def test_an_animation_is_compared_as_it_is(tmp_path, catalog):
    frames = [Image.effect_noise((80, 60), spread).convert("RGB") for spread in (20, 60, 100)]
    film = tmp_path / "film.gif"
    frames[0].save(film, save_all=True, append_images=frames[1:], duration=200)
    catalog.index(tmp_path, fingerprints="dhash")
    found = catalog.find(film, by="dhash", with_self=True, turned=True)
    assert found.by == ("dhash@frames8",)
    assert [(match.distance, match.transform) for match in found.matches] == [(0, "identity")]
