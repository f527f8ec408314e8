"""What is opened is told by content; what is not opened is named."""

import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import UnsupportedFormat
from lookalike.images import load_picture
from lookalike.images.animation import TIMED_FORMATS
from lookalike.images.format_table import FORMAT_ROWS
from lookalike.images.formats import FORMATS

ISO_FILE = b"\0\0\0\x18ftyp%s\0\0\0\0mp42isom"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x --><svg:svg/><svg/>', "an SVG drawing"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript document"),
        (b"\xc5\xd0\xd3\xc6", "an EPS document"),
        (b"8BPS\0\x01", "a Photoshop document"),
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b'<?xml version="1.0"?><note/>', "an XML document"),
        (b"just some words\n", "text"),
        (b"PK\x03\x04", "a ZIP archive"),
        (ISO_FILE % b"isom", "a video"),
        (b"SIMPLE  =                    T", "a FITS file"),
        (b"RIFF\0\0\0\0AVI ", "a RIFF file"),
        (b"\x07\x00nothing known", "of an unknown format"),
    ],
)
def test_a_format_that_is_not_opened_is_named(tmp_path, start, said):
    path = tmp_path / "photo.jpg"  # the name lies, as it may
    path.write_bytes(start)
    with pytest.raises(UnsupportedFormat, match=said) as caught:
        load_picture(path)
    assert "photo.jpg" in str(caught.value)
    assert "supported are JPEG" in str(caught.value)


@pytest.mark.parametrize("file_format", ["TGA", "PCX", "SGI", "DDS", "EPS", "PDF", "QOI", "ICNS"])
def test_formats_that_pillow_knows_and_we_do_not_open_never_reach_a_decoder(scene, encode, file_format):
    with pytest.raises(UnsupportedFormat):
        load_picture(encode(scene(64, 64), file_format))


def test_the_table_of_the_docs_names_exactly_the_formats_that_are_opened_and_extras_that_exist():
    assert sorted(row.format for row in FORMAT_ROWS) == sorted(FORMATS)
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert {row.extra for row in FORMAT_ROWS} - {""} <= set(declared["project"]["optional-dependencies"])
    assert {row.format for row in FORMAT_ROWS if "moments" in row.frames} == TIMED_FORMATS - {"JXL"}


def test_a_name_that_lies_about_the_format_is_no_matter(tmp_path, scene, encode):
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(scene(), "PNG"))
    assert load_picture(path).format == "PNG"


def test_heic_without_its_package_says_how_to_install_it(monkeypatch, encode):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(UnsupportedFormat, match=r"HEIC.*pip install 'lookalike\[heif\]'"):
        load_picture(ISO_FILE.replace(b"mp42", b"heic") % b"heic")


def test_heic_is_opened_without_registering_anything_with_pillow(scene):
    heif = pytest.importorskip("pillow_heif")
    import io

    buffer = io.BytesIO()
    heif.from_pillow(Image.fromarray(scene())).save(buffer, quality=95)
    before = dict(Image.OPEN)
    picture = load_picture(buffer.getvalue())
    assert (picture.format, picture.width, picture.height) == ("HEIF", 180, 120)
    assert before == Image.OPEN


def test_what_another_package_registered_with_pillow_is_not_called(scene, encode, monkeypatch):
    def hijack(*arguments):
        raise AssertionError("a foreign plugin was called")

    monkeypatch.setitem(Image.OPEN, "PNG", (hijack, None))
    assert np.array_equal(np.asarray(load_picture(encode(scene(), "PNG")).image), scene())


def test_a_photoshop_document_that_the_caller_opened_counts_as_pixels(scene, encode):
    import io

    image = Image.open(io.BytesIO(encode(scene(), "TGA")))
    picture = load_picture(image)
    assert picture.format == "image"
    assert np.array_equal(np.asarray(picture.image), scene())
