"""Where spots are: in pixels of a plane, and in 32 bits of a slot, in units that don't hang on the plane's size.

A place in a slot is 12 bits of x, 12 of y, in 1/4096 of the picture's longer side, and 8 of scale: 1/32 of the binary
logarithm of sigma in those units, never 0, so that a place of zeros is an empty slot.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lookalike.model import SLOT_CODE_BYTES, SLOT_PLACE_BYTES

UNITS = 4096  # along the longer side
STEPS = 32  # of scale, to a doubling
MOST_ENLARGED = 2  # beyond that, an enlarged picture has no finer spots
LONGEST_SIDE = 4096  # pixels, of pictures a thousand times as long as wide


def spot_size(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    """Width and height of about so many *pixels* in the shape of *size*, at most twice as large."""
    width, height = size
    wide = math.isqrt(width * pixels // height)
    high = math.isqrt(height * pixels // width)
    return (
        max(1, min(wide, width * MOST_ENLARGED, LONGEST_SIDE)),
        max(1, min(high, height * MOST_ENLARGED, LONGEST_SIDE)),
    )


def whole_picture(shape: tuple[int, ...]) -> NDArray[np.int32]:
    """The place of all of a plane (height, width): int32 (1, 3)."""
    height, width = shape
    sigma = max(1.0, max(height, width) / 12)
    return np.array([[width * 8, height * 8, round(STEPS * math.log2(sigma))]], np.int32)


def steps_to_units(longer_side: int) -> int:
    """What a scale in pixels of a plane lacks to one in units."""
    return round(STEPS * math.log2(UNITS / longer_side))


def to_units(places: NDArray[np.int32], longer_side: int) -> NDArray[np.float32]:
    """Places of a plane, int32 (n, 3), in units: float32 (n, 3)."""
    scaled = places.astype(np.float64)
    scaled[:, :2] *= UNITS / 16 / longer_side
    scaled[:, 2] += steps_to_units(longer_side)
    return scaled.astype(np.float32)


def pack_slots(places: NDArray[np.int32], codes: NDArray[np.uint64], longer_side: int, slots: int) -> NDArray[np.uint8]:
    """uint8 (slots * bytes of a slot,): code and place of each, those left over empty."""
    x, y = (np.clip(places[:, axis].astype(np.int64) * (UNITS // 16) // longer_side, 0, UNITS - 1) for axis in (0, 1))
    scale = np.clip(places[:, 2].astype(np.int64) + steps_to_units(longer_side), 1, 255)
    packed = np.zeros((slots, SLOT_CODE_BYTES + SLOT_PLACE_BYTES), np.uint8)
    packed[: len(codes), :SLOT_CODE_BYTES] = codes.astype(">u8").view(np.uint8).reshape(-1, SLOT_CODE_BYTES)
    words = (x << 20 | y << 8 | scale).astype(">u4")
    packed[: len(codes), SLOT_CODE_BYTES:] = words.view(np.uint8).reshape(-1, SLOT_PLACE_BYTES)
    return packed.ravel()


def unpack_places(words: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Places in units, float32 (n, 3), of the words of slots."""
    return np.stack([words >> 20, words >> 8 & 0xFFF, words & 0xFF], axis=1).astype(np.float32)
