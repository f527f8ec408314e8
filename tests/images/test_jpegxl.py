"""JPEG XL: the header as libjxl understands it, upright pixels, and bombs refused undecoded."""

import io
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lookalike.errors import CutOff, MissingDecoder, TooManyPixels, Undecodable, UnsupportedFormat
from lookalike.images import Limits, jpegxl, load_frames, load_picture
from lookalike.images.jpegxl import JpegXlImageFile, read_header


@pytest.fixture(scope="module")
def codec():
    return pytest.importorskip("imagecodecs")


class Fields:
    """Writes the fields of a header, least significant bit first (ISO/IEC 18181-1, annex A)."""

    def __init__(self):
        self.bits = ""

    def put(self, value, count):
        self.bits += format(value, f"0{count}b")[::-1] if count else ""
        return self

    def bytes(self):
        padded = self.bits + "0" * (-len(self.bits) % 8 + 64)
        return b"\xff\x0a" + bytes(int(padded[at : at + 8][::-1], 2) for at in range(0, len(padded), 8))


def large_size(fields, value):
    """Selector 3: 30 bits and one."""
    return fields.put(3, 2).put(value - 1, 30)


@pytest.mark.parametrize(
    "shape", [(60, 80, 3), (64, 128, 3), (8, 8, 3), (256, 256), (61, 83, 4), (100, 300, 2), (9, 5000)]
)
@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"usecontainer": True}])
def test_the_size_is_read_as_it_was_written(codec, shape, options):
    pixels = np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)
    data = codec.jpegxl_encode(pixels, **options)
    header = read_header(data)
    assert (header.height, header.width, header.orientation, header.animated) == (*shape[:2], 1, False)
    image = JpegXlImageFile(io.BytesIO(data))
    image.load()
    assert image.size == (shape[1], shape[0])


@given(
    width=st.integers(1, 2**30),
    height=st.integers(1, 2**30),
    orientation=st.integers(1, 8),
    animated=st.booleans(),
    intrinsic=st.booleans(),
    channels=st.integers(0, 2),
)
def test_every_field_before_the_colours_is_stepped_over(width, height, orientation, animated, intrinsic, channels):
    fields = Fields().put(0, 1)
    large_size(fields, height).put(0, 3)
    large_size(fields, width).put(0, 1).put(1, 1).put(orientation - 1, 3).put(intrinsic, 1)
    if intrinsic:
        fields.put(1, 1).put(3, 5).put(1, 3)  # 32 x 32
    fields.put(0, 1).put(animated, 1)
    if animated:
        fields.put(2, 2).put(23, 10).put(0, 2).put(1, 2).put(5, 3).put(0, 1)
    fields.put(0, 1).put(1, 2).put(1, 1)  # 10 bits a sample
    fields.put(2, 2).put(channels - 2, 4) if channels >= 2 else fields.put(channels, 2)
    for _ in range(channels):  # alpha of 8 bits, called "a"
        fields.put(0, 1).put(0, 2).put(0, 1).put(0, 2).put(0, 2).put(1, 2).put(1, 4).put(97, 8).put(0, 1)
    fields.put(1, 1).put(1, 1)
    assert read_header(fields.bytes()) == (width, height, orientation, animated, True)


def test_a_bomb_is_refused_by_its_header_alone(codec, monkeypatch):
    monkeypatch.setattr(codec, "jpegxl_decode", None)
    fields = Fields().put(0, 1)
    data = large_size(large_size(fields, 2**30).put(0, 3), 2**30).put(1, 1).bytes()
    with pytest.raises(TooManyPixels, match="1073741824 x 1073741824"):
        load_picture(data)


def test_pixels_are_those_that_went_in_and_the_limit_is_inclusive(codec, scene):
    data = codec.jpegxl_encode(scene(60, 80), lossless=True)
    picture = load_picture(data, limits=Limits(max_pixels=4800))
    assert (picture.format, picture.width, picture.height, picture.frames) == ("JXL", 80, 60, 1)
    assert np.array_equal(np.asarray(picture.image), scene(60, 80))
    with pytest.raises(TooManyPixels):
        load_picture(data, limits=Limits(max_pixels=4799))


def test_alpha_is_composited_and_deep_pixels_keep_their_high_byte(codec, scene):
    opaque = scene(40, 60)
    clear = np.dstack([opaque, np.zeros((40, 60), np.uint8)])
    picture = load_picture(codec.jpegxl_encode(clear, lossless=True))
    assert picture.notes == ("alpha composited on white",)
    assert np.asarray(picture.image).min() == 255
    deep = load_picture(codec.jpegxl_encode(opaque.astype(np.uint16) * 257, lossless=True))
    assert np.array_equal(np.asarray(deep.image), opaque)
    grey = load_picture(codec.jpegxl_encode(opaque[..., 0], lossless=True))
    assert (grey.image.mode, grey.notes) == ("L", ())


