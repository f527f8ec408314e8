"""Colour hash: how much of the picture is black, grey, and each of six hues, pale or strong. Equals imagehash 4.3.2.

imagehash sorts pixels by the bytes of Pillow's HSV conversion. Those bytes are never needed: only on which side of a
few thresholds they fall, and that is whole-number arithmetic on the largest and smallest channel (shown for all
16,777,216 colours by a test). It takes a third of the time of the conversion alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints import _pixels
from lookalike.fingerprints.options import read_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.resampling import Pixels
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe

BIN_BITS = 3  # imagehash's default
LARGEST_BIN_BITS = 8  # finer than 1/256 of the picture: a fingerprint of noise
NUM_HUES = 6
NUM_BINS = 2 + 2 * NUM_HUES
BLACK_BELOW = 32  # luminance; 256 // 8 in imagehash


class ColorHash:
    """imagehash's colorhash. Option: bits for each of the 14 fractions.

    Colours are taken from the picture as RGB. Of the modes that files decode to, that changes nothing; a PIL image in
    mode ``HSV``, whose bytes imagehash takes as they are, may differ.
    """

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = True

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        bin_bits = read_number(
            "colorhash", words, what="number of bits a bin", default=BIN_BITS, smallest=1, largest=LARGEST_BIN_BITS
        )
        return ((bin_bits,) if bin_bits != BIN_BITS else ()), NUM_BINS * bin_bits

    def thumbnails(self, _recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        return ()

    def make_bits(self, views: Views, recipe: Recipe) -> Bits:
        bin_bits = next((option for option in recipe.options if isinstance(option, int)), BIN_BITS)
        grey = views.grey_pixels
        if views.mode == "L":
            counts = np.zeros(NUM_BINS, np.int64)
            counts[0] = np.count_nonzero(grey < BLACK_BELOW)
            counts[1] = grey.size - counts[0]  # no saturation
        elif views.mode == "YCbCr":
            counts = count_stored_colors(views.stored_pixels)
        else:
            image = views.image if views.mode == "RGB" else views.converted("RGB")
            counts = count_colors(grey, *map(np.asarray, image.split()))
        return _code_table(bin_bits)[_levels(counts, grey.size, 1 << bin_bits)].reshape(1, -1)

    def make_turned_bits(self, views: Views, recipe: Recipe) -> Sequence[Bits]:
        """Eight times the same: how much there is of a colour doesn't depend on how the picture lies."""
        return [self.make_bits(views, recipe)] * 8


def count_colors(grey: Pixels, red: Pixels, green: Pixels, blue: Pixels) -> NDArray[np.int64]:
    """int64 (14,): pixels that are black, grey, pale in each of six hues, strong in each of six hues.

    In Pillow's conversion saturation is 255 * spread / largest and hue 255 / 6 * (2 k + difference / spread), cut to
    whole numbers (src/libImaging/Convert.c, rgb2hsv_row), where spread is largest - smallest channel. So in bytes:

    * imagehash's grey, saturation < 85, is 3 * spread < largest, that is 2 * spread < smallest;
    * pale, saturation < 170, is 3 * spread < 2 * largest, that is spread < 2 * smallest;
    * strong, saturation >= 171, is 28 * largest >= 85 * smallest, that is spread - 2 * smallest >= smallest / 28,
      rounded up; exactly 170 is neither in imagehash, whose two limits are both 256 * 2 // 3;
    * hue bins begin at 0, 43, 85, 128, 170 and 213: sextants of the circle, but for 43, 128 and 213, which lie half a
      step late. So a middle channel within spread / 85 of the largest still counts to the bin before.

    All four planes are uint8 (height, width), *grey* as Pillow makes it of the others.
    """
    planes = (np.ascontiguousarray(plane) for plane in (grey, red, green, blue))
    return _pixels.count_colors(*planes).astype(np.int64)


def count_stored_colors(pixels: Pixels) -> NDArray[np.int64]:
    """int64 (14,): as ``count_colors``, of uint8 (height, width, 4) as JPEG stores it: luminance, the differences of
    blue and red from it, and a byte that isn't read.

    Red, green and blue are what libjpeg makes of them, to the last bit, and never lie in memory.
    """
    return _pixels.count_stored_colors(pixels).astype(np.int64)


def _levels(counts: NDArray[np.int64], pixels: int, num_levels: int) -> NDArray[np.int64]:
    """Fractions as levels below *num_levels*, int64 (14,): black and grey of all *pixels*, hues of the coloured."""
    colored = max(1, pixels - int(counts[0]) - int(counts[1]))
    totals = np.array([pixels] * 2 + [colored] * (NUM_BINS - 2))
    levels: NDArray[np.int64] = np.minimum(counts * num_levels // totals, num_levels - 1)
    return levels


@lru_cache(maxsize=LARGEST_BIN_BITS)
def _code_table(bin_bits: int) -> Bits:
    """Every level's code in imagehash, bool (levels, bin_bits).

    Bit i isn't a binary digit but whether (level >> shift) mod 2 ** (shift + 1), shift = bin_bits - 1 - i, is not
    zero: it is set by a higher digit too as long as that survives the modulus.
    """
    levels = np.arange(1 << bin_bits)[:, None]
    shifts = np.arange(bin_bits - 1, -1, -1)[None, :]
    table: Bits = (levels >> shifts) % (2 << shifts) > 0
    return table
