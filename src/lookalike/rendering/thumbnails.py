"""Small copies of pictures: any mode in, opaque RGB out, with nothing of the original but its pixels.

A phone's photo carries its place and time in EXIF; a report that is mailed around must not.
"""

from __future__ import annotations

import base64
import io
from typing import Literal

import numpy as np
from PIL import Image

from lookalike.errors import RenderingError

ThumbnailFormat = Literal["webp", "jpeg", "avif"]

_BACKDROP = (255, 255, 255)
# Pictures of at most this many pixels a side are enlarged without smoothing: their pixels are what there is to see.
_PIXEL_ART_SIDE = 32
# An enlargement past this shows a smear instead of a picture.
_LARGEST_ZOOM = 8


def flatten(image: Image.Image) -> Image.Image:
    """*image* as a new RGB picture without metadata; transparency is laid on white, deep greys are scaled to 8 bits."""
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        image = _scale_deep(image)
    if image.has_transparency_data:
        overlay = image.convert("RGBA")
        plain = Image.new("RGB", image.size, _BACKDROP)
        plain.paste(overlay, mask=overlay.getchannel("A"))
        return plain
    plain = Image.new("RGB", image.size)
    plain.paste(image.convert("RGB"))
    return plain


def _scale_deep(image: Image.Image) -> Image.Image:
    """16-bit greys by their full range, 32-bit integers and floats by the range that they use."""
    values = np.asarray(image, dtype=np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = (0.0, 65535.0) if image.mode.startswith("I;16") else (float(values.min()), float(values.max()))
    span = high - low or 1.0
    return Image.fromarray(np.round((values - low) * (255.0 / span)).astype(np.uint8))


def fit_size(width: int, height: int, max_width: int, max_height: int) -> tuple[int, int]:
    """The largest size of the same shape inside the box, at least 1 x 1 and at most 8 times the original."""
    zoom = min(max_width / width, max_height / height, _LARGEST_ZOOM)
    return max(1, round(width * zoom)), max(1, round(height * zoom))


def fit(image: Image.Image, max_width: int, max_height: int) -> Image.Image:
    """*image* flattened and scaled into the box, its shape kept.

    Raises:
        RenderingError: the picture has no pixels, or the box none.
    """
    if min(image.size) < 1 or min(max_width, max_height) < 1:
        raise RenderingError(
            f"a picture of {image.width} x {image.height} pixels can't be fitted into {max_width} x {max_height}: "
            "both need at least one pixel"
        )
    size = fit_size(image.width, image.height, max_width, max_height)
    if size[0] < image.width and size[1] < image.height and image.mode in {"RGB", "L"}:
        # reducing_gap averages whole blocks first; from 3.0 on the result looks the same (Pillow's documentation).
        return flatten(image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))
    plain = flatten(image)
    if size == plain.size:
        return plain
    if max(plain.size) <= _PIXEL_ART_SIDE and size[0] > plain.width:
        return plain.resize(size, Image.Resampling.NEAREST)
    return plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def thumbnail(image: Image.Image, max_side: int) -> Image.Image:
    """A copy with at most *max_side* pixels a side, never enlarged, RGB, without metadata.

    Raises:
        RenderingError: the picture has no pixels, or *max_side* is below 1.
    """
    return fit(image, min(max_side, image.width), min(max_side, image.height))


def encode_thumbnail(
    image: Image.Image, max_side: int, *, image_format: ThumbnailFormat = "webp", quality: int = 80
) -> tuple[bytes, int, int]:
    """The thumbnail as a WebP, JPEG or AVIF file without metadata -> (bytes, width, height)."""
    small = thumbnail(image, max_side)
    buffer = io.BytesIO()
    if image_format == "webp":
        small.save(buffer, "WEBP", quality=quality, method=4)
    elif image_format == "avif":
        small.save(buffer, "AVIF", quality=quality, speed=8)  # 8 of 10: a quarter of the default's time
    else:
        small.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue(), small.width, small.height


def data_uri(content: bytes, image_format: ThumbnailFormat) -> str:
    """The file's bytes as a ``data:`` address (RFC 2397)."""
    return f"data:image/{image_format};base64,{base64.b64encode(content).decode('ascii')}"
