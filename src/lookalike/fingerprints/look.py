"""Lookalike's own code for things of the same kind: 768 bits of shape, then 256 bits of colour.

The shape vector joins three things. Chances of each kind of garment, by a small network and by outlines together, say
most; they aren't brought to one length, so that pictures the network is sure of lie nearer to all of their kind. The
network's features and the outlines themselves, each of one length, order what is of the same kind and carry what is no
garment at all. Signs of sums with fixed random signs make bits of it: two codes differ in as many bits as the angle
between their vectors is wide (Charikar 2002). Everything is in whole numbers or single IEEE operations on them, so that
one picture has the same bits everywhere. What was tried, and the figures: docs/look.md.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.errors import RecipeError
from lookalike.fingerprints import _pixels
from lookalike.fingerprints.blas_threads import one_blas_thread
from lookalike.fingerprints.code_parts import Part
from lookalike.fingerprints.look_colors import color_vector
from lookalike.fingerprints.look_network import SIDE, Seen, see
from lookalike.fingerprints.look_numbers import LookNumbers, load_numbers
from lookalike.fingerprints.look_outlines import outline_picture
from lookalike.fingerprints.resampling import Pixels, resize_to_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe

SHAPE_BITS = 768
COLOR_BITS = 256
SEED = b"lookalike look 1"
ODDS_UNIT = 64  # scores are logarithms of odds in 1/64
CHANCE_UNIT = 4096
KINDS_LENGTH = 2 * CHANCE_UNIT  # what the chances, features and outlines weigh: 2, 0.7, 0.7
FEATURES_LENGTH = OUTLINES_LENGTH = round(0.7 * CHANCE_UNIT)


class Look:
    """Shape and colour of a thing. No options."""

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = True
    code_parts: ClassVar[tuple[Part, ...]] = (
        Part("shape", 0, SHAPE_BITS),
        Part("colour", SHAPE_BITS, COLOR_BITS),
    )

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        if words:
            raise RecipeError(f"look takes no options, {', '.join(map(repr, words))} came: write 'look'")
        return (), SHAPE_BITS + COLOR_BITS

    def thumbnails(self, _recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        return ()

    @one_blas_thread
    def make_bits(self, views: Views, _recipe: Recipe) -> Bits:
        numbers = load_numbers()
        picture = small_picture(views)
        seen = see(picture, numbers)
        shape = shape_vector(picture, seen, numbers) - numbers.shape_means
        color = color_vector(picture, seen.foreground) - numbers.color_means
        return np.concatenate([_signs(shape, SHAPE_BITS, b"shape"), _signs(color, COLOR_BITS, b"color")])[None, :]


def small_picture(views: Views) -> Pixels:
    """The picture stretched to uint8 (64, 64, 3), red, green and blue. Stretching measured better than padding."""
    if views.image.mode == "YCbCr":
        planes = list(_pixels.restore_colors(views.stored_pixels))  # what libjpeg makes of them, to the last bit
    elif views.image.mode == "L":
        planes = [views.grey_pixels]
    else:
        image = views.image if views.image.mode == "RGB" else views.converted("RGB")
        planes = [np.asarray(plane) for plane in image.split()]
    small = [_shrink(plane) for plane in planes]
    return np.stack(small if len(small) == 3 else small * 3, axis=-1)


def _shrink(plane: Pixels) -> Pixels:
    return resize_to_many(lambda: Image.fromarray(plane), plane, [(SIDE, SIDE)])[SIDE, SIDE]


def shape_vector(picture: Pixels, seen: Seen, numbers: LookNumbers) -> NDArray[np.float64]:
    """Chances of the kinds (0 to 8192), features and outlines (each of length 2867): whole numbers, float64."""
    features = np.floor((seen.sums * numbers.features.weights + numbers.features.shift) / 4096)
    outlines = outline_picture(picture)
    scores = np.floor((features @ numbers.kinds.weights + numbers.kinds.shift) / 4096)
    scores += np.floor((outlines @ numbers.outline_kinds.weights + numbers.outline_kinds.shift) / 4096)
    below = np.minimum(scores.max() - scores, chance_table().size - 1).astype(np.int64)
    parts = chance_table()[below]
    return np.concatenate(
        [
            np.floor(parts * KINDS_LENGTH / parts.sum()),
            _of_length(features, FEATURES_LENGTH),
            _of_length(outlines - numbers.outline_means, OUTLINES_LENGTH),
        ]
    )


def _of_length(vector: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """*vector*, whole numbers, brought to *length*. The sum of squares is exact, its root rightly rounded."""
    own = max(1.0, float(np.sqrt(np.dot(vector, vector))))
    brought: NDArray[np.float64] = np.rint(vector * length / own)
    return brought


@cache
def chance_table() -> NDArray[np.float64]:
    """exp(-i / 64) in 65535ths, whole numbers, for scores that lie i below the best."""
    table: NDArray[np.float64] = np.rint(65535 * np.exp(-np.arange(12 * ODDS_UNIT) / ODDS_UNIT))
    return table


def _signs(vector: NDArray[np.float64], bits: int, part: bytes) -> Bits:
    """Which of *bits* sums of *vector* with random signs are above 0."""
    # Magnitudes add up to less than 2**24, where float32 is exact: 2,867 long in 2,880 dimensions is at most 154,000.
    above: Bits = vector.astype(np.float32) @ random_signs(len(vector), bits, part) > 0
    return above


@cache
def random_signs(length: int, bits: int, part: bytes) -> NDArray[np.float32]:
    """float32 (length, bits) of -1 and 1, drawn by SHAKE-128 (FIPS 202), which never changes."""
    drawn = hashlib.shake_128(SEED + part).digest(length * bits // 8)
    return np.unpackbits(np.frombuffer(drawn, np.uint8)).reshape(length, bits).astype(np.float32) * 2 - 1
