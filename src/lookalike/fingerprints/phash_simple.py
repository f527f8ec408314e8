"""Simple perceptual hash: low frequencies of the thumbnail's upper rows against their mean. Equals imagehash 4.3.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lookalike.fingerprints.cosines import PIXELS_A_BIT, cosine_rows, near_zero
from lookalike.fingerprints.options import hash_size_of, square_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.resampling import Pixels
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe


class SimplePerceptualHash:
    """imagehash's phash_simple: a transform along rows alone, without the first frequency. Option: the hash size."""

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = False

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        return square_options("phash_simple", words)

    def thumbnails(self, recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        side = hash_size_of(recipe.options) * PIXELS_A_BIT
        return ((side, side),)

    def make_bits(self, views: Views, recipe: Recipe) -> Bits:
        hash_size = hash_size_of(recipe.options)
        side = hash_size * PIXELS_A_BIT
        pixels = views.thumbnail(side, side)
        rows = cosine_rows(hash_size + 1, side)[1:]
        excess = (pixels[:hash_size].astype(np.float64) @ rows.T).ravel()
        excess -= excess.mean()
        if np.abs(excess).min() <= near_zero(side, axes=1):
            return transform_as_imagehash(pixels, hash_size)[None, :]
        above: Bits = excess > 0.0
        return above[None, :]


def transform_as_imagehash(pixels: Pixels, hash_size: int) -> Bits:
    """The bits with every rounding of imagehash 4.3.2: rounding decides where a frequency lies at the mean."""
    import scipy.fftpack

    frequencies = scipy.fftpack.dct(pixels)[:hash_size, 1 : hash_size + 1]
    above: Bits = frequencies > frequencies.mean()
    return above.ravel()
