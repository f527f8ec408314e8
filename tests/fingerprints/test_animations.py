"""An animation's code is its moments' codes in a row, under a recipe of its own."""

import numpy as np
import pytest

from lookalike.errors import RecipeError, RecipeMismatch
from lookalike.fingerprints import (
    ALGORITHMS,
    animated_recipe,
    fingerprint_frames,
    fingerprint_picture,
    parse_recipe,
    parse_recipes,
    still_recipe,
)
from lookalike.images import load_picture

ALL = ",".join(ALGORITHMS)


def moments(seed=0):
    noise = np.random.default_rng(seed)
    made = [load_picture(noise.integers(0, 255, (64, 64, 3)).astype(np.uint8)) for _ in range(5)]
    return [made[number] for number in (0, 1, 1, 2, 3, 3, 4, 4)]


def test_the_recipe_of_animations_says_so_and_can_be_read_back():
    assert str(animated_recipe(parse_recipe("dhash:16@full"))) == "dhash:16@full,frames8"
    for text in [*ALGORITHMS, "phash:16", "whash:db4", "dhash@full,imagehash"]:
        recipe = animated_recipe(parse_recipe(text))
        assert parse_recipe(str(recipe)) == recipe
        assert animated_recipe(recipe) == recipe
        assert still_recipe(recipe) == parse_recipe(text)
        assert still_recipe(parse_recipe(text)) == parse_recipe(text)


def test_distances_are_the_sums_over_the_moments():
    recipes = [recipe for recipe in parse_recipes(ALL) if recipe.algorithm not in ("crop_resistant", "parts")]
    first, second = moments(1), moments(2)
    for recipe, one, other in zip(
        recipes, fingerprint_frames(first, recipes), fingerprint_frames(second, recipes), strict=True
    ):
        assert one.recipe == animated_recipe(recipe)
        assert one.recipe.width_bits == 8 * recipe.width_bits
        each = [
            fingerprint_picture(a, [recipe])[0].distance(fingerprint_picture(b, [recipe])[0])
            for a, b in zip(first, second, strict=True)
        ]
        assert one.distance(other) == sum(each)


def test_segments_are_those_of_all_moments():
    recipe = parse_recipe("crop_resistant")
    frames = moments(3)
    (made,) = fingerprint_frames(frames, [recipe])
    parts = {part for frame in frames for part in fingerprint_picture(frame, [recipe])[0].parts}
    assert set(made.parts) == parts
    assert len(made.parts) == len(parts)


def test_an_animation_and_a_still_cannot_be_compared_by_mistake():
    frames = moments()
    recipe = parse_recipe("dhash")
    with pytest.raises(RecipeMismatch):
        fingerprint_frames(frames, [recipe])[0].distance(fingerprint_picture(frames[0], [recipe])[0])
    with pytest.raises(RecipeError, match="animations"):
        fingerprint_picture(frames[0], [animated_recipe(recipe)])


def test_one_plain_moment_does_not_make_a_plain_animation():
    plain = load_picture(np.zeros((64, 64, 3), np.uint8))
    frames = [plain, *moments()[1:]]
    recipe = parse_recipe("dhash")
    assert "flat" in fingerprint_picture(plain, [recipe])[0].marks
    (made,) = fingerprint_frames(frames, [recipe])
    assert made.marks == ()
    assert fingerprint_frames([plain] * 8, [recipe])[0].marks == fingerprint_picture(plain, [recipe])[0].marks


def test_nobody_asks_for_fingerprints_of_animations_alone():
    with pytest.raises(RecipeError, match="leave frames8 out"):
        parse_recipes("phash,dhash@frames8")
