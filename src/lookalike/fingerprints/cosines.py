"""The cosine transform that phash and phash_simple read, only the coefficients they read, by matrix product."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints.options import hash_size_of

if TYPE_CHECKING:
    from lookalike.fingerprints.base import Bits
    from lookalike.fingerprints.resampling import Pixels
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe

PIXELS_A_BIT = 4  # highfreq_factor of imagehash 4.3.2: the thumbnail's side is four times the hash size
SURE = 1e-12  # of the largest sum; see near_zero


@lru_cache(maxsize=16)
def cosine_rows(num_rows: int, length: int) -> NDArray[np.float64]:
    """float64 (num_rows, length): the first rows of the type-II transform, 2 cos(pi k (2 n + 1) / (2 length)).

    Unnormalised, as scipy.fftpack.dct has it by default.
    """
    frequencies = np.arange(num_rows)[:, None]
    positions = np.arange(length)[None, :] * 2 + 1
    return 2.0 * np.cos(np.pi * frequencies * positions / (2 * length))


def near_zero(length: int, axes: int) -> float:
    """How far apart two coefficients of bytes must be before no rounding can swap them.

    A coefficient sums length ** axes products below 255 * 2 ** axes; double arithmetic errs by some 1e-16 of that for
    each of a few dozen steps, in any order. 1e-12 leaves two orders of magnitude.
    """
    return SURE * 255.0 * float(2 * length) ** axes


class CosineHash:
    """What both hashes over cosines have in common. Option: the hash size."""

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = False

    def thumbnails(self, recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        side = hash_size_of(recipe.options) * PIXELS_A_BIT
        return ((side, side),)

    def make_bits(self, views: Views, recipe: Recipe) -> Bits:
        hash_size = hash_size_of(recipe.options)
        side = hash_size * PIXELS_A_BIT
        return self._compare(views.thumbnail(side, side), hash_size)[None, :]

    @abstractmethod
    def _compare(self, pixels: Pixels, hash_size: int) -> Bits:
        """The bits, in one row, of a thumbnail whose sides are PIXELS_A_BIT times the hash size."""
