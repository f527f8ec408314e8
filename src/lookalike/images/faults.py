"""From whatever a decoder raises to one of our errors that says what is wrong with the file."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Literal

from PIL import Image, ImageCms

from lookalike.errors import CutOff, ImageError, Undecodable

# Pillow promises no set of exceptions for broken content; these are what its plugins and the codecs below raise.
# MemoryError is not among them: it is about this machine, not about the file, and passes through.
DECODER_FAULTS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    ImageCms.PyCMSError,
)

_SAYS_CUT_OFF = re.compile(
    r"truncated|premature|unexpected end|end of (file|data|stream)|reached eof|only got"
    r"|not enough image data|need_more_input|requires a buffer|file size too small",
    re.IGNORECASE,
)
# Bytes of one value of the TIFF types 1 to 12 (TIFF 6.0, section 2)
_TIFF_VALUE_BYTES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8)


def explain_fault(fault: Exception, data: bytes, name: str, label: str) -> ImageError:
    """The error to raise for *fault*, which a decoder of format *name* raised over the file content *data*."""
    said = re.sub(r"\s+", " ", str(fault)).strip()[:200] or type(fault).__name__
    if not data:
        return Undecodable(f"{label} can't be decoded ({said}); was its file closed before it was loaded?")
    if isinstance(fault, EOFError) or _SAYS_CUT_OFF.search(said) or ends_early(data, name):
        return CutOff(f"{label} ends before the picture does ({name}, {len(data):,} bytes: {said}); copy it again")
    return Undecodable(f"{label} looks like {name} but can't be decoded: {said}; the file is damaged or malformed")


def ends_early(data: bytes, name: str) -> bool:
    """Whether the container says that there should be more bytes, or its end mark is missing.

    Asked only of files that failed to decode, to tell a cut-off file from a damaged one: a picture whose pixels are
    all there is never refused for a missing end mark.
    """
    if name in {"JPEG", "MPO"}:
        return b"\xff\xd9" not in data[-65_536:]  # cameras and editors append data behind the end mark
    if name == "PNG":
        return b"IEND" not in data[-65_536:]
    if name == "GIF":
        return not data.rstrip(b"\x00").endswith(b"\x3b")
    if name == "WEBP":
        return len(data) < 8 + int.from_bytes(data[4:8], "little")
    if name in {"AVIF", "HEIF", "JPEG2000"} and not data.startswith(b"\xff\x4f"):
        return _boxes_end_early(data)
    if name == "BMP":
        return len(data) < max(26, int.from_bytes(data[2:6], "little"))
    if name == "TIFF":
        return _directory_ends_early(data)
    if name == "ICO":
        rows = [data[at : at + 16] for at in range(6, 6 + 16 * int.from_bytes(data[4:6], "little"), 16)]
        return not rows or any(
            len(row) < 16 or int.from_bytes(row[8:12], "little") + int.from_bytes(row[12:], "little") > len(data)
            for row in rows
        )
    return name == "JPEG2000" and not data.endswith(b"\xff\xd9")


def _directory_ends_early(data: bytes) -> bool:
    """Whether the first directory of a TIFF or a value it points to reaches behind the end; BigTIFF isn't asked."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    if b"\x2b" in data[2:4]:
        return False
    start = int.from_bytes(data[4:8], order)
    end = start + 2 + 12 * int.from_bytes(data[start : start + 2], order)
    if end + 4 > len(data) or len(data) < 8:
        return True
    for at in range(start + 2, end, 12):
        kind = int.from_bytes(data[at + 2 : at + 4], order)
        size = int.from_bytes(data[at + 4 : at + 8], order) * _TIFF_VALUE_BYTES[kind if kind <= 12 else 0]
        if size > 4 and int.from_bytes(data[at + 8 : at + 12], order) + size > len(data):
            return True
    return False


def _boxes_end_early(data: bytes) -> bool:
    """Whether the last box of an ISO 14496-12 file announces more bytes than there are."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 0:  # up to the end of the file, wherever that is
            return False
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            return False
        at += size
    return at != len(data)
