"""Matches with what they are worth: a reason for each recipe, the chance of all together, and a plain word."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.errors import ImageError
from lookalike.images import Limits, Source, load_picture, read_bytes
from lookalike.jobs.query_worth import QueryWorth
from lookalike.model import Crop, Reason, Transform, Verdict
from lookalike.worth import judge, says_little

MOST_PIXEL_LOOKS = 20  # files decoded a search to see whether all pixels are equal


class MatchWorth(NamedTuple):
    """What a match is worth, as `Match` tells it."""

    reasons: tuple[Reason, ...]
    expected: float | None
    verdict: Verdict | None


WORTH_UNKNOWN = MatchWorth((), None, None)


def find_content_of(store: Store, source: Source | None, limits: Limits) -> int | None:
    """The content with the very bytes of *source*, a file or the bytes of one; None where the catalog has none."""
    try:
        if isinstance(source, str | os.PathLike):
            return store.has_content(blake3(read_bytes(source, limits)).digest())
        if isinstance(source, bytes | bytearray | memoryview):
            return store.has_content(blake3(source).digest())
    except ImageError:  # it was read a moment ago, and is gone
        return None
    return None


class SamePixels:
    """Tells whether files show the very pixels of one picture; decodes that once, and only so many files."""

    def __init__(self, source: Source, crop: Crop | None, limits: Limits) -> None:
        self._source = source
        self._crop = crop
        self._limits = limits
        self._looks = MOST_PIXEL_LOOKS
        self._own: NDArray[np.uint8] | None = None

    def hold(self, path: str) -> bool:
        """Whether *path* does; False too where it can't be told."""
        if self._looks == 0:
            return False
        self._looks -= 1
        try:
            if self._own is None:
                self._own = self._pixels(self._source, self._crop)
            return np.array_equal(self._own, self._pixels(path, None))
        except ImageError:
            return False

    def _pixels(self, source: Source, crop: Crop | None) -> NDArray[np.uint8]:
        return np.asarray(load_picture(source, decode="full", limits=self._limits, crop=crop).image.convert("RGB"))


@dataclass(frozen=True, slots=True)
class Weigher:
    """Weighs the matches of one search.

    A file with the query's very bytes is the same picture. Where all codes are equal and that isn't enough, as of plain
    pictures, the first few are decoded and their pixels compared: a copy saved again without loss is the same too.

    Attributes:
        worth: of the recipes asked.
        plain: the query is too plain to be recognised.
        content: the content with the query's bytes, where the catalog has it.
        tries: how many ways the query was laid.
        looks: tells whether a file shows the very pixels of the query; None where that may not be looked at.
    """

    worth: QueryWorth
    plain: bool
    content: int | None
    tries: int = 1
    looks: SamePixels | None = None
    _told: dict[tuple[Transform, tuple[int, ...]], tuple[tuple[Reason, ...], float | None]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def weigh(
        self,
        content: int,
        path: str,
        distances: Sequence[int],
        transform: Transform,
        quality: int,
        marks: Sequence[str],
    ) -> MatchWorth:
        """A reason for each recipe, the strongest (the least expected by chance) first; what they are worth together,
        and the word for it.

        Args:
            content: the match.
            path: a file that holds it.
            distances: bits under each recipe, in the order of `worth`.
            transform: how it lies.
            quality: of it.
            marks: of it.
        """
        equal = transform, tuple(distances)  # as of many matches: the nearest of one recipe have a few distances
        if equal not in self._told:
            self._told[equal] = self._reasons(distances, transform)
        reasons, expected = self._told[equal]
        plain = self.plain or says_little(quality, marks)
        verdict = judge(reasons, expected, plain=plain, same_content=content == self.content)
        if verdict != "same picture" and not any(distances) and self.looks is not None and self.looks.hold(path):
            verdict = "same picture"
            reasons = tuple(replace(reason, verified=True) for reason in reasons)
        return MatchWorth(reasons, expected, verdict)

    def _reasons(self, distances: Sequence[int], transform: Transform) -> tuple[tuple[Reason, ...], float | None]:
        """The strongest first, and what is expected of all together."""
        reasons = tuple(
            Reason(one.recipe, bits, one.width_bits, transform=transform, expected=one.expected(bits, self.tries))
            for one, bits in zip(self.worth.weights, distances, strict=True)
        )
        if len(reasons) == 1:
            return reasons, reasons[0].expected
        reasons = tuple(sorted(reasons, key=lambda one: math.inf if one.expected is None else one.expected))
        return reasons, self.worth.expected(distances, self.tries)
