"""What an algorithm is to the rest of the room: options it knows, thumbnails it wants, bits it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe

Bits = NDArray[np.bool_]
Options = tuple[int | str, ...]


class Algorithm(Protocol):
    """One way to make bits of a picture. Stateless; made once a process by the registry.

    Attributes:
        version: raised whenever the same picture would get other bits.
        many_parts: whether a picture gets one code a segment rather than one in all.
        reads_colors: whether it reads more of the picture than its luminance.
    """

    version: ClassVar[int]
    many_parts: ClassVar[bool]
    reads_colors: ClassVar[bool]

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        """The options in canonical order without defaults, and the width in bits.

        Raises:
            RecipeError: a word that the algorithm doesn't know, or out of its range.
        """
        ...

    def thumbnails(self, recipe: Recipe, size: Size, /) -> tuple[Size, ...]:
        """The grey thumbnails (width, height) that ``make_bits`` will read of a picture of *size*."""
        ...

    def make_bits(self, views: Views, recipe: Recipe, /) -> Bits:
        """The bits, bool (parts, width_bits); of another width than the recipe's only where the file says so."""
        ...


@runtime_checkable
class TurningAlgorithm(Algorithm, Protocol):
    """An algorithm that makes the bits of all eight orientations faster than of eight turned pictures."""

    def make_turned_bits(self, views: Views, recipe: Recipe, /) -> Sequence[Bits]:
        """What ``make_bits`` gives of the picture after each of ``orientations.TRANSFORMS``, in their order."""
        ...
