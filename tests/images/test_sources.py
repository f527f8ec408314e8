"""A path, bytes, a file object, a PIL image and an array of the same pixels give the same picture."""

import io
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from lookalike.errors import CutOff, ImageUnreadable, TooManyBytes, Undecodable, UnsupportedFormat
from lookalike.images import Limits, load_picture, read_bytes

SIDES = st.integers(1, 24)
LOSSLESS = {"PNG": {}, "TIFF": {"compression": "tiff_lzw"}, "WEBP": {"lossless": True, "exact": True}}


def encode_image(image, file_format, **options):
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def load_every_way(data, **options):
    """Name of the way -> picture, for all ways that lead through the bytes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture without a known ending"
        path.write_bytes(data)
        ways = {
            "path": load_picture(path, **options),
            "text path": load_picture(str(path), **options),
            "bytes": load_picture(data, **options),
            "bytearray": load_picture(bytearray(data), **options),
            "memoryview": load_picture(memoryview(data), **options),
            "file object": load_picture(io.BytesIO(data), **options),
            "open image": load_picture(Image.open(io.BytesIO(data)), **options),
        }
        with path.open("rb") as file:
            ways["open file"] = load_picture(file, **options)
        with Image.open(path) as image:
            ways["image of a path"] = load_picture(image, **options)
    return ways


def assert_all_equal(ways):
    first = ways["path"]
    for way, picture in ways.items():
        assert picture.image.mode == first.image.mode, way
        assert np.array_equal(np.asarray(picture.image), np.asarray(first.image)), way
        assert (picture.width, picture.height) == (first.width, first.height), way
        assert picture.notes == first.notes, way


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(sorted(LOSSLESS)), SIDES, SIDES, st.sampled_from([(), (3,), (4,)]))
def test_all_sources_of_the_same_pixels_give_the_same_picture(data, file_format, height, width, channels):
    if file_format == "WEBP" and not channels:
        channels = (3,)  # WebP has no grey
    pixels = data.draw(arrays.arrays(np.uint8, (height, width, *channels)))
    image = Image.fromarray(pixels)
    ways = load_every_way(encode_image(image, file_format, **LOSSLESS[file_format]))
    ways["array"] = load_picture(pixels)
    ways["loaded image"] = load_picture(image)
    assert_all_equal(ways)


@settings(max_examples=15, deadline=None)
@given(st.data(), SIDES, SIDES, st.sampled_from([np.uint16, np.bool_]))
def test_deep_and_one_bit_grey_are_the_same_from_every_source(data, height, width, kind):
    pixels = data.draw(arrays.arrays(kind, (height, width)))
    image = Image.fromarray(pixels)
    ways = load_every_way(encode_image(image, "PNG"))
    ways["array"] = load_picture(pixels)
    ways["loaded image"] = load_picture(image)
    assert_all_equal(ways)
    expected = pixels >> 8 if kind is np.uint16 else pixels * 255
    assert np.array_equal(np.asarray(ways["array"].image), expected.astype(np.uint8))


@settings(max_examples=15, deadline=None)
@given(st.data(), SIDES, SIDES, st.sampled_from(["JPEG", "GIF", "BMP", "PPM"]))
def test_a_file_and_the_image_loaded_from_it_give_the_same_picture(data, height, width, file_format):
    encoded = encode_image(Image.fromarray(data.draw(arrays.arrays(np.uint8, (height, width, 3)))), file_format)
    ways = load_every_way(encoded)
    loaded = Image.open(io.BytesIO(encoded))
    loaded.load()
    ways["loaded image"] = load_picture(loaded)
    ways["array"] = load_picture(np.array(loaded.convert("RGB")))
    assert_all_equal(ways)


def test_a_reduced_jpeg_is_the_same_from_every_source_that_leads_to_its_file(scene, encode):
    ways = load_every_way(encode(scene(1100, 1300), "JPEG"))
    assert ways["path"].image.size == (650, 550)
    assert_all_equal(ways)


def test_a_reduced_jpeg_differs_little_from_its_pixels_decoded_before(scene, encode):
    data = encode(scene(1100, 1300), "JPEG")
    loaded = Image.open(io.BytesIO(data))
    loaded.load()
    by_decoder, by_boxes = (np.asarray(load_picture(source).image, dtype=int) for source in (data, loaded))
    assert by_decoder.shape == by_boxes.shape
    assert np.abs(by_decoder - by_boxes).mean() < 1


def test_a_full_decode_is_the_same_from_loaded_pixels(scene, encode):
    data = encode(scene(1100, 1300), "JPEG")
    ways = load_every_way(data, decode="full")
    loaded = Image.open(io.BytesIO(data))
    loaded.load()
    ways["loaded image"] = load_picture(loaded, decode="full")
    ways["array"] = load_picture(np.array(loaded), decode="full")
    assert ways["path"].image.size == (1300, 1100)
    assert_all_equal(ways)


def test_nothing_that_came_is_changed(scene, encode):
    data = encode(Image.fromarray(scene()).quantize(16), "PNG", transparency=3)
    lazy, loaded, file = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(data)), io.BytesIO(data)
    loaded.load()
    before, info = loaded.convert("RGBA").tobytes(), dict(loaded.info)
    loaded = Image.open(io.BytesIO(data))
    loaded.load()
    file.seek(7)
    plain = Image.fromarray(scene())
    plain.info["comment"] = "the caller's"
    array = scene()
    kept = array.copy()
    for source in (lazy, loaded, plain, file, array):
        picture = load_picture(source)
        picture.image.paste(0, (0, 0, *picture.image.size))
    assert lazy._im is None
    assert lazy.tell() == 0
    assert loaded.mode == "P"
    assert loaded.info == info
    assert loaded.convert("RGBA").tobytes() == before
    assert file.tell() == 7
    assert np.array_equal(array, kept)
    assert np.array_equal(np.asarray(plain), kept)
    assert plain.info == {"comment": "the caller's"}


def test_an_array_that_changes_later_does_not_change_the_picture(scene):
    array = scene()
    picture = load_picture(array)
    before = picture.image.tobytes()
    array[:] = 0
    assert picture.image.tobytes() == before


def test_arrays_in_any_memory_order_give_the_same_picture(scene):
    array = scene()
    expected = np.asarray(load_picture(array).image)
    assert np.array_equal(np.asarray(load_picture(np.asfortranarray(array)).image), expected)
    assert np.array_equal(np.asarray(load_picture(np.flip(array, axis=1)).image), expected[:, ::-1])
    deep = (array[:, :, 0].astype(">u2") << 8).astype(">u2")
    assert np.array_equal(np.asarray(load_picture(deep).image), array[:, :, 0])


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4), np.int64),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4, 3), np.uint16),
        np.zeros((0, 4), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros((4, 4), object),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_other_arrays_are_refused_with_what_is_expected(array):
    with pytest.raises(UnsupportedFormat, match=r"expected is uint8 of shape"):
        load_picture(array)


@pytest.mark.parametrize("thing", [None, 3, ["a.jpg"], object()])
def test_other_objects_are_refused_with_what_is_expected(thing):
    with pytest.raises(UnsupportedFormat, match="expected is a path"):
        load_picture(thing)


def test_a_frame_that_the_caller_chose_is_the_one_that_is_taken(scene, encode):
    first, second = Image.fromarray(scene()), Image.fromarray(scene()[::-1].copy())
    image = Image.open(io.BytesIO(encode(first, "TIFF", save_all=True, append_images=[second])))
    image.seek(1)
    assert np.array_equal(np.asarray(load_picture(image).image), np.asarray(second))


def test_an_image_whose_file_was_closed_before_it_was_loaded_is_refused(tmp_path, scene, encode):
    (tmp_path / "a.png").write_bytes(encode(scene(), "PNG"))
    with Image.open(tmp_path / "a.png") as left:
        pass
    closed = Image.open(io.BytesIO(encode(scene(), "PNG")))
    closed.close()
    for image in (left, closed):
        with pytest.raises(Undecodable, match="was its file closed"):
            load_picture(image)


class OneWay:
    """A stream that can't seek and gives little at a time, as a network does."""

    def __init__(self, data):
        self._file = io.BytesIO(data)

    def read(self, size=-1):
        return self._file.read(min(size, 1000))