def test_colours_that_are_not_srgb_leave_a_note(codec, scene):
    linear = codec.jpegxl_encode(scene(40, 60).astype(np.float32) / 255)
    assert not read_header(linear).is_srgb
    assert any("JPEG XL colours" in note for note in load_picture(linear).notes)


def test_a_turned_picture_comes_upright_and_its_size_too(codec, scene, encode):
    """A lossless recompression of a turned JPEG would do; here the header's own field is set."""
    data = codec.jpegxl_encode(scene(40, 60), lossless=True)
    turned = _with_orientation(data, 6)
    header = read_header(turned)
    assert (header.width, header.height, header.orientation) == (60, 40, 6)
    picture = load_picture(turned)
    assert (picture.width, picture.height, picture.orientation) == (40, 60, 6)
    upright = Image.fromarray(scene(40, 60)).transpose(Image.Transpose.ROTATE_270)
    assert np.array_equal(np.asarray(picture.image), np.asarray(upright))


def _with_orientation(data, orientation):
    """*data*, a bare codestream of small size, with the fields that say how it is turned put in."""
    value = int.from_bytes(data[2:], "little")
    bits = "".join(str(value >> at & 1) for at in range(8 * (len(data) - 2)))
    at = 1 + (5 if bits[0] == "1" else 2 + (9, 13, 18, 30)[int(bits[1:3][::-1], 2)])
    ratio = int(bits[at : at + 3][::-1], 2)
    at += 3
    if not ratio:
        at += 5 if bits[0] == "1" else 2 + (9, 13, 18, 30)[int(bits[at : at + 2][::-1], 2)]
    assert bits[at : at + 2] == "00", "the encoder wrote defaults only, or a turned picture"
    changed = bits[: at + 1] + "1" + format(orientation - 1, "03b")[::-1] + "000" + bits[at + 2 :]
    colours_end = _end_of_colours(changed)
    changed = changed[:colours_end] + "1" + changed[colours_end:]  # the default tone mapping, which comes with them
    end = colours_end + 1 + 2 + 1  # no extensions, the default transform: then padding up to a whole byte
    assert changed[colours_end:end] == "1001"
    old_end = end - 7
    padded = changed[:end] + "0" * (-end % 8) + bits[old_end + (-old_end % 8) :]
    padded += "0" * (-len(padded) % 8)
    return data[:2] + bytes(int(padded[each : each + 8][::-1], 2) for each in range(0, len(padded), 8))


def _end_of_colours(bits):
    """The place behind the colour encoding, found by the reader under test and checked against what must follow."""
    data = bytes(int(bits[at : at + 8][::-1].rjust(8, "0"), 2) for at in range(0, len(bits), 8))
    reader = jpegxl._Bits(data)
    jpegxl._read_size(reader)
    assert (reader.flag(), reader.flag()) == (False, True)
    reader.take(3 + 3)
    jpegxl._skip_bit_depth(reader)
    reader.take(1)
    assert reader.choose(((0, 0), (1, 0), (2, 4), (1, 12))) == 0
    reader.take(1)
    place = len(data) * 8 - reader._left
    if not jpegxl._read_is_srgb(jpegxl._Bits(_tail(bits, place))):
        raise AssertionError("the encoder wrote no sRGB")
    if bits[place] == "1":
        return place + 1
    jpegxl._read_is_srgb(reader)
    reader.choose(((0, 0), (1, 0), (2, 4), (18, 6)))  # rendering intent
    return len(data) * 8 - reader._left


def _tail(bits, at):
    rest = bits[at:] + "0" * (-len(bits[at:]) % 8)
    return bytes(int(rest[each : each + 8][::-1], 2) for each in range(0, len(rest), 8))


def test_an_animation_shows_its_first_frame_and_is_not_compared(codec):
    frames = np.random.default_rng(2).integers(0, 255, (3, 40, 60, 3)).astype(np.uint8)
    data = codec.jpegxl_encode(frames, lossless=True)
    picture = load_picture(data)
    assert picture.frames > 1
    assert np.array_equal(np.asarray(picture.image), frames[0])
    with pytest.raises(UnsupportedFormat, match="animated JPEG XL"):
        load_frames(data)


@pytest.mark.parametrize("container", [False, True])
def test_a_cut_off_file_is_refused_wherever_it_is_cut(codec, scene, container):
    data = codec.jpegxl_encode(scene(40, 60), usecontainer=container)
    for cut in [*range(2 if not container else 12, 60), *range(60, len(data), 97), len(data) - 1]:
        with pytest.raises((CutOff, Undecodable)):
            load_picture(data[:cut])
    with pytest.raises(CutOff):
        load_picture(data[: len(data) // 2])


def test_without_its_package_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(MissingDecoder, match=r"JPEG XL.*pip install 'lookalike\[jxl\]'"):
        load_picture(b"\xff\x0a" + bytes(20))
