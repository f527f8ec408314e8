"""Which formats are opened, told by content and never by a file's name, and what is said of the others.

Every decoder is a door for hostile files, so the list is short. Plugins are called directly rather than through
``Image.open``: what another package registered with Pillow has no say here, and Pillow's pixel limit, a global of
the whole program, is neither needed nor changed (``limits.py`` has our own).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from lookalike.errors import CutOff, MissingDecoder, MissingExtra, UnsupportedFormat
from lookalike.images import jpegxl
from lookalike.images.raw_photos import CANON_BRAND, RAW_STARTS, is_raw_tiff
from lookalike.optional import import_extra

OPENABLE = (
    "JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP, ICO, JPEG 2000, PPM, the previews of camera raw photos, HEIC with "
    "pip install 'lookalike[heif]' and JPEG XL with pip install 'lookalike[jxl]'"
)

# The JPEG factory turns a JPEG with a multi-picture index into format MPO by itself.
_PLUGINS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.jpeg_factory,
    "PNG": PngImagePlugin.PngImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "DIB": BmpImagePlugin.DibImageFile,
    "ICO": IcoImagePlugin.IcoImageFile,
    "JPEG2000": Jpeg2KImagePlugin.Jpeg2KImageFile,
    "PPM": PpmImagePlugin.PpmImageFile,
}
FORMATS = frozenset(_PLUGINS) | {"MPO", "HEIF", "JXL", "RAW"}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG2000"),
    (jpegxl.CODESTREAM, "JXL"),
    (jpegxl.CONTAINER, "JXL"),
    *((start, "RAW") for start in RAW_STARTS),
    *((prefix, "TIFF") for prefix in TiffImagePlugin.PREFIXES),
    *((b"P" + kind.encode(), "PPM") for kind in "123456fy"),
    # The sizes that a bitmap header without a file header may have (the BMP versions 2 to 5)
    *((size.to_bytes(4, "little"), "DIB") for size in (12, 40, 52, 56, 64, 108, 124)),
)
# ISO 14496-12 files say in their first box what they are; ISO 23008-12 and the AVIF specification list these brands.
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2", b"mif3"}
)

_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"\xc5\xd0\xd3\xc6", "an EPS document"),
    (b"8BPS", "a Photoshop document (PSD)"),
    (b"gimp xcf", "a GIMP document (XCF)"),
    (b"DDS ", "a DirectDraw surface (DDS)"),
    (b"icns", "an Apple icon (ICNS)"),
    (b"qoif", "a QOI picture"),
    (b"SIMPLE  =", "a FITS file"),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (b"AT&TFORM", "a DjVu document"),
    (b"PK\x03\x04", "a ZIP archive (or a document packed as one)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
)


def sniff_format(data: bytes, label: str) -> str:
    """The Pillow name of the format that *data* begins like, such as ``JPEG``.

    Raises:
        CutOff: there are no bytes.
        UnsupportedFormat: it begins like nothing that is opened; the message says what it looks like.
    """
    if not data:
        raise CutOff(f"{label} is empty (0 bytes); copy or download it again")
    if data[4:8] == b"ftyp":
        return _sniff_boxed(data, label)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    for prefix, name in _MAGIC:
        if data.startswith(prefix):
            return name
    raise UnsupportedFormat(f"{label} is {_describe(data)}, which is not opened; supported are {OPENABLE}")


def find_format(data: bytes, label: str) -> str:
    """As ``sniff_format``, of a whole file: a raw photo that begins like a TIFF is told from one by its directories."""
    name = sniff_format(data, label)
    return "RAW" if name == "TIFF" and is_raw_tiff(data) else name


def open_format(data: bytes, name: str, label: str) -> ImageFile.ImageFile:
    """Read the header of *data* with the plugin of format *name*; no pixels yet.

    Raises:
        MissingDecoder: HEIC or JPEG XL, and the package that reads it is not installed.
        Exception: whatever the plugin raises; ``faults.py`` translates.
    """
    if name == "HEIF":
        heif = _import_decoder("pillow_heif", "heif", f"{label} is a HEIC picture")
        image: ImageFile.ImageFile = heif.HeifImageFile(io.BytesIO(data))
        return image
    if name == "JXL":
        _import_decoder("imagecodecs", "jxl", f"{label} is a JPEG XL picture")
        return jpegxl.JpegXlImageFile(io.BytesIO(data))
    return _PLUGINS[name](io.BytesIO(data))


def _import_decoder(module: str, extra: str, what: str) -> Any:
    try:
        return import_extra(module, extra=extra)
    except MissingExtra as error:
        raise MissingDecoder(f"{what}: {error}") from error


def _sniff_boxed(data: bytes, label: str) -> str:
    size = min(int.from_bytes(data[:4], "big"), 1024)
    major = data[8:12]
    brands = {major} | {data[at : at + 4] for at in range(16, size, 4)}
    if major in _AVIF_BRANDS or (brands & _AVIF_BRANDS and not major.startswith((b"hei", b"hev"))):
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    if major == CANON_BRAND:
        return "RAW"
    raise UnsupportedFormat(
        f"{label} is a video or other MP4-like file (brand {major!r}), which is not opened; supported are {OPENABLE}"
    )


def _describe(data: bytes) -> str:
    for prefix, name in _REFUSED:
        if data.startswith(prefix):
            return name
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start:
        return "an SVG drawing"
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if start.startswith(b"<?xml"):
        return "an XML document"
    if data[:4] == b"RIFF":
        return "a RIFF file, sound or video"
    # The control characters that text holds are tab, line feed, form feed and carriage return.
    if all(byte >= 32 or byte in b"\t\n\f\r" for byte in data[:1024]):
        return "text"
    return f"of an unknown format (it begins with {data[:8].hex(' ')})"
