"""Known changes to a picture, as shops and forwarded messages make them: what a search for copies must see through."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps


def _recompress(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=40)
    with Image.open(buffer) as again:
        return again.convert("RGB")


def _shrink(image: Image.Image) -> Image.Image:
    return image.resize((round(image.width * 0.6), round(image.height * 0.6)), Image.Resampling.LANCZOS)


def _crop(image: Image.Image) -> Image.Image:
    x, y = round(image.width * 0.025), round(image.height * 0.025)
    return image.crop((x, y, image.width - x, image.height - y))


def _brighten(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(1.15)


def _mirror(image: Image.Image) -> Image.Image:
    return ImageOps.mirror(image)


def _write_over(image: Image.Image) -> Image.Image:
    """A small ribbon in a corner, as second-hand shops print it."""
    marked = image.copy()
    draw = ImageDraw.Draw(marked)
    draw.rounded_rectangle((14, image.height - 44, 132, image.height - 14), 6, fill=(178, 42, 48))
    draw.text((73, image.height - 29), "LAST CHANCE", fill="white", font=ImageFont.load_default(15), anchor="mm")
    return marked


def _frame(image: Image.Image) -> Image.Image:
    return ImageOps.expand(image, border=round(min(image.size) * 0.03), fill=(250, 250, 250))


def _turn(image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_90)


TRANSFORMS: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "recompressed as JPEG quality 40": _recompress,
    "resized to 60 %": _shrink,
    "cropped by 5 %": _crop,
    "brightened by 15 %": _brighten,
    "mirrored": _mirror,
    "text written over a corner": _write_over,
    "bordered by 3 %": _frame,
    "rotated by 90 degrees": _turn,
}
"""What was done, in words -> what does it."""
