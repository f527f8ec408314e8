"""Attacks that are encodings: they give the bytes of a file, which the project's own loader then opens."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from lookalike.optional import import_extra

# The red, green and blue of Adobe RGB (1998) and its gamma: a wider space that cameras and shops use.
WIDE_PRIMARIES = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
WIDE_GAMMA = 563 / 256


def save_jpeg(picture: Image.Image, quality: float, _random: np.random.Generator) -> bytes:
    """A JPEG file of this quality."""
    return encoded(picture, "JPEG", quality=round(quality))


def save_webp(picture: Image.Image, quality: float, _random: np.random.Generator) -> bytes:
    """A lossy WebP file of this quality."""
    return encoded(picture, "WEBP", quality=round(quality), method=2)


def save_avif(picture: Image.Image, quality: float, _random: np.random.Generator) -> bytes:
    """An AVIF file of this quality."""
    return encoded(picture, "AVIF", quality=round(quality), speed=9, max_threads=1)


def save_heic(picture: Image.Image, quality: float, _random: np.random.Generator) -> bytes:
    """A HEIC file of this quality."""
    heif: Any = import_extra("pillow_heif", extra="heif")
    buffer = io.BytesIO()
    heif.from_pillow(picture).save(buffer, quality=round(quality))
    return buffer.getvalue()


def swap_profile(picture: Image.Image, quality: float, _random: np.random.Generator) -> bytes:
    """A JPEG in a wider colour space with its profile embedded: other numbers for the same colours."""
    converted = ImageCms.profileToProfile(
        picture, ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(wide_profile())), outputMode="RGB"
    )
    assert converted is not None  # it is None only where the picture is converted in its place
    return encoded(converted, "JPEG", quality=round(quality), icc_profile=wide_profile())


def encoded(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    """The file."""
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


@lru_cache(maxsize=1)
def wide_profile() -> bytes:
    """An ICC profile of a matrix and one gamma, version 2.4 (ICC.1:2001-04), written here since Pillow makes none."""
    tags = [(b"wtpt", xyz_tag(D50)), (b"desc", description_tag("Wide RGB")), (b"cprt", text_tag("no copyright"))]
    tags += [(name, xyz_tag(column)) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants().T, strict=True)]
    curve = b"curv" + bytes(4) + (1).to_bytes(4, "big") + round(WIDE_GAMMA * 256).to_bytes(2, "big") + bytes(2)
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    table, body = len(tags).to_bytes(4, "big"), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags:
        padded = content + bytes(-len(content) % 4)
        table += name + (start + len(body)).to_bytes(4, "big") + len(content).to_bytes(4, "big")
        body += padded
    header = bytearray(128)
    header[0:4] = (start + len(body)).to_bytes(4, "big")
    header[8:12] = bytes((2, 0x40, 0, 0))
    header[12:24] = b"mntrRGB XYZ "
    header[24:36] = b"".join(number.to_bytes(2, "big") for number in (2000, 1, 1, 0, 0, 0))
    header[36:40] = b"acsp"
    header[68:80] = b"".join(fixed(number) for number in D50)
    return bytes(header) + table + body


D65, D50 = (0.9505, 1.0, 1.0891), (0.9642, 1.0, 0.8249)
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def colorants() -> np.ndarray[Any, np.dtype[np.float64]]:
    """float64 (3, 3): XYZ under D50 of each primary, a column each; the three add up to white."""
    primaries = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in WIDE_PRIMARIES]).T
    linear = primaries * np.linalg.solve(primaries, np.array(D65))
    seen = np.diag((BRADFORD @ D50) / (BRADFORD @ D65))
    adapted: np.ndarray[Any, np.dtype[np.float64]] = np.linalg.inv(BRADFORD) @ seen @ BRADFORD @ linear
    return adapted


def fixed(number: float) -> bytes:
    """s15Fixed16Number."""
    return round(number * 65536).to_bytes(4, "big", signed=True)


def xyz_tag(values: Any) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(fixed(float(value)) for value in values)


def text_tag(text: str) -> bytes:
    return b"text" + bytes(4) + text.encode("ascii") + b"\0"


def description_tag(text: str) -> bytes:
    words = text.encode("ascii") + b"\0"
    return b"desc" + bytes(4) + len(words).to_bytes(4, "big") + words + bytes(4 + 4 + 2 + 1 + 67)
