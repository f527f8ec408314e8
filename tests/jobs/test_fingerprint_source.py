"""One decode serves every recipe, and a JPEG's luminance is the same whatever else is asked of it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.fingerprints import ALGORITHMS, fingerprint_picture, parse_recipe, parse_recipes
from lookalike.images import Limits, load_picture
from lookalike.jobs.fingerprint_source import fingerprint_source

DATA = Path(__file__).parents[2].parent / "shared" / "data"
GREY = "ahash,phash,phash_simple,dhash,dhash_vertical,whash"


def noisy_jpeg(height, width, mode="RGB", **options):
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([255 * x / width, 255 * y / height, 128 + 90 * np.sin(x / 17)], axis=-1)
    noise = np.random.default_rng(3).normal(0, 20, smooth.shape)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(smooth + noise, 0, 255).astype(np.uint8)).convert(mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("size", [(60, 80), (400, 533), (1100, 1300)])
def test_a_jpegs_fingerprint_is_the_same_alone_or_in_company(size, mode):
    data = noisy_jpeg(*size, mode)
    together = fingerprint_source(data, parse_recipes(",".join(ALGORITHMS)), Limits())[1]
    alone = [fingerprint_source(data, [parse_recipe(name)], Limits())[1][0] for name in ALGORITHMS]
    assert list(together) == alone


def test_luminance_alone_drifts_less_than_a_tenth_of_a_bit_from_a_full_decode_of_shop_photos():
    paths = sorted((DATA / "clothing" / "images").glob("*.jpg"))[::10]
    if not paths:
        pytest.skip("the shop photos are not beside the project")
    recipes = parse_recipes(f"{GREY},colorhash")
    exact = [recipe.prepared(decode="full", prepare="imagehash") for recipe in recipes]
    drift = np.zeros(len(recipes))
    for path in paths:
        mine = fingerprint_source(path, recipes, Limits())[1]
        full = fingerprint_source(path, exact, Limits())[1]
        drift += [(one.bits != other.bits).sum() for one, other in zip(mine, full, strict=True)]
    assert (drift / len(paths) <= 0.1).all(), dict(zip(map(str, recipes), drift / len(paths), strict=True))


def test_imagehash_preparation_reads_red_green_and_blue_as_pillow_opens_them():
    data = noisy_jpeg(200, 300)
    for recipe in parse_recipes("dhash@imagehash,phash@full,imagehash"):
        picture = load_picture(data, decode=recipe.decode, prepare="imagehash")
        assert picture.image.mode == "RGB"
        assert fingerprint_source(data, [recipe], Limits())[1] == fingerprint_picture(picture, [recipe])
