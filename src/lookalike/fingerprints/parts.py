"""Lookalike's own local codes: 32 spots of a picture, 64 bits each, and where they are.

A copy that was cropped, framed or written on keeps most spots that it shows; what they say of place and size agrees
(``jobs/find_parts``). Spots are extrema of differences of Gaussians (D. G. Lowe, IJCV 60(2), 2004, without the turning:
patches stay upright), spread over the picture; a code holds the signs of the 64 lowest frequencies of the square of
12 sigma around its spot. Integers throughout: every machine finds the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import RecipeError
from lookalike.fingerprints import _spots
from lookalike.fingerprints.spot_places import pack_slots, spot_size, whole_picture
from lookalike.model import SLOT_CODE_BYTES, SLOT_PLACE_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe

SLOTS = 32
IN_MIDDLE = 16
CANDIDATES = 400
PIXELS = 80_000  # of the grey picture that spots are looked for in, see docs/parts.md
OCTAVES = 3
MARGIN_PERCENT = 70  # of half a patch that lies inside the picture: the rest is the edge's pixels again
LEAST_RESPONSE = 16  # one grey level


class Parts:
    """32 slots of 96 bits. No options."""

    version: ClassVar[int] = 2
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = False
    slots: ClassVar[int] = SLOTS

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        if words:
            raise RecipeError(f"parts got the option {words[0]!r}: it takes none")
        return (), SLOTS * (SLOT_CODE_BYTES + SLOT_PLACE_BYTES) * 8

    def thumbnails(self, _recipe: Recipe, size: Size) -> tuple[Size, ...]:
        return (spot_size(size, PIXELS),)

    def make_bits(self, views: Views, recipe: Recipe) -> Bits:
        plane = np.ascontiguousarray(views.thumbnail(*spot_size(views.image.size, PIXELS)))
        places, codes = find_parts_of(plane)
        return np.unpackbits(pack_slots(places, codes, max(plane.shape), recipe.slots)[None], axis=1).astype(np.bool_)


def find_parts_of(plane: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.uint64]]:
    """Places, int32 (n, 3): x and y in 1/16 pixel, scale in 1/32 of log2 of sigma; and codes, uint64 (n,).

    A picture without any spot gets one for all of it.
    """
    space = _spots.ScaleSpace(plane, OCTAVES)
    spots = space.spots(SLOTS, IN_MIDDLE, CANDIDATES, MARGIN_PERCENT, LEAST_RESPONSE)
    places = np.ascontiguousarray(spots[:, :3]) if len(spots) else whole_picture(plane.shape)
    return places, space.codes(places)
