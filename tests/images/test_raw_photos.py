"""Raw photos show the preview inside; a thumbnail is never taken for the photo."""

import io
import struct
import sys

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import CutOff, ImageError, MissingDecoder, TooManyPixels, Undecodable
from lookalike.images import load_picture
from lookalike.images.raw_photos import is_raw_tiff

THUMBNAIL = bytes(range(192))


def write_directory(*entries, following=0):
    """Little-endian, of (tag, type, value)."""
    rows = b"".join(
        struct.pack("<HHI", tag, kind, 1) + (struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value))
        for tag, kind, value in entries
    )
    return struct.pack("<H", len(entries)) + rows + struct.pack("<I", following)


def make_raw(preview, *, orientation=1, dng=True, photometric=32803, by_strip=False, mark=b""):
    """A TIFF of three directories in a chain: a 16 x 12 thumbnail, the preview, sensor data."""
    first, second, third = 8 + len(mark), 400, 600
    thumbnail_at, preview_at = 800, 1000
    head = [(256, 4, 16), (257, 4, 12), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, thumbnail_at)]
    head += [(274, 3, orientation), (279, 4, 192), *([(50706, 4, 0x00000401)] if dng else [])]
    places = ((273, 4, preview_at), (279, 4, len(preview)), (259, 3, 7), (262, 3, 6))
    shown = places if by_strip else ((513, 4, preview_at), (514, 4, len(preview)))
    cells = [(256, 4, 4000), (257, 4, 3000), (259, 3, 1), (262, 3, photometric), (273, 4, 1000), (279, 4, 4)]
    data = b"II*\0" + struct.pack("<I", first) + mark
    for at, part in (
        (first, write_directory(*head, following=second)),
        (second, write_directory(*sorted(shown), following=third)),
        (third, write_directory(*cells)),
        (thumbnail_at, THUMBNAIL),
        (preview_at, preview),
    ):
        data = data.ljust(at, b"\0") + part
    return data + bytes(500)  # the sensor's


@pytest.fixture
def preview(scene, encode):
    return encode(scene(300, 400), "JPEG", quality=95)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"by_strip": True},
        {"dng": False},
        {"dng": False, "photometric": 34892},
        {"dng": False, "photometric": 1, "mark": b"CR\x02\0\0\0\0\0"},
    ],
)
def test_the_preview_is_the_picture_and_not_the_thumbnail(preview, options):
    picture = load_picture(make_raw(preview, **options))
    assert (picture.format, picture.width, picture.height, picture.frames) == ("RAW", 400, 300, 1)
    assert picture.notes == ("the preview inside a raw photo",)
    assert picture.image.tobytes() == load_picture(preview).image.tobytes()


def test_pillow_alone_would_have_taken_the_thumbnail(preview):
    assert Image.open(io.BytesIO(make_raw(preview))).size == (16, 12)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_the_first_directory_says_how_to_turn_a_preview_that_does_not(preview, orientation):
    picture = load_picture(make_raw(preview, orientation=orientation))
    expected = Image.fromarray(np.asarray(load_picture(preview).image))
    turn = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}[orientation]
    assert picture.orientation == orientation
    assert picture.image.tobytes() == expected.transpose(turn).tobytes()


def test_a_preview_that_says_how_to_turn_itself_is_turned_once(scene, encode):
    exif = Image.Exif()
    exif[0x0112] = 6
    own = encode(scene(300, 400), "JPEG", exif=exif)
    assert load_picture(make_raw(own, orientation=6)).image.tobytes() == load_picture(own).image.tobytes()


@pytest.mark.parametrize("start", [b"FUJIFILMCCD-RAW ", b"\0MRM", b"\0\0\0\x18ftypcrx \0\0\0\0crx isom"])
def test_the_largest_jpeg_in_a_file_without_directories_is_the_preview(preview, scene, encode, start):
    small = encode(scene(260, 280), "JPEG")
    data = start + bytes(100) + small + bytes(50) + preview + bytes(300)
    assert load_picture(data).image.tobytes() == load_picture(preview).image.tobytes()


