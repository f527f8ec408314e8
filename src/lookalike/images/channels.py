"""From any mode that Pillow decodes to 8-bit grey, RGB, CMYK or LAB without alpha.

One place for the rules that decide what a picture with transparency, a palette or deep pixels looks like.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ALPHA_NOTE = "alpha composited on white"
_WITH_ALPHA = {"La": "LA", "LA": "LA", "RGBa": "RGBA", "RGBA": "RGBA", "PA": "RGBA", "P": "RGBA", "1": "LA", "L": "LA"}
_KEPT = frozenset({"L", "RGB", "CMYK", "LAB"})


def flatten_channels(image: Image.Image, format_name: str) -> tuple[Image.Image, list[str]]:
    """*image* in mode ``L``, ``RGB``, ``CMYK`` or ``LAB``, and notes about what was lost.

    Alpha of every kind (RGBA, LA, palette, PNG's transparent colour) is composited on white; alpha that is opaque
    everywhere is no alpha. 16-bit grey keeps its high byte, as Pillow does for 16-bit colour. 32-bit integers within
    0..255 are taken as they are, within 0..65535 as 16-bit, others are stretched from their least to their greatest
    value; floats within 0..1 are multiplied by 255, within 0..255 rounded, others stretched; nothing is clipped.
    """
    if image.mode.startswith("I;16"):
        return _from_16_bit(image)
    if image.mode in {"I", "F"}:
        return _from_32_bit(image, format_name)
    if image.has_transparency_data and (image.mode in _WITH_ALPHA or image.mode == "RGB"):
        return _composite(_with_alpha_channel(image))
    if image.mode in _KEPT:
        return image, []
    return image.convert("L" if image.mode == "1" else "RGB"), []


def _with_alpha_channel(image: Image.Image) -> Image.Image:
    colour = image.info.get("transparency")
    if image.mode == "RGB" and isinstance(colour, tuple) and max(colour) > 255:
        # A 16-bit PNG: Pillow reduced the pixels to their high bytes, and left its transparent colour 16 bits deep.
        image = image.copy()
        image.info["transparency"] = tuple(value >> 8 for value in colour)
    return image.convert(_WITH_ALPHA.get(image.mode, "RGBA"))


def _composite(image: Image.Image) -> tuple[Image.Image, list[str]]:
    alpha = image.getchannel("A")
    plain = image.convert("L" if image.mode == "LA" else "RGB")
    if alpha.getextrema()[0] == 255:
        return plain, []
    white = Image.new(plain.mode, plain.size, "white")
    white.paste(plain, mask=alpha)
    return white, [ALPHA_NOTE]


def _from_16_bit(image: Image.Image) -> tuple[Image.Image, list[str]]:
    values: NDArray[Any] = np.asarray(image)
    grey = (values >> max(0, _significant_bits(image) - 8)).astype(np.uint8)
    key = image.info.get("transparency")
    if isinstance(key, int):
        transparent = values == key
        if transparent.any():
            grey[transparent] = 255
            return Image.fromarray(grey), [ALPHA_NOTE]
    return Image.fromarray(grey), []


def _significant_bits(image: Image.Image) -> int:
    """16, or 12 where a TIFF says that only 12 of them are used (tag 258, BitsPerSample)."""
    tags: Any = getattr(image, "tag_v2", {})
    return 12 if tags.get(258) == (12,) else 16


def _from_32_bit(image: Image.Image, format_name: str) -> tuple[Image.Image, list[str]]:
    values = np.asarray(image, dtype=np.float64)
    finite = values[np.isfinite(values)]
    least, greatest = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if image.mode == "I" and least >= 0 and greatest <= 65535:
        # Pillow scales the values of every PPM deeper than 8 bits to 0..65535
        scale = 1 / 256 if format_name == "PPM" or greatest > 255 else 1.0
        return Image.fromarray(np.floor(values * scale).astype(np.uint8)), []
    if image.mode == "F" and least >= 0 and greatest <= 255:
        offset, scale, notes = 0.0, 255.0 if greatest <= 1 else 1.0, []
    else:
        offset, scale = least, 255 / (greatest - least) if greatest > least else 0.0
        notes = ["values stretched to 8 bits"]
    known = np.nan_to_num(values, nan=least, posinf=greatest, neginf=least)
    return Image.fromarray(np.rint((known - offset) * scale).astype(np.uint8)), notes
