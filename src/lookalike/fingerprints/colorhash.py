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
SPARSE_BELOW = 0.3  # of the pixels coloured: picking them out won at 0.01 and lost at 0.5; between them a guess
PIXELS_AT_ONCE = 1 << 16  # a dozen byte planes of this length stay near the processor


class ColorHash:
    """imagehash's colorhash. Option: bits for each of the 14 fractions.

    Colours are taken from the picture as RGB. Of the modes that files decode to, that changes nothing; a PIL image in
    mode ``HSV``, whose bytes imagehash takes as they are, may differ.
    """

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        bin_bits = read_number(
            "colorhash", words, what="number of bits a bin", default=BIN_BITS, smallest=1, largest=LARGEST_BIN_BITS
        )
        return ((bin_bits,) if bin_bits != BIN_BITS else ()), NUM_BINS * bin_bits

    def thumbnails(self, _recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        return ()

    def make_bits(self, views: Views, recipe: Recipe) -> Bits:
        bin_bits = next((option for option in recipe.options if isinstance(option, int)), BIN_BITS)
        grey = views.grey_pixels.ravel()
        if views.image.mode == "L":
            counts = np.zeros(NUM_BINS, np.int64)
            counts[0] = np.count_nonzero(grey < BLACK_BELOW)
            counts[1] = grey.size - counts[0]  # no saturation
        else:
            image = views.image if views.image.mode == "RGB" else views.converted("RGB")
            red, green, blue = (np.asarray(channel).ravel() for channel in image.split())
            counts = count_colors(grey, red, green, blue)
        return _code_table(bin_bits)[_levels(counts, grey.size, 1 << bin_bits)].reshape(1, -1)


def count_colors(grey: Pixels, red: Pixels, green: Pixels, blue: Pixels) -> NDArray[np.int64]:
    """int64 (14,): pixels that are black, grey, pale in each of six hues, strong in each of six hues.

    All four planes are uint8 (n,), *grey* as Pillow makes it of the others.
    """
    counts = np.zeros(NUM_BINS, np.int64)
    for start in range(0, grey.size, PIXELS_AT_ONCE):
        part = slice(start, start + PIXELS_AT_ONCE)
        counts += _count_some(grey[part], red[part], green[part], blue[part])
    return counts


def _count_some(grey: Pixels, red: Pixels, green: Pixels, blue: Pixels) -> NDArray[np.int64]:
    # In Pillow's conversion saturation is 255 * spread / largest and hue 255 / 6 * (2 k + difference / spread), cut to
    # whole numbers (src/libImaging/Convert.c, rgb2hsv_row).
    smallest = np.minimum(np.minimum(red, green), blue)
    spread = np.maximum(np.maximum(red, green), blue) - smallest
    light = grey >= BLACK_BELOW
    # saturation >= 85, so not imagehash's grey: 3 * spread >= largest, that is 2 * spread >= smallest, kept in bytes.
    colored = spread >= smallest - (smallest >> 1)
    colored &= light
    black = grey.size - np.count_nonzero(light)
    num_colored = np.count_nonzero(colored)
    counts = np.zeros(NUM_BINS, np.int64)
    counts[:2] = black, grey.size - black - num_colored
    if num_colored:
        planes = [red, green, blue, smallest, spread, colored.view(np.uint8)]
        if num_colored < SPARSE_BELOW * grey.size:
            where = np.flatnonzero(colored)
            planes = [plane[where] for plane in planes]
        counts[2:] = _count_hues(*planes)
    return counts


def _count_hues(
    red: Pixels, green: Pixels, blue: Pixels, smallest: Pixels, spread: Pixels, colored: Pixels
) -> NDArray[np.int64]:
    # saturation < 170: 3 * spread < 2 * largest, that is spread < 2 * smallest.
    pale = spread >> 1 < smallest
    # saturation >= 171: 28 * largest >= 85 * smallest, that is spread - 2 * smallest >= smallest / 28, rounded up.
    # Exactly 170 is neither in imagehash, whose two limits are both 256 * 2 // 3. The bytes overflow only where pale.
    strong = spread - smallest - smallest >= (smallest + 27) // 28
    strong &= ~pale
    strong &= colored.view(np.bool_)
    pale &= colored.view(np.bool_)
    # Hue bins begin at 0, 43, 85, 128, 170 and 213: sextants of the circle, but for 43, 128 and 213 which lie half a
    # step late. So a middle channel within spread / 85 of the largest still counts to the bin before.
    nearly = spread + smallest
    nearly -= (spread > 85).view(np.uint8)
    nearly -= (spread > 170).view(np.uint8)
    near_red, near_green, near_blue = red >= nearly, green >= nearly, blue >= nearly
    hues = (
        (green >= blue) & near_red,
        (red > blue) > near_red,
        (blue >= red) & near_green,
        (green > red) > near_green,
        (red >= green) & near_blue,
    )
    pales = [np.count_nonzero(hue & pale) for hue in hues]
    strongs = [np.count_nonzero(hue & strong) for hue in hues]
    # Each coloured pixel has one of six hues, so the last needs no mask of its own.
    pales.append(np.count_nonzero(pale) - sum(pales))
    strongs.append(np.count_nonzero(strong) - sum(strongs))
    return np.array([*pales, *strongs], np.int64)


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
