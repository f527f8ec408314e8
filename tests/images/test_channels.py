"""Alpha, palettes and deep pixels become 8-bit grey or RGB by one rule each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from lookalike.images import load_picture

ON_WHITE = ("alpha composited on white",)


def on_white(pixels):
    """The oracle: colour over white, in floats."""
    alpha = pixels[..., -1:] / 255
    return pixels[..., :-1] * alpha + 255 * (1 - alpha)


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4))))
def test_alpha_is_composited_on_white_to_the_nearest_level(pixels):
    picture = load_picture(pixels)
    opaque = (pixels[..., 3] == 255).all()
    assert np.abs(np.asarray(picture.image) - on_white(pixels)).max() <= (0 if opaque else 1)
    assert picture.notes == (() if opaque else ON_WHITE)


def test_alpha_of_grey_stays_grey(encode):
    picture = load_picture(encode(Image.merge("LA", [Image.new("L", (3, 3), 40), Image.new("L", (3, 3), 0)]), "PNG"))
    assert picture.image.mode == "L"
    assert picture.image.getextrema() == (255, 255)
    assert picture.notes == ON_WHITE


def test_opaque_alpha_is_no_alpha(scene, encode):
    plain = Image.fromarray(scene())
    opaque = plain.convert("RGBA")
    assert load_picture(encode(opaque, "PNG")).image.tobytes() == plain.tobytes()
    assert load_picture(encode(opaque, "PNG")).notes == ()


def test_premultiplied_alpha_is_undone(scene):
    image = Image.fromarray(scene()).convert("RGBA")
    image.putalpha(100)
    straight, premultiplied = (np.asarray(load_picture(i).image, int) for i in (image, image.convert("RGBa")))
    assert np.abs(straight - premultiplied).max() <= 2


@pytest.mark.parametrize("transparency", [2, b"\xff\xff\x00\xff"])
def test_transparent_colours_of_a_palette_become_white(encode, transparency):
    image = Image.new("P", (4, 1))
    image.putpalette([0, 0, 0, 80, 80, 80, 10, 20, 30, 200, 0, 0])
    image.putdata([0, 1, 2, 3])
    picture = load_picture(encode(image, "PNG", transparency=transparency))
    assert list(picture.image.get_flattened_data()) == [(0, 0, 0), (80, 80, 80), (255, 255, 255), (200, 0, 0)]
    assert picture.notes == ON_WHITE


@pytest.mark.parametrize(
    ("mode", "colours", "key"), [("L", [0, 9, 200], 9), ("RGB", [(1, 2, 3), (9, 8, 7)], (9, 8, 7))]
)
def test_the_transparent_colour_of_a_png_becomes_white(encode, mode, colours, key):
    image = Image.new(mode, (len(colours), 1))
    image.putdata(colours)
    picture = load_picture(encode(image, "PNG", transparency=key))
    white = 255 if mode == "L" else (255, 255, 255)
    assert list(picture.image.get_flattened_data()) == [white if colour == key else colour for colour in colours]
    assert picture.image.mode == mode
    assert picture.notes == ON_WHITE


def test_a_picture_all_transparent_is_white_whatever_hides_below(scene):
    hidden = np.dstack([scene(), np.zeros(scene().shape[:2], np.uint8)])
    assert load_picture(hidden).image.getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I;16L"])
def test_16_bit_grey_keeps_its_high_byte_and_is_never_clipped(mode):
    values = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    order = ">u2" if mode == "I;16B" else "<u2"
    image = Image.frombytes(mode, (16, 16), values.astype(order).tobytes())
    assert np.array_equal(np.asarray(load_picture(image).image), values >> 8)


def test_16_bit_grey_has_a_transparent_colour_too(encode):
    image = Image.fromarray(np.array([[100, 40000]], np.uint16))
    picture = load_picture(encode(image, "PNG", transparency=100))
    assert list(picture.image.get_flattened_data()) == [255, 40000 >> 8]
    assert picture.notes == ON_WHITE


@pytest.mark.parametrize(
    ("values", "expected", "notes"),
    [
        (np.array([[0, 7, 255]], np.int32), [0, 7, 255], ()),
        (np.array([[0, 256, 65535]], np.int32), [0, 1, 255], ()),
        (np.array([[-1000, 0, 1000]], np.int32), [0, 128, 255], ("values stretched to 8 bits",)),
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255], ()),
        (np.array([[0.0, 7.4, 255.0]], np.float32), [0, 7, 255], ()),
        (np.array([[-1.0, np.nan, 3.0, np.inf]], np.float32), [0, 0, 255, 255], ("values stretched to 8 bits",)),
        (np.array([[np.nan, np.inf]], np.float32), [0, 0], ()),
        (np.array([[-5.0, -5.0]], np.float32), [0, 0], ("values stretched to 8 bits",)),
    ],
)
def test_32_bit_values_follow_the_documented_ranges(encode, values, expected, notes):
    picture = load_picture(encode(Image.fromarray(values), "TIFF"))
    assert picture.image.mode == "L"
    assert list(picture.image.get_flattened_data()) == expected
    assert picture.notes == notes


def test_a_dark_16_bit_pgm_stays_dark():
    picture = load_picture(b"P5 2 1 65535\n\x00\xff\x00\x10")
    assert list(picture.image.get_flattened_data()) == [0, 0]


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "LAB", "RGBX"])
def test_other_colour_models_become_rgb_that_looks_the_same(scene, mode):
    original = Image.fromarray(scene() // 2 + 60)  # muted, so that no model leaves its gamut
    picture = load_picture(original.convert(mode))
    assert picture.image.mode == "RGB"
    assert picture.mode == mode
    assert np.abs(np.asarray(picture.image, int) - np.asarray(original, int)).mean() < 4


@pytest.mark.parametrize(("mode", "expected"), [("1", "L"), ("L", "L"), ("LA", "L"), ("P", "RGB"), ("RGBA", "RGB")])
def test_grey_stays_grey_and_the_rest_becomes_rgb(scene, mode, expected):
    picture = load_picture(Image.fromarray(scene()).convert(mode))
    assert (picture.image.mode, picture.mode) == (expected, mode)


def test_an_adobe_cmyk_jpeg_is_not_inverted(scene, encode):
    picture = load_picture(encode(Image.fromarray(scene()).convert("CMYK"), "JPEG", quality=95))
    assert picture.mode == "CMYK"
    assert np.abs(np.asarray(picture.image, int) - scene()).mean() < 4


def test_png_suite_transparency_shows_the_same_picture_in_grey_colour_and_palette(data_folder):
    folder = data_folder / "nasty" / "pngsuite" / "png"
    # The same logo with a transparent colour (PngSuite, "Transparency"): the corner is the transparent part.
    for name in ("tbbn2c16", "tbbn3p08", "tbgn2c16", "tbrn2c08", "tbwn0g16", "tbwn3p08"):
        picture = load_picture(folder / f"{name}.png")
        assert picture.notes == ON_WHITE, name
        assert picture.image.getpixel((0, 0)) in {255, (255, 255, 255)}, name
