"""Small files can't eat the machine, and Pillow's globals neither decide nor change."""

import struct
import threading
import warnings
import zlib

import pytest
from PIL import Image, ImageFile

from lookalike.errors import (
    CropError,
    CutOff,
    RecipeError,
    SettingsError,
    TooManyBytes,
    TooManyPixels,
    UnsupportedFormat,
)
from lookalike.images import Limits, crop_picture, load_picture, read_bytes
from lookalike.model import Crop


def png_header(width, height):
    """A PNG that announces a size and holds almost nothing."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    start = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + start + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(50_000, 50_000), (1, 200_000_001), (200_000_001, 1), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_refused_by_the_header_with_the_figures(size):
    with pytest.raises(TooManyPixels, match=f"{size[0] * size[1]:,} pixels, the limit is 200,000,000; raise it"):
        load_picture(png_header(*size))


def test_the_pixel_limit_is_inclusive_and_holds_for_every_source(scene, encode):
    pixels = scene(10, 20)
    lazy = encode(pixels, "PNG")
    for source in (pixels, Image.fromarray(pixels), lazy, encode(pixels, "JPEG"), encode(pixels, "WEBP")):
        assert load_picture(source, limits=Limits(max_pixels=200)).width == 20
        with pytest.raises(TooManyPixels):
            load_picture(source, limits=Limits(max_pixels=199))


def test_an_icon_cannot_hide_a_large_picture(encode):
    inside = png_header(30_000, 30_000)
    icon = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inside), 22) + inside
    with pytest.raises(TooManyPixels, match="30000 x 30000"):
        load_picture(icon)


def test_a_file_above_the_byte_limit_is_not_read(tmp_path, scene, encode):
    data = encode(scene(), "PNG")
    (tmp_path / "a.png").write_bytes(data)
    exact, below = Limits(max_bytes=len(data)), Limits(max_bytes=len(data) - 1)
    assert read_bytes(tmp_path / "a.png", exact) == data
    for source in (tmp_path / "a.png", data, memoryview(data)):
        load_picture(source, limits=exact)
        with pytest.raises(TooManyBytes, match=f"limit is {len(data) - 1:,}"):
            load_picture(source, limits=below)
    with (tmp_path / "huge.png").open("wb") as file:
        file.write(data[:100])
        file.truncate(1 << 40)  # sparse: a tebibyte that takes no room
    with pytest.raises(TooManyBytes):
        load_picture(tmp_path / "huge.png")


def test_a_huge_file_that_is_no_image_is_told_by_its_beginning(tmp_path):
    with (tmp_path / "film.mp4").open("wb") as file:
        file.write(b"\x00\x00\x00\x18ftypisom")
        file.truncate(1 << 40)
    with pytest.raises(UnsupportedFormat, match="a video"):
        read_bytes(tmp_path / "film.mp4")


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "1"])
def test_a_limit_is_a_whole_number_above_zero(value):
    with pytest.raises(SettingsError, match="whole number"):
        Limits(max_pixels=value)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "ICO", "AVIF", "BMP"])
def test_pillows_own_pixel_limit_has_no_say_and_is_left_alone(scene, encode, monkeypatch, file_format):
    data = encode(scene(64, 64), file_format)
    expected = load_picture(data).image.tobytes()
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    picture = load_picture(data, crop=Crop(0, 0, 64, 60))
    assert load_picture(data).image.tobytes() == expected
    assert crop_picture(load_picture(data), Crop(0, 0, 64, 60)).image.tobytes() == picture.image.tobytes()
    assert picture.image.tobytes() == expected[: len(picture.image.tobytes())]
    assert Image.MAX_IMAGE_PIXELS == 100
    with pytest.raises(TooManyPixels):
        load_picture(data, limits=Limits(max_pixels=64 * 64 - 1))
    assert Image.MAX_IMAGE_PIXELS == 100


@pytest.mark.parametrize("lenient", [True, False])
def test_a_program_that_loads_truncated_images_does_not_change_ours(scene, encode, monkeypatch, lenient):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    for file_format in ("JPEG", "PNG", "GIF"):
        data = encode(scene(), file_format)
        with pytest.raises(CutOff):
            load_picture(data[: len(data) // 2])
        load_picture(data)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is lenient


def test_what_pillow_warns_of_becomes_a_note_and_leaks_nowhere(scene, encode):
    cut_exif = b"Exif\0\0II*\0\x08\0\0\0\x05\0"
    data = encode(scene(), "JPEG", exif=cut_exif)
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        picture = load_picture(data)
    assert leaked == []
    assert any(note.startswith("decoder: Corrupt EXIF data") for note in picture.notes)


def test_warnings_of_other_threads_reach_their_listener(scene, encode, monkeypatch):
    """While one thread decodes, another one's warnings go where they went before."""
    inside, done = threading.Event(), threading.Event()
    notes = []

    def prepare_slowly(self):
        inside.set()
        done.wait(5)
        prepare(self)

    prepare = ImageFile.ImageFile.load_prepare
    monkeypatch.setattr(ImageFile.ImageFile, "load_prepare", prepare_slowly)
    data = encode(scene(), "PNG")
    with warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always")
        thread = threading.Thread(target=lambda: notes.append(load_picture(data).notes))
        thread.start()
        assert inside.wait(5)
        warnings.warn("of the program itself", UserWarning, stacklevel=1)
        done.set()
        thread.join()
    assert notes == [()]
    assert [str(warning.message) for warning in recorded] == ["of the program itself"]


def test_many_threads_give_the_same_pictures_and_leave_the_globals_as_they_were(scene, encode, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    filters, show = list(warnings.filters), warnings.showwarning
    files = [encode(scene(), name) for name in ("PNG", "JPEG", "WEBP", "GIF", "TIFF")]
    expected = [load_picture(data).image.tobytes() for data in files]
    results = []

    def work():
        results.extend([load_picture(data).image.tobytes() for data in files] for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 20
    assert all(result == expected for result in results)
    assert (list(warnings.filters), warnings.showwarning) == (filters, show)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True
    assert Image.MAX_IMAGE_PIXELS == 100


@pytest.mark.parametrize("options", [{"decode": "half"}, {"prepare": "none"}, {"decode": None}])
def test_an_unknown_word_for_decode_or_prepare_is_refused(scene, options):
    with pytest.raises(RecipeError, match="'reduced' or 'full'"):
        load_picture(scene(), **options)


def test_running_out_of_memory_is_not_blamed_on_the_file(scene, encode, monkeypatch):
    def no_memory(self):
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load_prepare", no_memory)
    with pytest.raises(MemoryError):
        load_picture(encode(scene(), "PNG"))


def test_a_crop_outside_is_not_blamed_on_the_file(scene, encode):
    with pytest.raises(CropError):
        load_picture(encode(scene(), "PNG"), crop=Crop(0, 0, 10**30, 1))
