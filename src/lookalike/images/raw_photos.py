"""Camera raw photos: told from other TIFFs by their content, and shown by the preview that the camera put in.

The preview is what the camera's screen shows and what every viewer shows first. It needs no raw decoder, takes as long
as a JPEG, and is the same whichever version of a raw decoder is installed. Only a photo without a preview that is more
than a thumbnail is developed, by LibRaw (the extra ``raw``), at half size: one pixel for each 2 x 2 sensor cells.
"""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image

from lookalike.errors import CutOff, MissingDecoder, MissingExtra
from lookalike.images.limits import Limits
from lookalike.images.tiff_directories import Directory, read_directories
from lookalike.optional import import_extra

PREVIEW_NOTE = "the preview inside a raw photo"
DEVELOPED_NOTE = "raw photo developed at half size"

# Beginnings of raw files that are no TIFF: Panasonic RW2, Olympus ORF, Fujifilm RAF, Canon CRW, Sigma X3F, Minolta MRW
RAW_STARTS = (
    b"IIU\x00",
    b"IIRO",
    b"IIRS",
    b"MMOR",
    b"FUJIFILMCCD-RAW",
    b"II\x1a\x00\x00\x00HEAPCCDR",
    b"FOVb",
    b"\x00MRM",
)
CANON_BRAND = b"crx "  # CR3, an ISO 14496-12 file
_CANON_MARK = b"CR\x02"  # CR2, at byte 8 of a TIFF

_COMPRESSION, _PHOTOMETRIC, _ORIENTATION = 259, 262, 274
_STRIP_OFFSETS, _STRIP_SIZES = 273, 279
_JPEG_OFFSET, _JPEG_SIZE = 513, 514
_PANASONIC_JPEG = 46  # JpgFromRaw in the first directory of an RW2
_DNG_VERSION = 50706
_JPEG_COMPRESSIONS = {6, 7}
# Values of PhotometricInterpretation that only sensor data has: colour filter array (TIFF/EP), LinearRaw (DNG 1.7)
_SENSOR_DATA = {32803, 34892}
# The thumbnails that the DCF standard asks for have 160 x 120 pixels, often with black bars; no preview is smaller
# than Nikon's 570 x 375.
_LEAST_SIDE_PIXELS = 256
_MOST_STARTS = 4096  # of JPEGs looked at; random bytes look like one once in 16 MB
_FRAME_MARKS = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: what viewers show; C3 is lossless sensor data
_TURNS_OF_LIBRAW = {3: 3, 5: 8, 6: 6}


def is_raw_tiff(data: bytes) -> bool:
    """Whether the TIFF *data* is a raw photo: DNG, NEF, ARW, PEF, SRW, CR2 and whatever else holds sensor data.

    Pillow would open such a file as the thumbnail that its first directory often is.
    """
    if data[8:11] == _CANON_MARK:
        return True
    return any(
        _DNG_VERSION in directory or _value(directory, _PHOTOMETRIC) in _SENSOR_DATA
        for directory in read_directories(data)
    )


def find_preview(data: bytes, label: str) -> bytes | None:
    """The largest preview in a raw photo as a JPEG file that says how to turn it; None where all are thumbnails.

    Raises:
        CutOff: the directory leads to a preview behind the end of the file.
    """
    directories = list(read_directories(data)) if data[:2] in {b"II", b"MM"} else []
    places = _places_in_directories(directories)
    if not places:
        places = _find_jpegs(data)
    best, most = None, 0
    for start, end in places:
        if end > len(data):
            raise CutOff(f"{label} ends before its preview does (raw photo, {len(data):,} bytes); copy it again")
        size = _jpeg_size(data, start, end)
        if size is not None and min(size) >= _LEAST_SIDE_PIXELS and size[0] * size[1] > most:
            best, most = (start, end), size[0] * size[1]
    if best is None:
        return None
    orientation = _value(directories[0], _ORIENTATION) if directories else None
    return _with_orientation(data[best[0] : best[1]], orientation)


