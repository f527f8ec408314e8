"""Perceptual hash: which low frequencies of a thumbnail exceed their median. Equals imagehash 4.3.2.

Just half of the bits are set, unless frequencies tie at the median: distances of two codes are even.

Only 8 x 8 of the 32 x 32 coefficients matter, and a small matrix product makes them. On flat and symmetric pictures
whole groups of coefficients are equal, or zero, but for rounding: there the bits are imagehash's only if every
rounding is, so those pictures go through scipy.fftpack in imagehash's order of operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lookalike.fingerprints.cosines import CosineHash, cosine_rows, near_zero
from lookalike.fingerprints.options import square_options
from lookalike.fingerprints.ranks import upper_half

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.resampling import Pixels


class PerceptualHash(CosineHash):
    """N. Krawetz, "Looks Like It", hackerfactor.com, 2011, with the median of imagehash. Option: the hash size."""

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        return square_options("phash", words)

    def _compare(self, pixels: Pixels, hash_size: int) -> Bits:
        side = len(pixels)
        rows = cosine_rows(hash_size, side)
        frequencies = (rows @ pixels.astype(np.float64) @ rows.T).ravel()
        bits = upper_half(frequencies, apart=near_zero(side, axes=2))
        return transform_as_imagehash(pixels, hash_size) if bits is None else bits


def transform_as_imagehash(pixels: Pixels, hash_size: int) -> Bits:
    """The bits with every rounding of imagehash 4.3.2. Slow: scipy is imported and all frequencies are made."""
    import scipy.fftpack

    frequencies = scipy.fftpack.dct(scipy.fftpack.dct(pixels, axis=0), axis=1)[:hash_size, :hash_size]
    above: Bits = frequencies > np.median(frequencies)
    return above.ravel()
