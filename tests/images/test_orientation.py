"""A picture is turned upright once, whatever says which way up it is."""

import io

import numpy as np
import pytest
from PIL import ExifTags, Image

from lookalike.images import load_picture

# For each orientation, how the stored pixels come from the upright ones (EXIF 2.32, tag 0x0112), as array indexing.
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[::-1],
    7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
    8: lambda a: a.swapaxes(0, 1)[:, ::-1],
}
FORMATS = {
    "JPEG": ({"quality": 95}, 3),
    "MPO": ({"quality": 95}, 3),
    "PNG": ({}, 0),
    "TIFF": ({}, 0),
    "WEBP": ({"lossless": True}, 0),
    "AVIF": ({"quality": 95}, 4),
}


def exif_with(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("file_format", FORMATS)
def test_every_orientation_of_every_format_comes_out_upright(scene, encode, file_format, orientation):
    options, levels = FORMATS[file_format]
    stored = np.ascontiguousarray(STORED[orientation](scene()))
    picture = load_picture(encode(stored, file_format, exif=exif_with(orientation), **options))
    assert (picture.width, picture.height) == (180, 120)
    assert picture.orientation == orientation
    assert np.abs(np.asarray(picture.image, dtype=int) - scene()).mean() <= levels


@pytest.mark.parametrize("orientation", STORED)
def test_an_image_loaded_before_comes_out_as_its_file_does(scene, encode, orientation):
    for file_format, (options, _) in FORMATS.items():
        data = encode(
            np.ascontiguousarray(STORED[orientation](scene())), file_format, exif=exif_with(orientation), **options
        )
        loaded = Image.open(io.BytesIO(data))
        loaded.load()
        assert np.array_equal(np.asarray(load_picture(loaded).image), np.asarray(load_picture(data).image)), file_format


@pytest.mark.parametrize("orientation", STORED)
def test_a_reduced_jpeg_is_turned_too_and_knows_its_upright_size(scene, encode, orientation):
    upright = scene(1100, 1300)
    stored = np.ascontiguousarray(STORED[orientation](upright))
    picture = load_picture(encode(stored, "JPEG", quality=95, exif=exif_with(orientation)))
    assert (picture.width, picture.height, picture.image.size) == (1300, 1100, (650, 550))
    reference = np.asarray(Image.fromarray(upright).reduce(2), dtype=int)
    assert np.abs(np.asarray(picture.image, dtype=int) - reference).mean() < 3


def test_heic_that_the_decoder_has_turned_is_not_turned_again(scene, encode):
    heif = pytest.importorskip("pillow_heif")
    stored = Image.fromarray(np.ascontiguousarray(STORED[6](scene())))
    file = heif.from_pillow(stored)
    buffer = io.BytesIO()
    file.save(buffer, quality=95, exif=exif_with(6).tobytes())
    picture = load_picture(buffer.getvalue())
    assert (picture.width, picture.height) == (180, 120)
    assert picture.format == "HEIF"
    assert np.abs(np.asarray(picture.image, dtype=int) - scene()).mean() < 5


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored_with_a_note(scene, encode, value):
    picture = load_picture(encode(scene(), "PNG", exif=exif_with(value)))
    assert np.array_equal(np.asarray(picture.image), scene())
    assert picture.orientation == 1
    assert picture.notes == (f"EXIF orientation {value} ignored",)


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0II*\0",  # ends before the offset of the directory
        b"Exif\0\0II*\0\x08\0\0\0\x05\0",  # announces five entries, holds none
        b"Exif\0\0II*\0\xff\xff\xff\x7f",  # points far behind the end
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x04abc\0\0\0\0\0",  # orientation as text
        b"Exif\0\0nonsense",
        b"\xff" * 50,
    ],
)
def test_broken_exif_is_ignored_and_never_refuses_a_picture(scene, encode, exif):
    for file_format in ("JPEG", "PNG", "WEBP"):
        options = {"lossless": True} if file_format == "WEBP" else {"quality": 95} if file_format == "JPEG" else {}
        picture = load_picture(encode(scene(), file_format, exif=exif, **options))
        assert picture.orientation == 1
        assert np.abs(np.asarray(picture.image, dtype=int) - scene()).mean() < 3


def test_imagehash_preparation_turns_nothing(scene, encode):
    picture = load_picture(encode(scene(), "PNG", exif=exif_with(6)), prepare="imagehash")
    assert np.array_equal(np.asarray(picture.image), scene())
    assert picture.orientation == 1


@pytest.mark.parametrize("kind", ["Landscape", "Portrait"])
def test_real_files_of_all_orientations_show_one_picture(data_folder, kind):
    folder = data_folder / "nasty" / "exif-orientation"
    pictures = [load_picture(folder / f"{kind}_{value}.jpg") for value in range(9)]
    first = np.asarray(pictures[0].image, dtype=int)
    for value, picture in enumerate(pictures):
        assert picture.orientation == max(value, 1)
        assert np.abs(np.asarray(picture.image, dtype=int) - first).mean() < 4
