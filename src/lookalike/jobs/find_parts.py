"""Find the pictures of which a query shows a part, or that show a part of it: crops, frames, screenshots, overlays.

Each part of the query looks up nearly equal codes. Each found one says where the whole picture would lie in the query;
the picture's other parts are then looked for there, first among the query's own parts, which is cheap, then, for the
few best, by describing the query at just that place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.errors import SearchError
from lookalike.fingerprints.asked_parts import NOWHERE, AskedParts, weigh_support
from lookalike.fingerprints.spot_places import unpack_places
from lookalike.jobs.alignment import MOST_BITS, Alignment, align
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.model import Distances, Ids

# Measured on 2,091 photos, docs/parts.md.
RADIUS_BITS = 6  # of a code looked up
LARGE, LARGE_RADIUS_BITS = 8_000_000, 5  # codes: half the time, and 3 of 100 crops to a quarter fewer
MOST_HYPOTHESES = 3000
MOST_CHECKED = 8
MOST_WAYS = 2  # that one content is tried to lie in the query
LEAST_SCORE = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class FoundParts:
    """A content of which parts were found in the query.

    Attributes:
        id: the content.
        score: over its parts that the query shows, how far below 22 bits each differs: below 30 it says nothing.
        found: how many of its parts were found again. shown: how many lie where the query shows them.
        alignment: how it lies in the query, in units of 1/4096 of each one's longer side.
    """

    id: int
    score: float
    found: int
    shown: int
    alignment: Alignment

    @property
    def distance(self) -> int:
        """How many of its parts were looked for in the query and not found there."""
        return self.shown - self.found


def find_parts(
    asked: AskedParts, index: RecipeIndex, allow: Ids | None = None, most: int = MOST_CHECKED
) -> list[FoundParts]:
    """Contents that share parts with the query, the best score first, at most *most*. None is proved: `verify_match`.

    *index* is one of the recipe ``parts``; *allow* holds the only content ids that may be answered, rising.

    Raises:
        SearchError: an index of another recipe.
    """
    if index.places is None:
        raise SearchError(f"parts are found by the recipe parts; an index of {index.recipe} came")
    rows = None if allow is None else index.rows_of(allow)
    queries = asked.codes.astype(">u8").view(np.uint8).reshape(len(asked.codes), -1)
    radius_bits = RADIUS_BITS if len(index.owners) < LARGE else LARGE_RADIUS_BITS
    near = index.engine.within(queries, radius_bits, rows)
    parts, found = rarest_first(np.diff(near.offsets), near.ids, near.distances)
    if not len(found):
        return []
    hypotheses = np.stack([parts, found], axis=1)
    weighed = weigh_support(asked, index.words, index.places, index.owners, hypotheses, MOST_BITS)
    aligner = asked.aligner()
    results: dict[int, FoundParts] = {}
    for number in most_supported(weighed[:, 0], index.owners[found], most).tolist():
        begin, end = weighed[number, 1:].tolist()
        content = int(index.owners[begin])
        places = unpack_places(index.places[begin:end])
        # A word is a code's bytes, the first bit highest.
        codes = index.words[begin:end, 0].view(">u8").astype(np.uint64)
        alignment, bits = align(aligner, int(parts[number]), places, codes, int(found[number]) - begin)
        score = float(np.maximum(0, MOST_BITS - bits).sum())
        if score >= LEAST_SCORE and (content not in results or score > results[content].score):
            agreeing, shown = int((bits < MOST_BITS).sum()), int((bits < NOWHERE).sum())
            results[content] = FoundParts(content, score, agreeing, shown, alignment)
    return sorted(results.values(), key=lambda one: (-one.score, one.id))


def most_supported(support: Ids, owners: Ids, most: int) -> Ids:
    """Which hypotheses to fit, the best supported first: those of the *most* best contents, `MOST_WAYS` of each."""
    order = np.argsort(-support, kind="stable")
    _, first, contents = np.unique(owners[order], return_index=True, return_inverse=True)
    chosen = np.zeros(len(first), np.bool_)
    chosen[np.argsort(first)[:most]] = True
    kept: list[int] = []
    tried: dict[int, int] = {}
    for place in np.flatnonzero(chosen[contents]).tolist():
        content = int(contents[place])
        tried[content] = tried.get(content, 0) + 1
        if tried[content] <= MOST_WAYS:
            kept.append(place)
    return order[kept]


def rarest_first(counts: Ids, rows: Ids, distances: Distances) -> tuple[Ids, Ids]:
    """Part and row of each hypothesis: those of the parts with the fewest neighbours, as many as may be tried."""
    parts = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((distances, counts[parts]))[:MOST_HYPOTHESES]
    return parts[order], rows[order]
