"""Wavelet hash: which coarse blocks of a square thumbnail are brighter than the median. Equals imagehash 4.3.2.

imagehash resizes to the largest power of two within the shorter side, takes the mean out by a full Haar transform
there and back, and compares the low band with its median. In exact arithmetic the Haar band is the sums of blocks and
the db4 band is one matrix product, so their order decides the bits, unless blocks tie at the median. Large plain areas
do tie, and then the bits are rounding noise: those pictures go through PyWavelets step by step.

imagehash's db4 band is wider than asked, since db4 reads 6 pixels past a block: (hash_size + 6) squared bits once the
thumbnail is at least 8 times the hash size, fewer below. ``prepare="lookalike"`` never goes below, so that a recipe
has one width; ``prepare="imagehash"`` gives tiny pictures imagehash's own narrower code.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import RecipeError
from lookalike.fingerprints.options import HASH_SIZE, hash_size_of, read_hash_size
from lookalike.fingerprints.ranks import upper_half

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.resampling import Pixels
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe

WAVELETS = ("haar", "db4")
DB4_OVERHANG = 6  # 7 pixels of an 8-tap filter reach past each end, halved at each level: hash_size + 6 from level 3 on
DB4_LEVELS = 3
LARGEST_DB4_HASH_SIZE = 32  # the next power of two would need (64 + 6) ** 2 = 4,900 bits, past LARGEST_WIDTH_BITS
SURE = 1e-10  # of the largest value: sums of a few thousand products err by less than 1e-12 of it


class WaveletHash:
    """D. Petrov's wavelet hash as in imagehash. Options: the hash size, a power of two, and ``db4``."""

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = False

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        wavelets = [word for word in words if word in WAVELETS]
        if len(wavelets) > 1:
            raise RecipeError(f"whash got {len(wavelets)} wavelets, {' and '.join(wavelets)}: name one")
        others = [word for word in words if word not in WAVELETS]
        unknown = [word for word in others if not (word.isascii() and word.isdigit())]
        if unknown:
            raise RecipeError(
                f"whash got the option {unknown[0]!r}: it takes a hash size that is a power of two (default "
                f"{HASH_SIZE}) and a wavelet ({' or '.join(WAVELETS)}), as in 'whash:16:db4'"
            )
        hash_size = read_hash_size("whash", others)
        if hash_size & (hash_size - 1):
            raise RecipeError(f"whash got a hash size of {hash_size}: it must be a power of two, from 2 to 64")
        is_db4 = wavelets == ["db4"]
        if is_db4 and hash_size > LARGEST_DB4_HASH_SIZE:
            raise RecipeError(
                f"whash:db4 got a hash size of {hash_size}: it takes powers of two from 2 to {LARGEST_DB4_HASH_SIZE}"
            )
        options: Options = (*((hash_size,) if hash_size != HASH_SIZE else ()), *(("db4",) if is_db4 else ()))
        return options, (hash_size + DB4_OVERHANG * is_db4) ** 2

    def thumbnails(self, recipe: Recipe, size: Size) -> tuple[Size, ...]:
        side = _thumbnail_side(recipe, size)
        return ((side, side),)

    def make_bits(self, views: Views, recipe: Recipe) -> Bits:
        hash_size = hash_size_of(recipe.options)
        side = _thumbnail_side(recipe, views.size)
        pixels = views.thumbnail(side, side)
        if "db4" in recipe.options:
            factor = max(1, _thumbnail_side(recipe, views.whole_size) // side)
            wavelet, bits = "db4", _compare_db4(pixels, hash_size, factor)
        else:
            wavelet, bits = "haar", _compare_blocks(pixels, hash_size)
        return (transform_as_imagehash(pixels, hash_size, wavelet) if bits is None else bits)[None, :]


def _thumbnail_side(recipe: Recipe, size: Size) -> int:
    hash_size = hash_size_of(recipe.options)
    smallest = hash_size
    if "db4" in recipe.options and recipe.prepare == "lookalike":
        smallest = hash_size << DB4_LEVELS
    natural: int = 1 << (min(size).bit_length() - 1)
    return max(natural, smallest)


def _compare_blocks(pixels: Pixels, hash_size: int) -> Bits | None:
    """The Haar band in whole numbers: sums of blocks, exact in float64."""
    block = pixels.shape[0] // hash_size
    starts = np.arange(0, pixels.shape[0], block)
    columns = np.add.reduceat(pixels, starts, axis=0, dtype=np.uint32)
    sums = np.add.reduceat(columns, starts, axis=1, dtype=np.uint32)
    return upper_half(sums.ravel().astype(np.float64), apart=0.0)


def _compare_db4(pixels: Pixels, hash_size: int, factor: int) -> Bits | None:
    """The db4 band of the thumbnail enlarged *factor* times, as whole as the picture was before it was reduced.

    Unlike blocks, db4's band depends on the scale: 11 of 196 bits differed between a camera photo and its reduction.
    """
    side = pixels.shape[0]
    shrunk = side * factor // hash_size
    rows = _db4_rows(side, factor, shrunk.bit_length() - 1)
    centred = pixels.astype(np.float64)
    centred -= centred.mean()
    band = (rows @ centred @ rows.T).ravel()
    return upper_half(band, apart=SURE * 255.0 * shrunk)


@lru_cache(maxsize=8)
def _db4_rows(side: int, factor: int, levels: int) -> NDArray[np.float64]:
    """float64 (width of the low band, side): *levels* db4 low-pass steps along one axis, of each pixel repeated
    *factor* times, as one matrix.
    """
    import pywt

    rows = np.repeat(np.eye(side), factor, axis=0)
    for _ in range(levels):
        rows = pywt.dwt(rows, "db4", axis=0)[0]
    return rows


def transform_as_imagehash(pixels: Pixels, hash_size: int, wavelet: str) -> Bits:
    """The bits with every rounding of imagehash 4.3.2, for thumbnails of a side that is a power of two."""
    import pywt

    side = pixels.shape[0]
    low: NDArray[np.float64] = pixels / 255.0
    details = []
    for _ in range(side.bit_length() - 1):
        low, bands = pywt.dwt2(low, "haar")
        details.append(bands)
    low = low * 0
    for bands in reversed(details):
        low = pywt.idwt2((low, bands), "haar")
    for _ in range((side // hash_size).bit_length() - 1):
        low = pywt.dwt2(low, wavelet)[0]
    above: Bits = low > np.median(low)
    return above.ravel()
