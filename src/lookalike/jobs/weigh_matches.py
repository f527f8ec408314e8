"""Matches with what they are worth: a reason for each recipe, the chance of all together, and a plain word."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.errors import ImageError
from lookalike.images import Limits, Source, load_picture, read_bytes
from lookalike.jobs.query_worth import QueryWorth
from lookalike.model import Crop, Fingerprint, Match, Reason
from lookalike.worth import Evidence, judge, says_little

MOST_PIXEL_LOOKS = 20  # files decoded a search to see whether all pixels are equal


def reasons_for(match: Match, worth: QueryWorth, tries: int = 1) -> tuple[Reason, ...]:
    """One reason a recipe, the strongest (the least expected by chance) first."""
    reasons = [
        Reason(
            one.recipe,
            match.distances[one.recipe],
            one.width_bits,
            transform=match.transform,
            region=match.region,
            expected=one.expected(match.distances[one.recipe], tries),
        )
        for one in worth.weights
    ]
    return tuple(sorted(reasons, key=lambda reason: math.inf if reason.expected is None else reason.expected))


def weigh_matches(
    store: Store,
    source: Source | None,
    matches: Sequence[Match],
    worth: QueryWorth,
    query: Fingerprint,
    *,
    own: int | None,
    crop: Crop | None,
    limits: Limits,
    tries: int = 1,
    may_decode: bool = True,
) -> tuple[Match, ...]:
    """*matches* with their reasons, what they are worth and the word for it.

    A file with the query's very bytes is the same picture. Where all codes are equal and that isn't enough, as of plain
    pictures, the first few are decoded and their pixels compared: a copy saved again without loss is the same too.
    Not where *may_decode* is unset, since the query is a stranger's, nor where it came as fingerprints: *source* None.
    """
    content = own if crop is None else None
    if content is None and crop is None and matches:
        content = find_content_of(store, source, limits)
    plain = says_little(query.quality, query.marks)
    looks = SamePixels(source, crop, limits) if source is not None and may_decode else None
    return tuple(
        weigh_match(
            match,
            worth,
            query_plain=plain,
            same_content=match.id == content,
            tries=tries,
            same_pixels=None if looks is None else looks.hold,
        )
        for match in matches
    )


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


def weigh_match(
    match: Match,
    worth: QueryWorth,
    *,
    query_plain: bool,
    same_content: bool = False,
    tries: int = 1,
    same_pixels: Callable[[str], bool] | None = None,
) -> Match:
    """*match* with its reasons, what they are worth together, and the word for it.

    Args:
        match: with its distances.
        worth: of the recipes asked.
        query_plain: the query is too plain to be recognised.
        same_content: its bytes are the query's.
        tries: how many ways the query was laid.
        same_pixels: tells whether the file at a path shows the very pixels of the query; asked where all codes are
            equal and fingerprints can't tell.
    """
    reasons = reasons_for(match, worth, tries)
    expected = worth.expected([match.distances[one.recipe] for one in worth.weights], tries)
    plain = query_plain or says_little(match.quality, match.marks)
    evidence = [Evidence(reason.distance, reason.width_bits, reason.expected) for reason in reasons]
    verdict = judge(evidence, expected, plain=plain, same_content=same_content)
    equal_codes = not any(match.distances.values())
    if equal_codes and verdict != "same picture" and same_pixels is not None and same_pixels(match.path):
        verdict = "same picture"
        reasons = tuple(replace(reason, verified=True) for reason in reasons)
    return replace(match, reasons=reasons, expected=expected, verdict=verdict)
