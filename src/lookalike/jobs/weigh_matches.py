"""What the matches of a search are worth: the catalog's own chance model of each recipe, and the query's crowd."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.errors import ImageError
from lookalike.images import Limits, Source, load_picture, read_bytes
from lookalike.jobs.measure_chance import measure_chance
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.recipe_rows import RecipeRows
from lookalike.model import Crop, Distances, Fingerprint, Ids, Match, Reason, Verdict
from lookalike.worth import (
    ChanceModel,
    Evidence,
    combine_expected,
    default_radius_bits,
    fixed_radius_bits,
    judge,
    says_little,
)

CROWD_SAMPLE = 2000  # contents whose distances say how crowded a query's neighbourhood is; 0.1 ms
MOST_PIXEL_LOOKS = 20  # plain pictures that are decoded to see whether all pixels are equal


@dataclass(frozen=True, slots=True)
class Weight:
    """What one recipe's distances are worth to one query.

    Attributes:
        recipe, width_bits: of the distances.
        model: None where the catalog is too small to tell.
        pictures: how many may be answered.
        density: how many times more chance neighbours the query has than an average picture.
    """

    recipe: str
    width_bits: int
    algorithm: str
    model: ChanceModel | None
    pictures: int
    density: float

    def expected(self, distance: int, tries: int = 1) -> float | None:
        """Unrelated pictures expected to be as near by chance."""
        if self.model is None:
            return None
        return self.model.expected(distance, self.pictures, tries=tries, density=self.density)

    def radius_bits(self, tries: int = 1) -> int | None:
        """Where chance begins; what the algorithm's authors say where nothing was measured, None if they don't."""
        if self.model is None:
            return fixed_radius_bits(self.algorithm)
        return default_radius_bits(self.model, self.pictures, tries=tries, density=self.density)


def weigh_query(
    store: Store, index: RecipeIndex, query: Fingerprint, *, own: int | None = None, allow: Ids | None = None
) -> Weight:
    """The weight of *index*'s recipe for *query*, whose own content isn't part of its crowd.

    With *allow*, the contents that fit a filter, chance has only those to draw from.
    """
    recipe = index.recipe
    model = measure_chance(store, recipe, RecipeRows(index.owners, index.words))
    owners = index.owners
    begins = np.flatnonzero(np.append(True, owners[1:] != owners[:-1])) if len(owners) else np.empty(0, np.int64)
    pictures = len(begins) if allow is None else len(allow)
    density = 1.0
    if model is not None and len(begins):
        places = np.unique(np.linspace(0, len(begins) - 1, min(CROWD_SAMPLE, len(begins))).astype(np.int64))
        places = places[owners[begins[places]] != own]
        density = model.density(sampled_distances(index, begins, places, query))
    return Weight(str(recipe), recipe.width_bits, recipe.algorithm, model, pictures, density)


def sampled_distances(index: RecipeIndex, begins: NDArray[np.int64], places: Ids, query: Fingerprint) -> Distances:
    """Bits between *query* and the contents at *places*, the nearest codes of each."""
    if not len(places):
        return np.empty(0, np.uint16)
    ends = np.append(begins[1:], len(index.owners))
    counts = ends[places] - begins[places]
    starts = np.cumsum(counts) - counts
    rows = np.arange(counts.sum()) + np.repeat(begins[places] - starts, counts)
    codes = index.codes_of(rows)
    distances = np.full(len(rows), np.iinfo(np.uint16).max, np.uint16)
    for code in query.codes:
        np.minimum(distances, np.bitwise_count(codes ^ code).sum(axis=1, dtype=np.uint16), out=distances)
    return np.minimum.reduceat(distances, starts)


def reasons_for(match: Match, weights: Sequence[Weight], tries: int = 1) -> tuple[Reason, ...]:
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
        for one in weights
    ]
    return tuple(sorted(reasons, key=lambda reason: math.inf if reason.expected is None else reason.expected))


def weigh_matches(
    store: Store,
    source: Source,
    matches: Sequence[Match],
    weights: Sequence[Weight],
    query: Fingerprint,
    *,
    own: int | None,
    crop: Crop | None,
    limits: Limits,
    tries: int = 1,
) -> tuple[Match, ...]:
    """*matches* with their reasons, what they are worth and the word for it.

    A file with the query's very bytes is the same picture. Fingerprints of plain pictures prove nothing: of those at
    distance 0, the first few are decoded and their pixels compared.
    """
    content = None if crop is not None or not matches else own if own is not None else find_content_of(store, source)
    plain = says_little(query.quality, query.marks)
    looks = SamePixels(source, crop, limits)
    return tuple(
        weigh_match(
            match, weights, query_plain=plain, same_content=match.id == content, tries=tries, same_pixels=looks.hold
        )
        for match in matches
    )


def find_content_of(store: Store, source: Source) -> int | None:
    """The content with the very bytes of *source*, a file or the bytes of one; None where the catalog has none."""
    try:
        if isinstance(source, str | os.PathLike):
            return store.has_content(blake3(read_bytes(source)).digest())
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
    weights: Sequence[Weight],
    *,
    query_plain: bool,
    same_content: bool = False,
    tries: int = 1,
    same_pixels: Callable[[str], bool] | None = None,
) -> Match:
    """*match* with its reasons, what they are worth together, and the word for it.

    Args:
        match: with distances under the recipe of each weight.
        weights: of the recipes asked.
        query_plain: the query is too plain to be recognised.
        same_content: its bytes are the query's.
        tries: how many ways the query was laid.
        same_pixels: tells whether the file at a path shows the very pixels of the query; asked where fingerprints
            can't tell, that is of plain pictures at distance 0.
    """
    reasons = reasons_for(match, weights, tries)
    expected = combine_expected([reason.expected for reason in reasons])
    plain = query_plain or says_little(match.quality, match.marks)
    if plain and not same_content and same_pixels is not None and not any(match.distances.values()):
        same_content = same_pixels(match.path)
        reasons = tuple(replace(reason, verified=same_content) for reason in reasons)
    evidence = [Evidence(reason.distance, reason.width_bits, reason.expected) for reason in reasons]
    verdict: Verdict | None = judge(evidence, expected, plain=plain, same_content=same_content)
    return replace(match, reasons=reasons, expected=expected, verdict=verdict)
