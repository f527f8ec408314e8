"""A query's eight orientations are the fingerprints of eight turned pictures, however they are made."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from lookalike.fingerprints import (
    TRANSFORMS,
    fingerprint_orientations,
    fingerprint_picture,
    parse_recipes,
    turn_picture,
)
from lookalike.images import load_picture
from lookalike.model import Picture

RECIPES = "ahash,phash,phash:16,phash_simple,dhash,dhash:5,dhash_vertical,whash,whash:db4,pdq,colorhash,crop_resistant"


def turned_one_by_one(picture, recipes):
    made = {transform: fingerprint_picture(turn_picture(picture, transform), recipes) for transform in TRANSFORMS}
    return [{transform: codes[at] for transform, codes in made.items()} for at in range(len(recipes))]


def codes_of(orientations):
    return [{transform: code.parts for transform, code in one.items()} for one in orientations]


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (90, 70), (301, 129), (640, 530)])
@pytest.mark.parametrize("mode", ["RGB", "L", "YCbCr"])
def test_orientations_equal_the_fingerprints_of_turned_pictures(size, mode, painter):
    image = Image.fromarray(painter("noise", *size, 5)).convert(mode)
    picture = Picture(image, *size, "image", mode)
    recipes = parse_recipes(RECIPES)
    assert codes_of(fingerprint_orientations(picture, recipes)) == codes_of(turned_one_by_one(picture, recipes))


def test_orientations_of_photos_equal_the_fingerprints_of_turned_photos(clothing):
    recipes = parse_recipes(RECIPES)
    for path in clothing[::200]:
        picture = load_picture(path, channels="stored")
        assert codes_of(fingerprint_orientations(picture, recipes)) == codes_of(turned_one_by_one(picture, recipes))


def test_a_reduced_picture_is_turned_whole(painter):
    image = Image.fromarray(painter("blobs", 600, 520, 5))
    picture = Picture(image, 2400, 2080, "image", "RGB")
    turned = turn_picture(picture, "rotate-90")
    assert (turned.width, turned.height, turned.image.size) == (2080, 2400, (520, 600))
    recipes = parse_recipes("whash:db4")
    assert codes_of(fingerprint_orientations(picture, recipes)) == codes_of(turned_one_by_one(picture, recipes))


def test_a_transform_is_what_pillow_calls_so(painter):
    image = Image.fromarray(painter("noise", 50, 40, 1))
    picture = Picture(image, 50, 40, "image", "RGB")
    assert TRANSFORMS[0] == "identity"
    for transform, operation in {
        "rotate-90": Image.Transpose.ROTATE_90,  # counterclockwise
        "mirror": Image.Transpose.FLIP_LEFT_RIGHT,
        "flip": Image.Transpose.FLIP_TOP_BOTTOM,
        "transverse": Image.Transpose.TRANSVERSE,
    }.items():
        expected = replace(picture, image=image.transpose(operation))
        recipes = parse_recipes("dhash,pdq")
        codes = [one[transform].parts for one in fingerprint_orientations(picture, recipes)]
        assert codes == [code.parts for code in fingerprint_picture(expected, recipes)]