def develop(data: bytes, limits: Limits, label: str) -> bytes | Image.Image:
    """What LibRaw makes of a raw photo: its preview as a JPEG file where it finds one, else the developed picture.

    Raises:
        MissingDecoder: rawpy isn't installed. TooManyPixels: the sensor has more than the limit.
        Exception: whatever LibRaw raises; ``faults.py`` translates.
    """
    try:
        rawpy = import_extra("rawpy", extra="raw")
    except MissingExtra as error:
        raise MissingDecoder(f"{label} is a camera raw photo without a preview of use: {error}") from error
    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            limits.check_pixels(raw.sizes.raw_width, raw.sizes.raw_height, label)
            preview = _extract_preview(rawpy, raw)
            if preview is not None:
                return preview
            return Image.fromarray(raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8))
    except rawpy.LibRawError as error:  # of no kind that decoders otherwise raise
        said = error.args[0] if error.args else ""
        raise RuntimeError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from error


def _extract_preview(rawpy: Any, raw: Any) -> bytes | None:
    try:
        thumbnail = raw.extract_thumb()
    except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
        return None
    if thumbnail.format != rawpy.ThumbFormat.JPEG:
        return None
    size = _jpeg_size(thumbnail.data, 0, len(thumbnail.data))
    if size is None or min(size) < _LEAST_SIDE_PIXELS:
        return None
    return _with_orientation(thumbnail.data, _TURNS_OF_LIBRAW.get(raw.sizes.flip))


def _value(directory: Directory, tag: int) -> int | None:
    entry = directory.get(tag)
    return entry.values[0] if entry and entry.values else None


def _places_in_directories(directories: list[Directory]) -> list[tuple[int, int]]:
    """(start, end) of everything that the directories call a JPEG picture and that isn't sensor data."""
    places = []
    for directory in directories:
        start, size = _value(directory, _JPEG_OFFSET), _value(directory, _JPEG_SIZE)
        if start and size:
            places.append((start, start + size))
        if _PANASONIC_JPEG in directory and directory[_PANASONIC_JPEG].size > 4:
            entry = directory[_PANASONIC_JPEG]
            places.append((entry.start, entry.start + entry.size))
        strips, sizes = directory.get(_STRIP_OFFSETS), directory.get(_STRIP_SIZES)
        if (
            _value(directory, _COMPRESSION) in _JPEG_COMPRESSIONS
            and _value(directory, _PHOTOMETRIC) not in _SENSOR_DATA
            and strips is not None
            and sizes is not None
            and len(strips.values) == len(sizes.values) == 1
        ):
            places.append((strips.values[0], strips.values[0] + sizes.values[0]))
    return places


def _find_jpegs(data: bytes) -> list[tuple[int, int]]:
    """Everything that begins like a JPEG, each up to the end of the file: what follows its end mark does no harm."""
    places: list[tuple[int, int]] = []
    at = data.find(b"\xff\xd8\xff")
    while at >= 0 and len(places) < _MOST_STARTS:
        places.append((at, len(data)))
        at = data.find(b"\xff\xd8\xff", at + 3)
    return places


def _jpeg_size(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Width and height of the JPEG at *start*; None where it is none that viewers show (ITU-T T.81, annex B)."""
    at = start + 2
    if data[start:at] != b"\xff\xd8":
        return None
    while at + 4 <= end and data[at] == 0xFF:
        mark = data[at + 1]
        if mark == 0xFF:  # padding
            at += 1
            continue
        if mark in _FRAME_MARKS:
            precision, height, width, components = struct.unpack(">BHHB", data[at + 4 : at + 10].ljust(6, b"\0"))
            return (width, height) if precision == 8 and components in {1, 3} else None
        if not (0xC4 <= mark <= 0xFE) or 0xD0 <= mark <= 0xDA:  # a lossless frame, or no header any more
            return None
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _with_orientation(jpeg: bytes, orientation: int | None) -> bytes:
    """*jpeg* with an EXIF segment that says *orientation*, unless it has one of its own.

    Cameras that write metadata into the preview turn it there; the others turn the whole file in its first directory.
    """
    if orientation is None or not 2 <= orientation <= 8 or b"Exif\0\0" in jpeg[:4096]:
        return jpeg
    directory = struct.pack("<HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0II*\0\x08\0\0\0" + directory
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]
