"""Average hash: which pixels of a small thumbnail are brighter than their mean. Equals imagehash 4.3.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lookalike.fingerprints.options import hash_size_of, square_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe


class AverageHash:
    """N. Krawetz, "Looks Like It", hackerfactor.com, 2011. Option: the hash size."""

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = False

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        return square_options("ahash", words)

    def thumbnails(self, recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        hash_size = hash_size_of(recipe.options)
        return ((hash_size, hash_size),)

    def make_bits(self, views: Views, recipe: Recipe) -> Bits:
        hash_size = hash_size_of(recipe.options)
        pixels = views.thumbnail(hash_size, hash_size).ravel()
        # pixel > mean in whole numbers. imagehash rounds the mean to a double, which changes no comparison: a mean
        # of at most 4,096 bytes that isn't whole is 1/4096 or more away from every byte.
        brighter: Bits = pixels.astype(np.int64) * pixels.size > pixels.sum(dtype=np.int64)
        return brighter[None, :]