def test_a_file_object_that_cannot_seek_is_read_to_its_end(scene, encode):
    data = encode(scene(), "PNG")
    assert np.array_equal(np.asarray(load_picture(OneWay(data)).image), scene())
    with pytest.raises(TooManyBytes):
        load_picture(OneWay(data), limits=Limits(max_bytes=len(data) - 1))


def test_a_text_file_object_is_refused():
    with pytest.raises(ImageUnreadable, match="binary mode"):
        load_picture(io.StringIO("not bytes"))


def test_a_closed_file_object_is_refused():
    file = io.BytesIO(b"x")
    file.close()
    with pytest.raises(ImageUnreadable, match="closed"):
        load_picture(file)


def test_a_path_that_is_not_text_is_read(tmp_path, scene, encode):
    path = os.fsencode(tmp_path) + b"/caf\xe9.png"
    Path(os.fsdecode(path)).write_bytes(encode(scene(), "PNG"))
    assert np.array_equal(np.asarray(load_picture(os.fsdecode(path)).image), scene())
    assert read_bytes(path) == encode(scene(), "PNG")
    Path(os.fsdecode(path)).write_bytes(b"nothing")
    with pytest.raises(UnsupportedFormat) as caught:
        load_picture(os.fsdecode(path))
    str(caught.value).encode("utf-8")  # the message can be printed anywhere


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: os.mkfifo(path), "named pipe"),
        (lambda path: path.symlink_to("/dev/zero"), "device"),
        (lambda path: path.symlink_to(path), "symbolic links"),
    ],
    ids=["missing", "folder", "pipe", "device", "loop"],
)
def test_what_is_not_a_regular_file_is_unreadable_and_never_waited_for(tmp_path, make, said):
    path = tmp_path / "picture.jpg"
    make(path)
    with pytest.raises(ImageUnreadable, match=said):
        load_picture(path)


def test_a_file_without_permission_is_unreadable(tmp_path):
    path = tmp_path / "picture.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(ImageUnreadable, match="permission"):
        load_picture(path)


@pytest.mark.parametrize("path", ["a\0b.jpg", "x" * 5000])
def test_a_path_that_no_system_accepts_is_unreadable(path):
    with pytest.raises(ImageUnreadable):
        load_picture(path)


def test_an_empty_file_is_cut_off(tmp_path):
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(CutOff, match="empty"):
        load_picture(tmp_path / "empty.jpg")