def test_a_panasonic_preview_lies_in_its_own_tag(preview):
    data = b"IIU\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + struct.pack("<HHII", 46, 7, len(preview), 100)
    data = data.ljust(100, b"\0") + preview + bytes(100)
    assert load_picture(data).image.tobytes() == load_picture(preview).image.tobytes()


def test_lossless_jpeg_of_the_sensor_is_no_preview(preview):
    at = preview.index(b"\xff\xc0")
    sensor = preview[: at + 1] + b"\xc3" + preview[at + 2 :]
    with pytest.raises(ImageError):
        load_picture(make_raw(sensor))


def test_a_file_cut_within_its_preview_is_cut_off(preview):
    data = make_raw(preview)
    for cut in (1000, 1010, 1000 + len(preview) // 2, 1000 + len(preview) - 1):
        with pytest.raises(CutOff):
            load_picture(data[:cut])


def test_a_preview_is_held_to_the_pixel_limit(preview):
    at = preview.index(b"\xff\xc0") + 5
    with pytest.raises(TooManyPixels):
        load_picture(make_raw(preview[:at] + b"\xff\xdc\xff\xdc" + preview[at + 4 :]))


def test_without_a_preview_and_without_its_package_it_says_how_to_install_it(scene, encode, monkeypatch):
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(MissingDecoder, match=r"raw photo.*pip install 'lookalike\[raw\]'"):
        load_picture(make_raw(encode(scene(120, 160), "JPEG")))


def test_what_the_raw_decoder_refuses_is_undecodable(scene, encode):
    pytest.importorskip("rawpy")
    with pytest.raises(Undecodable):
        load_picture(b"FOVb" + bytes(3000))


def test_a_photo_without_a_preview_is_developed_upright_at_half_size():
    pytest.importorskip("rawpy")
    picture = load_picture(make_bare_dng())
    assert (picture.format, picture.width, picture.height) == ("RAW", 160, 120)
    assert picture.notes == ("raw photo developed at half size",)
    left, right = np.asarray(picture.image.convert("L"), dtype=float)[:, [20, 140]].mean(axis=0)
    assert right > left + 20


def make_bare_dng():
    """A 320 x 240 DNG of 16-bit RGGB cells that get brighter to the right, with no picture besides."""
    cells = np.tile(np.linspace(1000, 60_000, 320), (240, 1)).astype("<u2").tobytes()
    matrix = struct.pack("<18i", *[value for one in (1, 0, 0, 0, 1, 0, 0, 0, 1) for value in (one * 10_000, 10_000)])
    neutral = struct.pack("<6I", 1, 1, 1, 1, 1, 1)
    rows = [
        (254, 4, 1, 0),
        (256, 4, 1, 320),
        (257, 4, 1, 240),
        (258, 3, 1, 16),
        (259, 3, 1, 1),
        (262, 3, 1, 32803),
        (273, 4, 1, 1000),
        (274, 3, 1, 1),
        (277, 3, 1, 1),
        (278, 4, 1, 240),
        (279, 4, 1, len(cells)),
        (33421, 3, 2, 2 | 2 << 16),
        (33422, 1, 4, 0x02010100),
        (50706, 1, 4, 0x00000401),
        (50721, 10, 9, 500),
        (50728, 5, 3, 600),
    ]
    body = b"".join(struct.pack("<HHII", *row) for row in rows)
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", len(rows)) + body + bytes(4)
    for at, part in ((500, matrix), (600, neutral), (1000, cells)):
        data = data.ljust(at, b"\0") + part
    return data


@pytest.mark.parametrize("options", [{}, {"compression": "jpeg"}, {"compression": "tiff_lzw"}, {"big_tiff": True}])
def test_other_tiffs_are_no_raw_photos(scene, encode, options):
    data = encode(scene(), "TIFF", **options)
    assert not is_raw_tiff(data)
    assert load_picture(data).format == "TIFF"


def test_directories_that_lead_to_themselves_come_to_an_end():
    for following in (8, 0):
        data = b"II*\0\x08\0\0\0" + write_directory((330, 4, 8), (330, 4, 8), following=following)
        assert not is_raw_tiff(data)
