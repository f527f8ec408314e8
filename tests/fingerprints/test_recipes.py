from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import RecipeError
from lookalike.fingerprints import parse_recipe, parse_recipes

TEXTS = {
    "whash": ("whash", 64),
    " WHash ": ("whash", 64),
    "whash:haar": ("whash", 64),
    "phash:8": ("phash", 64),
    "phash:008": ("phash", 64),
    "phash:16": ("phash:16", 256),
    "dhash:64": ("dhash:64", 4096),
    "whash:db4:16": ("whash:16:db4", 484),
    "whash:16:db4": ("whash:16:db4", 484),
    "whash:db4": ("whash:db4", 196),
    "colorhash": ("colorhash", 42),
    "colorhash:4": ("colorhash:4", 56),
    "crop_resistant": ("crop_resistant", 64),
    "dhash@imagehash,full": ("dhash@full,imagehash", 64),
    "dhash@reduced,lookalike": ("dhash", 64),
    "dhash:5@full": ("dhash:5@full", 25),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_gives_its_canonical_recipe_and_width(text):
    recipe = parse_recipe(text)
    assert (str(recipe), recipe.width_bits) == TEXTS[text]
    assert parse_recipe(str(recipe)) == recipe


@given(
    name=st.sampled_from(["ahash", "phash", "phash_simple", "dhash", "dhash_vertical"]),
    size=st.integers(2, 64),
    preparation=st.sampled_from(["", "@full", "@imagehash", "@full,imagehash"]),
)
def test_every_legal_recipe_survives_being_printed_and_read(name, size, preparation):
    recipe = parse_recipe(f"{name}:{size}{preparation}")
    assert parse_recipe(str(recipe)) == recipe
    assert recipe.width_bits == size * size


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "known are ahash, phash"),
        ("fhash", "Did you mean"),
        ("pahsh", "phash"),
        ("phash:1", "from 2 to 64"),
        ("phash:65", "from 2 to 64"),
        ("phash:-8", "'-8'"),
        ("phash:8:8", "'8', '8'"),
        ("phash:db4", "'db4'"),
        ("phash:", "''"),
        ("phash:²", "'²'"),
        ("phash:" + "9" * 5000, "from 2 to 64"),
        ("whash:12", "power of two"),
        ("whash:128", "from 2 to 64"),
        ("whash:sym2", "haar or db4"),
        ("whash:²", "haar or db4"),
        ("whash:db4:haar", "name one"),
        ("whash:64:db4", "from 2 to 32"),
        ("colorhash:0", "from 1 to 8"),
        ("colorhash:9", "from 1 to 8"),
        ("crop_resistant:8", "takes none"),
        ("phash@", "''"),
        ("phash@half", "'half'"),
        ("phash@full,full", "twice"),
        ("phash@full,reduced", "twice"),
        ("phash@full@imagehash", "full@imagehash"),
    ],
)
def test_an_illegal_text_is_refused_with_what_is_legal(text, said):
    with pytest.raises(RecipeError) as refusal:
        parse_recipe(text)
    assert said in str(refusal.value)


def test_lists_keep_their_order_and_each_recipe_its_preparation():
    recipes = parse_recipes("whash, phash:16,dhash@full,imagehash,ahash@imagehash")
    assert [str(recipe) for recipe in recipes] == ["whash", "phash:16", "dhash@full,imagehash", "ahash@imagehash"]


@pytest.mark.parametrize("text", ["", "whash,", "whash,,phash", "imagehash,whash", "whash,full"])
def test_lists_with_a_gap_or_a_stray_word_are_refused(text):
    with pytest.raises(RecipeError):
        parse_recipes(text)


def test_a_recipe_named_twice_is_refused():
    with pytest.raises(RecipeError, match="whash came twice"):
        parse_recipes("whash,whash:8")
