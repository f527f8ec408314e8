from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import RecipeError, RecipeMismatch
from lookalike.fingerprints import fingerprint_picture, parse_recipe, parse_recipes
from lookalike.fingerprints.crop_resistant import bright_pixels, find_segments
from lookalike.fingerprints.ranks import upper_half


def test_pixels_prepared_otherwise_than_the_recipe_says_are_refused(painter, picture_of):
    picture = picture_of(Image.fromarray(painter("noise", 20, 20, 1)), "lookalike", "full")
    with pytest.raises(RecipeError, match="load the picture with the recipe's"):
        fingerprint_picture(picture, parse_recipes("phash@full,dhash"))


def test_no_recipe_gives_no_fingerprint(painter, picture_of):
    assert fingerprint_picture(picture_of(Image.fromarray(painter("noise", 20, 20, 1))), []) == ()


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (9, 30), (63, 64), (64, 64), (500, 130)])
def test_db4_codes_have_one_width_under_lookalikes_preparation(size, painter, picture_of):
    picture = picture_of(Image.fromarray(painter("noise", *size, 1)), "lookalike", "full")
    for text in ("whash:db4@full", "whash:2:db4@full", "whash:16:db4@full"):
        recipe = parse_recipe(text)
        assert fingerprint_picture(picture, [recipe])[0].recipe == recipe


def test_a_tiny_picture_gets_imagehashs_narrower_db4_code_which_others_refuse(painter, picture_of):
    recipe = parse_recipe("whash:db4@full,imagehash")
    small, large = (
        fingerprint_picture(picture_of(Image.fromarray(painter("noise", side, side, 1))), [recipe])[0]
        for side in (20, 200)
    )
    assert (small.recipe.width_bits, large.recipe.width_bits) == (121, 196)
    with pytest.raises(RecipeMismatch):
        small.distance(large)


def test_the_upper_half_is_known_only_where_no_tie_decides():
    values = np.array([5.0, 1.0, 3.0, 3.0])
    assert upper_half(values, apart=0.0) is None
    assert upper_half(np.array([5.0, 1.0, 3.0, 4.0]), apart=1.0) is None
    assert upper_half(np.array([5.0, 1.0, 3.0, 4.5]), apart=1.0).tolist() == [True, False, False, True]
    assert upper_half(np.array([2.0, 2.0, 7.0]), apart=0.5).tolist() == [False, False, True]


def test_counting_five_of_nine_equals_pillows_median(painter):
    from PIL import ImageFilter

    for seed in range(5):
        pixels = painter("blobs", 300, 300, seed)[:, :, 0]
        blurred = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur())
        expected = np.asarray(blurred.filter(ImageFilter.MedianFilter())) > 128
        assert np.array_equal(bright_pixels(pixels), expected)


def test_segments_are_found_in_the_order_and_up_to_the_limit_of_imagehash():
    from imagehash import _find_all_segments

    rng = np.random.default_rng(8)
    for dark_share in (0.2, 0.5, 0.8):
        coarse = rng.random((10, 10)) > dark_share
        bright = np.kron(coarse, np.ones((30, 30), bool)).astype(bool)
        bright[rng.integers(0, 300, 40), rng.integers(0, 300, 40)] ^= True
        pixels = np.where(bright, 200.0, 50.0)
        expected = []
        for segment in _find_all_segments(pixels, 128, 500):
            rows, columns = zip(*segment, strict=True)
            expected.append((min(columns), min(rows), max(columns) + 1, max(rows) + 1))
        assert find_segments(bright) == expected
