"""How far a picture is reduced before it is fingerprinted, the same rule for every source."""

from __future__ import annotations

from PIL import Image

# The finest fingerprint looks at a 512 x 512 grid (PDQ's own downsampling step); whash of imagehash at most at the
# largest power of two in the picture, of which 8 x 8 coefficients are kept.
KEPT_SIDE_PIXELS = 512
# Modes whose values can't be averaged: indices, bits, and those that Pillow's reduce() refuses
_NO_AVERAGE = frozenset({"1", "P", "PA"})


def find_factor(shorter_side: int) -> int:
    """The largest power of two that keeps *shorter_side*, in pixels, at 512 or more; 1 where none does."""
    factor = 1
    while shorter_side >= KEPT_SIDE_PIXELS * factor * 2:
        factor *= 2
    return factor


def reduce_picture(image: Image.Image, factor: int) -> Image.Image:
    """*image* with every *factor* x *factor* box averaged to one pixel; as it is where its mode can't be averaged."""
    if factor == 1 or image.mode in _NO_AVERAGE or image.mode.startswith("I;"):
        return image
    return image.reduce(factor)
