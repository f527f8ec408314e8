"""Crop-resistant hash: one difference hash for each large bright or dark segment. Equals imagehash 4.3.2.

Source: M. Steinebach, H. Liu, Y. Yannikos, "Efficient Cropping-Resistant Robust Image Hashing", ARES 2014,
doi:10.1109/ARES.2014.85, with imagehash's parameters. Segments are labelled by scipy instead of pixel by pixel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PIL import Image, ImageFilter

from lookalike.errors import RecipeError
from lookalike.fingerprints.dhash import rising_bits
from lookalike.fingerprints.options import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.resampling import Pixels
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe

SIDE = 300  # segmentation_image_size of imagehash
BRIGHT_ABOVE = 128  # segment_threshold
SMALLEST_SEGMENT = 501  # pixels; imagehash keeps segments larger than min_segment_size = 500
MAJORITY = 5  # of the nine pixels of a 3 x 3 median

Box = tuple[int, int, int, int]


class CropResistantHash:
    """One 64-bit code a segment. No options."""

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = True
    reads_colors: ClassVar[bool] = False

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        if words:
            raise RecipeError(f"crop_resistant got the option {words[0]!r}: it takes none")
        return (), HASH_SIZE * HASH_SIZE

    def thumbnails(self, _recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        return ((SIDE, SIDE),)

    def make_bits(self, views: Views, _recipe: Recipe) -> Bits:
        boxes = find_segments(bright_pixels(views.thumbnail(SIDE, SIDE)))
        crops = [crop for crop in (_crop_box(box, views.size) for box in boxes) if crop is not None]
        return np.stack([_hash_crop(views.grey, crop) for crop in crops or [(0, 0, *views.size)]])


def bright_pixels(pixels: Pixels) -> Bits:
    """bool: where *pixels*, blurred and then passed through a 3 x 3 median, exceed the threshold.

    The median of nine exceeds it where five do, which counting answers in a tenth of the time of sorting.
    """
    blurred = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur()))
    bright = np.pad(blurred > BRIGHT_ABOVE, 1, mode="edge").view(np.uint8)
    rows = bright[:-2] + bright[1:-1] + bright[2:]
    majority: Bits = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] >= MAJORITY
    return majority


def find_segments(bright: Bits) -> list[Box]:
    """Boxes (left, top, right, bottom) of the large segments: bright ones first, each kind in reading order.

    imagehash stops looking for dark segments once the pixels of those found, plus the frame of one pixel that it put
    around the picture, make up the picture's area, so a late dark segment may be left out. It never counts segments
    of a single pixel. Both are kept, or the codes would differ.
    """
    hills = _label(bright)
    valleys = _label(~bright)
    counted = 2 * sum(bright.shape) + sum(size for size, _ in hills if size > 1)
    segments = list(hills)
    for size, box in valleys:
        if counted >= bright.size:
            break
        segments.append((size, box))
        counted += size if size > 1 else 0
    return [box for size, box in segments if size >= SMALLEST_SEGMENT]


def _label(mask: Bits) -> list[tuple[int, Box]]:
    """Size and box of each 4-connected segment of *mask*, in the reading order of their first pixels."""
    from scipy import ndimage

    labels, count = ndimage.label(mask)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    return [
        (int(size), (columns.start, rows.start, columns.stop, rows.stop))
        for size, (rows, columns) in zip(sizes, ndimage.find_objects(labels), strict=True)
    ]


def _crop_box(box: Box, size: Size) -> Box | None:
    """The box in the picture's own pixels, rounded as Pillow's crop rounds; None where nothing is left of it."""
    across, down = size[0] / SIDE, size[1] / SIDE
    left, top, right, bottom = (round(edge * scale) for edge, scale in zip(box, (across, down) * 2, strict=True))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _hash_crop(grey: Image.Image, crop: Box) -> Bits:
    small = grey.crop(crop).resize((HASH_SIZE + 1, HASH_SIZE), Image.Resampling.LANCZOS)
    return rising_bits(np.asarray(small))
