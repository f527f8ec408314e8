import io

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import RenderingError
from lookalike.rendering import encode_thumbnail, thumbnail
from lookalike.rendering.thumbnails import fit, fit_size, flatten


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "HSV", "I", "I;16", "F"]
)
def test_a_picture_of_any_mode_becomes_an_rgb_thumbnail(mode):
    small = thumbnail(Image.new(mode, (300, 200)), 60)
    assert (small.mode, small.size) == ("RGB", (60, 40))


@pytest.mark.parametrize(
    ("size", "box", "fitted"),
    [
        ((300, 200), (100, 100), (100, 67)),
        ((200, 300), (100, 100), (67, 100)),
        ((10000, 1), (100, 100), (100, 1)),
        ((1, 10000), (100, 100), (1, 100)),
        ((1, 1), (100, 100), (8, 8)),
        ((50, 50), (100, 100), (100, 100)),
    ],
)
def test_a_fitted_picture_keeps_its_shape(size, box, fitted):
    assert fit_size(*size, *box) == fitted
    assert fit(Image.new("RGB", size), *box).size == fitted


def test_a_thumbnail_is_never_larger_than_its_picture():
    assert thumbnail(Image.new("RGB", (20, 10)), 400).size == (20, 10)


def test_transparent_parts_turn_white():
    picture = Image.new("RGBA", (2, 1), (255, 0, 0, 0))
    picture.putpixel((1, 0), (255, 0, 0, 255))
    assert list(flatten(picture).tobytes()) == [255, 255, 255, 255, 0, 0]


def test_sixteen_bit_grey_is_scaled_not_clipped():
    picture = Image.fromarray(np.array([[0, 32768, 65535]], dtype=np.uint16))
    assert [rgb[0] for rgb in np.asarray(flatten(picture))[0].tolist()] == [0, 128, 255]


@pytest.mark.parametrize("image_format", ["webp", "jpeg"])
def test_a_thumbnail_file_carries_no_metadata_of_its_picture(image_format):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    source = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(
        source, "JPEG", exif=exif, icc_profile=b"secret profile", comment=b"secret comment", xmp=b"<secret/>"
    )
    with Image.open(source) as picture:
        assert picture.info["exif"]
        content, width, height = encode_thumbnail(picture, 100, image_format=image_format)
    assert b"secret" not in content
    assert b"taken at home" not in content
    with Image.open(io.BytesIO(content)) as small:
        assert small.size == (width, height) == (100, 75)
        assert not small.getexif()
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(small.info)


def test_a_picture_without_pixels_is_refused():
    with pytest.raises(RenderingError, match="at least one pixel"):
        thumbnail(Image.new("RGB", (0, 5)), 100)
    with pytest.raises(RenderingError, match="at least one pixel"):
        thumbnail(Image.new("RGB", (5, 5)), 0)
