"""The parts of a picture asked about: more than a fingerprint holds, and its blurs, to describe any place in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import FingerprintError
from lookalike.fingerprints import _spots
from lookalike.fingerprints._spots import Aligner
from lookalike.fingerprints.parts import LEAST_RESPONSE
from lookalike.fingerprints.spot_places import UNITS, spot_size, to_units, unpack_places, whole_picture
from lookalike.fingerprints.views import Views
from lookalike.model import SLOT_CODE_BYTES, Fingerprint, Picture

PIXELS = 100_000  # more than a fingerprint's: what was cut out is shown larger
OCTAVES = 4
MOST = 200
CANDIDATES = 4 * MOST
MARGIN_PERCENT = 30
NOWHERE = 64  # bits: what a part differs by that the asked picture doesn't show


@dataclass(frozen=True, slots=True, eq=False)
class AskedParts:
    """Places in 1/4096 of the longer side, scales in 1/32 of log2 of sigma.

    Attributes:
        places: float32 (n, 3).
        codes: uint64 (n,).
        width, height: of the picture, in the same units; None where only a fingerprint is known.
        space: the blurs of the picture, of which any place can be described; None as well.
        longer_side: pixels of the picture that *space* was made of.
    """

    places: NDArray[np.float32]
    codes: NDArray[np.uint64]
    width: float | None = None
    height: float | None = None
    space: _spots.ScaleSpace | None = None
    longer_side: int = UNITS

    def aligner(self) -> Aligner:
        """What fits other pictures' parts to these."""
        width, height = (0.0, 0.0) if self.width is None or self.height is None else (self.width, self.height)
        return Aligner(self.places, self.codes, self.space, width, height, self.longer_side)


def ask_parts(picture: Picture) -> AskedParts:
    """The parts of *picture*, up to 200, with whatever is needed to compare other places of it."""
    views = Views(picture.image, (picture.width, picture.height), picture.pixels)
    plane = np.ascontiguousarray(views.thumbnail(*spot_size(picture.image.size, PIXELS)))
    space = _spots.ScaleSpace(plane, OCTAVES)
    spots = space.spots(MOST, 0, CANDIDATES, MARGIN_PERCENT, LEAST_RESPONSE)
    places = np.ascontiguousarray(spots[:, :3]) if len(spots) else whole_picture(plane.shape)
    longer = max(plane.shape)
    return AskedParts(
        to_units(places, longer),
        space.codes(places),
        plane.shape[1] * UNITS / longer,
        plane.shape[0] * UNITS / longer,
        space,
        longer,
    )


def ask_by_fingerprint(fingerprint: Fingerprint) -> AskedParts:
    """The parts that a fingerprint by ``parts`` holds.

    Raises:
        FingerprintError: one by another recipe.
    """
    if not fingerprint.recipe.slots:
        raise FingerprintError(f"a {fingerprint.recipe} fingerprint came: parts are asked by one of the recipe parts")
    slots = fingerprint.slots
    codes = slots[:, :SLOT_CODE_BYTES].copy().view(">u8")[:, 0].astype(np.uint64)
    places = slots[:, SLOT_CODE_BYTES:].copy().view(">u4")[:, 0].astype(np.uint32)
    return AskedParts(unpack_places(places), codes)


def weigh_support(
    asked: AskedParts,
    words: NDArray[np.uint64],
    places: NDArray[np.uint32],
    owners: NDArray[np.int64],
    hypotheses: NDArray[np.int64],
    most_bits: int,
) -> NDArray[np.int64]:
    """How well each hypothesis is supported, see ``native/spot_support.hpp``, and the rows of its picture.

    Args:
        asked: the query's parts.
        words: of the parts held, picture by picture: uint64 (n, 1), a code's bytes, the first bit highest.
        places: of the same, as slots have them.
        owners: their pictures, rising.
        hypotheses: int64 (h, 2): a part asked, and the row of the part held that it equals.
        most_bits: that two parts may differ by.

    Returns:
        int64 (h, 3): the support, the first and the end of the rows of the same picture.
    """
    return _spots.weigh_support(
        asked.places, asked.codes, words, places, owners, np.ascontiguousarray(hypotheses), most_bits
    )
