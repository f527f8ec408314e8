"""What holds for every algorithm of the registry, those that come later included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lookalike.fingerprints import (
    ALGORITHMS,
    TRANSFORMS,
    fingerprint_from_hex,
    fingerprint_orientations,
    fingerprint_picture,
    parse_recipe,
    turn_picture,
)
from lookalike.fingerprints.registry import load_algorithm
from lookalike.model import Picture

EVERY = sorted(ALGORITHMS)
ODD_SIZES = [(1, 1), (2, 1), (1, 2), (1, 1000), (1000, 1), (3, 200), (301, 7), (129, 65)]
MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"]


def noise(width, height, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def in_mode(image, mode):
    if mode in ("I;16", "F"):
        return Image.fromarray(np.asarray(image.convert("L")).astype("u2" if mode == "I;16" else "f4"))
    return image.convert(mode)


def made(image, *recipes, prepare="lookalike"):
    picture = Picture(image, *image.size, "image", image.mode, prepare=prepare)
    return fingerprint_picture(picture, [parse_recipe(recipe).prepared(prepare=prepare) for recipe in recipes])


@pytest.mark.parametrize("name", EVERY)
def test_the_same_picture_gives_the_same_fingerprint_whatever_was_made_before(name):
    image = noise(90, 70)
    first = made(image, name)
    made(noise(200, 100, seed=1), *EVERY)
    assert made(image.copy(), name) == first


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(width=st.integers(1, 150), height=st.integers(1, 150), seed=st.integers(0, 9))
def test_a_fingerprint_is_the_same_alone_or_in_company_in_any_order(name, width, height, seed):
    image = noise(width, height, seed)
    alone = made(image, name)[0]
    assert made(image, *EVERY)[EVERY.index(name)] == alone
    assert made(image, *EVERY[::-1])[::-1][EVERY.index(name)] == alone


@pytest.mark.parametrize("name", EVERY)
def test_the_recipe_survives_being_printed_and_read(name):
    recipe = parse_recipe(name)
    assert str(recipe) == name
    assert parse_recipe(str(recipe)) == recipe
    assert recipe.version == load_algorithm(name).version >= 1


@pytest.mark.parametrize("name", EVERY)
def test_hex_survives_being_read_and_printed(name):
    fingerprint = made(noise(120, 80), name)[0]
    for text in (fingerprint.hex, fingerprint.hex.upper()):
        read = fingerprint_from_hex(fingerprint.recipe, text, quality=fingerprint.quality, marks=fingerprint.marks)
        assert read == fingerprint


@pytest.mark.parametrize("name", EVERY)
def test_distances_are_zero_to_itself_and_the_same_from_both_sides(name):
    one, other = made(noise(120, 80), name)[0], made(noise(120, 80, seed=1), name)[0]
    assert one.distance(one) == 0
    assert one.distance(other) == other.distance(one)


@pytest.mark.parametrize("name", EVERY)
def test_pictures_unlike_each_other_get_different_codes(name):
    reddish, bluish = np.zeros((60, 90, 3), np.uint8), np.zeros((60, 90, 3), np.uint8)
    reddish[:, :40, 0], bluish[20:, :, 2] = 220, 220
    bluish[:, 30:50] = 255
    assert made(Image.fromarray(reddish), name)[0].distance(made(Image.fromarray(bluish), name)[0]) > 0


@pytest.mark.parametrize("name", EVERY)
def test_one_code_comes_out_unless_the_algorithm_says_many(name):
    fingerprint = made(noise(120, 80), name)[0]
    assert len(fingerprint.parts) == 1 or load_algorithm(name).many_parts
    assert fingerprint.codes.shape[1] == fingerprint.recipe.bytes_per_code


@pytest.mark.parametrize("name", EVERY)
def test_bits_beyond_the_width_are_zero(name):
    fingerprint = made(noise(120, 80), name)[0]
    padding = np.unpackbits(fingerprint.codes, axis=1)[:, fingerprint.recipe.width_bits :]
    assert not padding.any()


@pytest.mark.parametrize("name", EVERY)
def test_a_flat_picture_is_marked_flat(name):
    fingerprint = made(Image.new("RGB", (100, 60), (200, 30, 90)), name)[0]
    assert fingerprint.quality < 10
    assert fingerprint.marks == ("flat",)


@pytest.mark.parametrize("size", ODD_SIZES)
@pytest.mark.parametrize("name", EVERY)
def test_pictures_of_any_size_get_a_code_of_the_recipes_width(name, size):
    fingerprint = made(noise(*size), name)[0]
    assert fingerprint.recipe == parse_recipe(name)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", EVERY)
def test_pictures_of_any_mode_get_a_code_and_stay_as_they_were(name, mode):
    image = in_mode(noise(50, 40), mode)
    before = image.tobytes()
    fingerprint = made(image, name, prepare="imagehash")[0]
    assert fingerprint.recipe == parse_recipe(f"{name}@imagehash")
    assert (image.mode, image.tobytes()) == (mode, before)


@pytest.mark.parametrize("name", EVERY)
def test_every_orientation_equals_the_fingerprint_of_the_picture_turned_so(name):
    image = noise(120, 90)
    picture, recipe = Picture(image, *image.size, "image", "RGB"), parse_recipe(name)
    orientations = fingerprint_orientations(picture, [recipe])[0]
    assert tuple(orientations) == TRANSFORMS
    for transform, fingerprint in orientations.items():
        assert fingerprint.parts == fingerprint_picture(turn_picture(picture, transform), [recipe])[0].parts, transform
