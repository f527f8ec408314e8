"""Cutting a rectangle out of a picture, in pixels of the whole upright one however small it was decoded."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from lookalike.errors import CropError
from lookalike.images.pillow_guard import pillow_guarded, pillow_pixel_limit
from lookalike.model import Crop, Picture


def crop_picture(picture: Picture, crop: Crop) -> Picture:
    """The part of *picture* inside *crop*, which counts pixels of ``picture.width`` x ``picture.height``.

    A picture that was decoded at a reduced size has little detail left in a small crop: ``load_picture(..., crop=...)``
    decodes as much as the crop needs. Under ``prepare="imagehash"`` the pixels counted are those of the picture as
    stored, since nothing was turned.

    Raises:
        CropError: the crop is empty, reaches outside the picture or isn't made of whole numbers.
    """
    crop = check_crop(crop, picture.width, picture.height)
    with pillow_guarded():
        image = cut(picture.image, crop, picture.width, picture.height)
    return replace(
        picture,
        image=image,
        width=crop.width,
        height=crop.height,
        notes=(*picture.notes, describe_crop(crop)),
        pixels=None,
    )


def check_crop(crop: Crop, width: int, height: int) -> Crop:
    """*crop* with plain ints, known to lie inside *width* x *height* pixels, or CropError with the figures."""
    whole = as_crop(crop)
    x, y, w, h = whole.x, whole.y, whole.width, whole.height
    if w < 1 or h < 1 or x < 0 or y < 0 or x + w > width or y + h > height:
        raise CropError(
            f"the crop x={x}, y={y}, width={w}, height={h} doesn't fit: it must hold at least one pixel and lie inside "
            f"the upright picture of {width} x {height} pixels"
        )
    return whole


def as_crop(crop: Crop | Sequence[int]) -> Crop:
    """*crop* with plain ints, or CropError where it isn't a `Crop` or four whole numbers x, y, width, height."""
    values = (crop.x, crop.y, crop.width, crop.height) if isinstance(crop, Crop) else crop
    try:
        x, y, width, height = map(_whole_number, values)
        return Crop(x, y, width, height)
    except (TypeError, ValueError) as error:
        raise CropError(f"a crop is four whole numbers x, y, width, height; {values!r:.200} came") from error


def cut(image: Image.Image, crop: Crop, width: int, height: int) -> Image.Image:
    """The part of *image* inside *crop*, where *image* shows *width* x *height* pixels, perhaps in fewer of its own."""
    left, right = _scale(crop.x, crop.x + crop.width, image.width, width)
    top, bottom = _scale(crop.y, crop.y + crop.height, image.height, height)
    try:
        return image.crop((left, top, right, bottom))
    except Image.DecompressionBombError:  # Pillow asks its global limit again, of pixels that are long in memory
        with pillow_pixel_limit((right - left) * (bottom - top)):
            return image.crop((left, top, right, bottom))


def _whole_number(value: int) -> int:
    if isinstance(value, bool):
        raise TypeError("a truth value is no number of pixels")
    return operator.index(value)


def describe_crop(crop: Crop) -> str:
    return f"cropped to {crop.x},{crop.y},{crop.width},{crop.height}"


def _scale(first: int, last: int, own: int, full: int) -> tuple[int, int]:
    """The nearest borders in *own* pixels of a span in *full* ones; at least one pixel wide."""
    start = min((2 * first * own + full) // (2 * full), own - 1)
    end = (2 * last * own + full) // (2 * full)
    return start, max(end, start + 1)
