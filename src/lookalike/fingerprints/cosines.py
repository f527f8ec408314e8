"""The cosine transform that phash and phash_simple read, only the coefficients they read, by matrix product."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

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
