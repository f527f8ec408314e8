"""What each format that is opened is read by, in words, for the docs; a test holds it against what is opened."""

from __future__ import annotations

from typing import NamedTuple


class FormatRow(NamedTuple):
    """One format.

    Attributes:
        format: the name that pictures of it carry.
        what: what people call it.
        reader: what decodes it. licence: of that. extra: the extra that brings it; empty where the core does.
        frames: what is taken of a file that holds several pictures.
        notes: what else one should know.
    """

    format: str
    what: str
    reader: str
    licence: str
    extra: str
    frames: str
    notes: str


_PILLOW = "HPND (Pillow)"
_TIMED = "8 moments of an animation"
_ONE = "one"

FORMAT_ROWS = (
    FormatRow(
        "JPEG",
        "JPEG",
        "libjpeg-turbo",
        "BSD, IJG",
        "",
        _ONE,
        "decoded as small as fingerprints need; progressive ones of more than 500 scans are refused",
    ),
    FormatRow("MPO", "JPEG with several pictures", "libjpeg-turbo", "BSD, IJG", "", "the first", "3D and burst photos"),
    FormatRow("PNG", "PNG, APNG", "zlib, Pillow", _PILLOW, "", _TIMED, "text and profiles that swell are refused"),
    FormatRow("GIF", "GIF", "Pillow", _PILLOW, "", _TIMED, ""),
    FormatRow("WEBP", "WebP", "libwebp", "BSD", "", _TIMED, ""),
    FormatRow("AVIF", "AVIF", "libavif, dav1d", "BSD", "", _TIMED, "image sequences are animations"),
    FormatRow(
        "HEIF",
        "HEIC, HEIF",
        "libheif, libde265 (pillow-heif)",
        "the wheels: GPL-2.0",
        "heif",
        "the main picture",
        "the photos of Apple's phones",
    ),
    FormatRow(
        "JXL",
        "JPEG XL",
        "libjxl (imagecodecs)",
        "BSD",
        "jxl",
        "an animation's first, for viewing only",
        "colours other than sRGB are taken as they are, with a note; animations get no fingerprint",
    ),
    FormatRow(
        "RAW",
        "camera raw: DNG, CR2, CR3, NEF, ARW, RW2, ORF, RAF, PEF, SRW, …",
        "the JPEG preview inside; LibRaw (rawpy) where there is none of 256 pixels or more",
        "MIT, LGPL-2.1 or CDDL-1.0 (LibRaw)",
        "raw",
        _ONE,
        "needs the extra only without a preview; then developed at half size",
    ),
    FormatRow("TIFF", "TIFF, BigTIFF", "libtiff, Pillow", "libtiff", "", "the first page", "pages are no animation"),
    FormatRow("BMP", "BMP", "Pillow", _PILLOW, "", _ONE, ""),
    FormatRow("DIB", "BMP without its file header", "Pillow", _PILLOW, "", _ONE, ""),
    FormatRow("ICO", "Windows icon", "Pillow", _PILLOW, "", "the largest", "every picture inside is held to the limit"),
    FormatRow("JPEG2000", "JPEG 2000", "OpenJPEG", "BSD", "", _ONE, "up to 18 bytes of memory a pixel"),
    FormatRow("PPM", "PBM, PGM, PPM, PFM", "Pillow", _PILLOW, "", _ONE, ""),
)

REFUSED_ROWS = (
    ("SVG", "a program to be drawn, not pixels: its size, fonts and references are the viewer's"),
    ("PDF, PostScript, EPS, DjVu", "documents of pages; and their interpreters have a long history of being attacked"),
    ("PSD, XCF", "layers to be composed; export what you see"),
    (
        "ZIP, CBZ, documents packed so, gzip",
        "a picture inside has no path of its own to be moved, removed or opened by; unpack the archive",
    ),
    ("video (MP4, MOV, WebM, AVI)", "a film of minutes is no picture; save the part that matters as an animation"),
    ("DDS, ICNS, QOI, TGA, PCX, FITS, OpenEXR", "rare among photos, and every decoder is a door for hostile files"),
)
