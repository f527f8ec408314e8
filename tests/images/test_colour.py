"""Embedded profiles are converted to sRGB, and skipped or ignored where that is right."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from lookalike.images import load_picture

# The primaries of AdobeRGB (1998) adapted to D50, as its profile stores them, and its exponent 563/256.
ADOBE_PRIMARIES = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
ADOBE_GAMMA = 563 / 256
# sRGB's primaries adapted to D50 (Bradford; IEC 61966-2-1 as in the profile of the ICC)
SRGB_PRIMARIES = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
CONVERTED = ("ICC profile converted to sRGB",)


def fixed(*values):
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def make_profile(space, primaries=ADOBE_PRIMARIES, gamma=ADOBE_GAMMA):
    """A minimal display profile (ICC.1:2001-04): gamma curves, and primaries where *space* is RGB."""
    white = b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = {b"wtpt": white, b"desc": b"desc\0\0\0\0\0\0\0\x01" + b"\0" * 79, b"cprt": b"text\0\0\0\0none\0\0\0\0"}
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        for column, name in enumerate((b"r", b"g", b"b")):
            tags[name + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*primaries[:, column])
            tags[name + b"TRC"] = curve
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s", 132 + 12 * len(tags) + len(body), b"lcms", 0x02100000, b"mntr", space, b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + body


def adobe_to_srgb(pixels):
    """The oracle: linear light, D50 XYZ, linear sRGB, IEC 61966-2-1 curve."""
    light = (pixels / 255) ** ADOBE_GAMMA @ ADOBE_PRIMARIES.T @ np.linalg.inv(SRGB_PRIMARIES).T
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "WEBP"])
def test_adobe_rgb_is_converted_as_the_formulas_say(scene, encode, file_format):
    pixels = scene() // 2 + 60
    options = {"lossless": True} if file_format == "WEBP" else {}
    picture = load_picture(encode(pixels, file_format, icc_profile=make_profile(b"RGB "), **options))
    assert picture.notes == CONVERTED
    assert np.abs(np.asarray(picture.image) - adobe_to_srgb(pixels)).max() <= 2


def test_a_jpeg_and_its_adobe_rgb_copy_look_the_same(scene, encode):
    pixels = scene() // 2 + 60
    copy = load_picture(encode(pixels, "JPEG", quality=95, icc_profile=make_profile(b"RGB ")))
    assert np.abs(np.asarray(copy.image) - adobe_to_srgb(pixels)).mean() < 3


def test_a_grey_profile_converts_grey_and_keeps_it_grey(encode):
    ramp = np.arange(256, dtype=np.uint8)[None, :]
    picture = load_picture(encode(ramp, "PNG", icc_profile=make_profile(b"GRAY", gamma=1.0)))
    light = ramp / 255
    expected = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert picture.image.mode == "L"
    assert picture.notes == CONVERTED
    assert np.abs(np.asarray(picture.image) - expected).max() <= 2


def test_an_srgb_profile_changes_nothing(scene, encode):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = load_picture(encode(scene(), "PNG", icc_profile=profile))
    assert np.array_equal(np.asarray(picture.image), scene())
    assert picture.notes == ()


@pytest.mark.parametrize(
    ("profile", "note"),
    [
        (b"nonsense", "ICC profile ignored: unusable"),
        (make_profile(b"RGB ")[:200], "ICC profile ignored: unusable"),
        (make_profile(b"GRAY"), "ICC profile ignored: made for GRAY, not for RGB"),
        (b"\0" * (5 << 20), "ICC profile of 5,242,880 bytes ignored: too large"),
    ],
    ids=["nonsense", "cut off", "of grey", "huge"],
)
def test_a_profile_that_cannot_be_used_is_ignored_with_a_note(scene, encode, profile, note):
    picture = load_picture(encode(scene(), "TIFF", icc_profile=profile))
    assert np.array_equal(np.asarray(picture.image), scene())
    assert picture.notes == (note,)


def test_imagehash_preparation_converts_no_colours(scene, encode):
    picture = load_picture(encode(scene(), "PNG", icc_profile=make_profile(b"RGB ")), prepare="imagehash")
    assert np.array_equal(np.asarray(picture.image), scene())


def test_an_image_loaded_before_keeps_the_meaning_of_its_profile(scene):
    image = Image.fromarray(scene())
    image.info["icc_profile"] = make_profile(b"RGB ")
    assert load_picture(image).notes == CONVERTED
