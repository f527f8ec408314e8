from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lookalike.errors import Undecodable
from lookalike.fingerprints import fingerprint_picture, parse_recipe
from lookalike.fingerprints.phash import transform_as_imagehash

KINDS = ("noise", "flat", "gradient", "two-tone", "symmetric", "blobs")
SIDES = st.one_of(st.integers(1, 12), st.integers(1, 200))
calm = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def hex_of(picture, name, *size):
    text = ":".join([name, *map(str, size)])
    return fingerprint_picture(picture, [parse_recipe(f"{text}@full,imagehash")])[0].hex


@pytest.mark.parametrize("name", ["ahash", "phash", "phash_simple", "dhash", "dhash_vertical"])
@calm
@given(kind=st.sampled_from(KINDS), width=SIDES, height=SIDES, seed=st.integers(0, 99), size=st.integers(2, 20))
def test_square_hashes_equal_imagehash_on_made_pictures(
    name, kind, width, height, seed, size, painter, oracle, picture_of
):
    image = Image.fromarray(painter(kind, width, height, seed))
    assert hex_of(picture_of(image), name, size) == oracle(name, image, size)


@pytest.mark.parametrize("name", ["whash", "whash:db4"])
@calm
@given(
    kind=st.sampled_from(KINDS), width=SIDES, height=SIDES, seed=st.integers(0, 99), size=st.sampled_from([2, 4, 8, 16])
)
def test_wavelet_hashes_equal_imagehash_on_made_pictures(
    name, kind, width, height, seed, size, painter, oracle, picture_of
):
    image = Image.fromarray(painter(kind, width, height, seed))
    assert hex_of(picture_of(image), name, size) == oracle(name, image, size)


@calm
@given(kind=st.sampled_from(KINDS), width=SIDES, height=SIDES, seed=st.integers(0, 99), bits=st.integers(1, 8))
def test_color_hashes_equal_imagehash_on_made_pictures(kind, width, height, seed, bits, painter, oracle, picture_of):
    image = Image.fromarray(painter(kind, width, height, seed))
    assert hex_of(picture_of(image), "colorhash", bits) == oracle("colorhash", image, bits)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(640, 97), (97, 640), (300, 300)])
def test_crop_resistant_hashes_equal_imagehash_on_made_pictures(kind, shape, painter, oracle, picture_of):
    image = Image.fromarray(painter(kind, *shape, seed=shape[0]))
    assert hex_of(picture_of(image), "crop_resistant") == oracle("crop_resistant", image)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "I", "I;16", "F"])
@pytest.mark.parametrize("name", ["ahash", "phash", "whash", "colorhash"])
def test_every_mode_that_imagehash_takes_gives_its_bits(mode, name, painter, oracle, picture_of):
    colors = Image.fromarray(painter("blobs", 83, 61, seed=5))
    if mode == "PA":
        image = colors.convert("P").convert("PA")
    elif mode in ("I", "I;16", "F"):
        image = Image.fromarray(np.asarray(colors.convert("L")).astype({"I": "i4", "I;16": "u2", "F": "f4"}[mode]) * 3)
    elif mode == "RGBa":
        image = colors.convert("RGBA").convert(mode)
    else:
        image = colors.convert(mode)
    assert image.mode == mode
    assert hex_of(picture_of(image), name) == oracle(name, image)


@pytest.mark.parametrize("mode", ["La", "LAB"])
def test_a_mode_without_greyscale_is_refused_with_its_name(mode, picture_of):
    image = Image.new("LA", (9, 9)).convert("La") if mode == "La" else Image.new(mode, (9, 9))
    with pytest.raises(Undecodable, match=mode):
        hex_of(picture_of(image), "ahash")


@pytest.mark.parametrize("transparency", [3, bytes(range(256))])
def test_transparent_palettes_give_imagehash_bits_without_a_warning(transparency, painter, oracle, picture_of):
    image = Image.fromarray(painter("blobs", 83, 61, seed=6)).convert("P")
    image.info["transparency"] = transparency
    for name in ("phash", "colorhash"):
        assert hex_of(picture_of(image), name) == oracle(name, image)
    assert image.info["transparency"] == transparency


@pytest.mark.parametrize(
    "name", ["ahash", "phash", "phash_simple", "dhash", "dhash_vertical", "whash", "whash:db4", "colorhash"]
)
def test_shop_photos_get_imagehash_bits(name, clothing, oracle, picture_of):
    for path in clothing[::35]:
        with Image.open(path) as image:
            assert hex_of(picture_of(image), name) == oracle(name, image), path.name


def test_shop_photos_get_imagehash_segments(clothing, oracle, picture_of):
    for path in clothing[7::400]:
        with Image.open(path) as image:
            assert hex_of(picture_of(image), "crop_resistant") == oracle("crop_resistant", image), path.name


def test_a_flat_picture_takes_the_road_that_copies_imagehash_rounding(picture_of):
    flat = Image.new("L", (50, 40), 77)
    bits = transform_as_imagehash(np.full((32, 32), 77, np.uint8), 8)
    fingerprint = fingerprint_picture(picture_of(flat), [parse_recipe("phash@full,imagehash")])[0]
    assert np.array_equal(fingerprint.bits, bits)
