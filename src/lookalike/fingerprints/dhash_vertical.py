"""Vertical difference hash: where a small thumbnail gets brighter from top to bottom. Equals imagehash 4.3.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from lookalike.fingerprints.options import hash_size_of, square_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe


class VerticalDifferenceHash:
    """The difference hash along columns. Option: the hash size."""

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = False

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        return square_options("dhash_vertical", words)

    def thumbnails(self, recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        hash_size = hash_size_of(recipe.options)
        return ((hash_size, hash_size + 1),)

    def make_bits(self, views: Views, recipe: Recipe) -> Bits:
        hash_size = hash_size_of(recipe.options)
        pixels = views.thumbnail(hash_size, hash_size + 1)
        rising: Bits = pixels[1:] > pixels[:-1]
        return rising.reshape(1, -1)
