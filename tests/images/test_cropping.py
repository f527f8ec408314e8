"""Crops are rectangles in pixels of the whole upright picture, or a clear error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from lookalike.errors import CropError
from lookalike.images import crop_picture, load_picture
from lookalike.model import Crop

ANY_NUMBER = st.one_of(
    st.integers(-5, 70),
    st.sampled_from([2**31 - 1, 2**31, -(2**31), 2**63, 10**40, -(10**40), np.int64(3), np.uint8(200)]),
    st.sampled_from([1.0, 0.5, float("nan"), float("inf"), "3", None, True, [1], b"1"]),
)


@settings(max_examples=300, deadline=None)
@given(ANY_NUMBER, ANY_NUMBER, ANY_NUMBER, ANY_NUMBER)
def test_any_crop_is_pixel_exact_or_a_crop_error(x, y, width, height):
    pixels = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60).astype(np.uint8)
    picture = load_picture(pixels)
    values = (x, y, width, height)
    whole = all(isinstance(value, (int, np.integer)) and not isinstance(value, bool) for value in values)
    x0, y0, w, h = (int(value) for value in values) if whole else (0, 0, 0, 0)
    if whole and x0 >= 0 and y0 >= 0 and w > 0 and h > 0 and x0 + w <= 60 and y0 + h <= 40:
        cropped = crop_picture(picture, Crop(*values))
        assert np.array_equal(np.asarray(cropped.image), pixels[y0 : y0 + h, x0 : x0 + w])
        assert (cropped.width, cropped.height) == (w, h)
        assert np.array_equal(np.asarray(load_picture(pixels, crop=Crop(*values)).image), np.asarray(cropped.image))
    else:
        with pytest.raises(CropError):
            crop_picture(picture, Crop(*values))
        with pytest.raises(CropError):
            load_picture(pixels, crop=Crop(*values))


def test_a_crop_counts_pixels_of_the_upright_picture(scene, encode):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    stored = np.ascontiguousarray(scene().swapaxes(0, 1)[::-1])
    for picture in (
        load_picture(encode(stored, "PNG", exif=exif), crop=Crop(100, 10, 60, 30)),
        crop_picture(load_picture(encode(stored, "PNG", exif=exif)), Crop(100, 10, 60, 30)),
    ):
        assert np.array_equal(np.asarray(picture.image), scene()[10:40, 100:160])
        assert picture.notes == ("cropped to 100,10,60,30",)


def test_a_crop_of_a_reduced_picture_is_scaled_to_its_pixels(scene, encode):
    pixels = scene(2100, 2200)
    picture = load_picture(encode(pixels, "PNG"))
    assert picture.image.size == (550, 525)
    cropped = crop_picture(picture, Crop(400, 800, 1000, 600))
    assert cropped.image.size == (250, 150)
    assert (cropped.width, cropped.height) == (1000, 600)
    reference = Image.fromarray(pixels[800:1400, 400:1400]).reduce(4)
    assert np.array_equal(np.asarray(cropped.image), np.asarray(reference))


@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
@pytest.mark.parametrize(("side", "expected"), [(300, 300), (511, 511), (1023, 1023), (1024, 512), (2048, 512)])
def test_a_picture_is_decoded_as_large_as_its_crop_needs(scene, encode, file_format, side, expected):
    options = {"quality": 95} if file_format == "JPEG" else {"compress_level": 1}
    pixels = scene(2100, 2200)
    picture = load_picture(encode(pixels, file_format, **options), crop=Crop(40, 32, side, side + 10))
    assert picture.image.width == expected
    assert (picture.width, picture.height) == (side, side + 10)
    reference = Image.fromarray(pixels[32 : 42 + side, 40 : 40 + side]).resize(picture.image.size, Image.Resampling.BOX)
    assert np.abs(np.asarray(picture.image, int) - np.asarray(reference, int)).mean() < 2.5


def test_a_sliver_of_a_reduced_picture_is_at_least_one_pixel(scene, encode):
    picture = load_picture(encode(scene(2100, 2200), "PNG"))
    for crop in (Crop(2199, 2099, 1, 1), Crop(0, 0, 1, 2100), Crop(1, 1, 1, 1)):
        assert min(crop_picture(picture, crop).image.size) >= 1


def test_the_error_gives_the_figures(scene):
    with pytest.raises(CropError, match=r"x=170, y=0, width=20, height=5 .* 180 x 120 pixels"):
        crop_picture(load_picture(scene()), Crop(170, 0, 20, 5))
