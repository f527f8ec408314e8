"""Parts of a query found again in the catalog's pictures, and proved by their pixels before they are claimed."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lookalike.catalog import Store
from lookalike.fingerprints.asked_parts import ask_by_fingerprint, ask_parts
from lookalike.images import Limits
from lookalike.jobs.find_parts import LEAST_SCORE, FoundParts, find_parts
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.verify_match import LEAST_AGREEMENT, Verification, verify_file
from lookalike.model import Fingerprint, Ids, Picture, Reason

MOST_PROVED = 5  # candidates whose files are read: each takes as long as decoding the query

# What a candidate must have before its file is read. Of its parts that lie where the query shows them: of copies with
# words of 20 % of the height across them, 98 of 100 keep 0.56 or more; of other things on the same floor fewer are
# found. And a score that a small corner alone doesn't reach: of crops to half the sides, one of 50 scores less.
LEAST_FOUND_SHARE = 0.5
LEAST_PROVABLE_SCORE = 60.0

# How often chance goes so far with an unrelated picture: of 16.8 million pairs of shop photos (all of 2,050 asked,
# whole, cut to half the sides, cut unevenly by 30 % and with large words) 10 agreed by 0.75 and 5 by 0.8, two things
# that were photographed twice left out.
PROVED_CHANCE = 6e-7
AGREEMENT_STEP = 0.07

# Without pixels, of 1,229,400 pairs of fingerprints 585 scored 30 or more, 101 60, 15 100, 2 150 and none 200.
UNPROVED_CHANCE = 4.8e-4
SCORE_STEP = 20.0
LEAST_UNPROVED_CHANCE = 1e-6


def proved_chance(agreement: float) -> float:
    """The share of unrelated pictures whose pixels agree so far."""
    return PROVED_CHANCE * math.exp((LEAST_AGREEMENT - agreement) / AGREEMENT_STEP)


def provable(candidates: Sequence[FoundParts]) -> list[FoundParts]:
    """Those whose pixels are worth looking at, in their order, at most `MOST_PROVED`."""
    kept = [
        one for one in candidates if one.score >= LEAST_PROVABLE_SCORE and one.found >= LEAST_FOUND_SHARE * one.shown
    ]
    return kept[:MOST_PROVED]


@dataclass(frozen=True, slots=True)
class PartsSearch:
    """One query among the parts of a catalog.

    Attributes:
        store: the catalog. index: of the recipe ``parts``.
        picture: the query's pixels; without them its *fingerprint* alone is looked for, and nothing is proved.
        limits: what is refused of the files that are read.
    """

    store: Store
    index: RecipeIndex
    picture: Picture | None
    fingerprint: Fingerprint
    limits: Limits

    def find(self, allow: Ids | None = None, excluded: int | None = None) -> Iterator[tuple[int, Reason]]:
        """Contents of which parts are in the query, and why; not those that the pixels refute."""
        asked = ask_by_fingerprint(self.fingerprint) if self.picture is None else ask_parts(self.picture)
        candidates = [one for one in find_parts(asked, self.index, allow) if one.id != excluded]
        if self.picture is not None:  # what could be proved and isn't is no claim
            candidates = provable(candidates)
        paths = self.paths_of([one.id for one in candidates]) if self.picture is not None else {}
        for candidate in candidates:
            proof = self.prove(candidate, paths.get(candidate.id))
            if proof is None or proof.verified:
                yield candidate.id, self.reason(candidate, proof)

    def paths_of(self, contents: list[int]) -> dict[int, str]:
        """A file of each that is still there."""
        records = self.store.contents(contents)
        paths = {record.id: next((path for path in record.paths if os.path.exists(path)), None) for record in records}
        return {content: path for content, path in paths.items() if path is not None}

    def prove(self, candidate: FoundParts, path: str | None) -> Verification | None:
        """What the pixels say; None where they can't be compared."""
        if self.picture is None or path is None:
            return None
        return verify_file(self.picture, path, candidate.alignment, self.limits)

    def reason(self, candidate: FoundParts, proof: Verification | None) -> Reason:
        """The reason that the parts are."""
        pictures = len(self.index.owners) / max(1, self.index.most_parts)
        if proof is None:
            by_score = UNPROVED_CHANCE * math.exp((LEAST_SCORE - candidate.score) / SCORE_STEP)
            chance = max(LEAST_UNPROVED_CHANCE, by_score)
        else:
            chance = proved_chance(proof.agreement)
        return Reason(
            str(self.index.recipe),
            candidate.distance,
            candidate.shown,
            region=None if proof is None else proof.overlap.region,
            query_region=None if proof is None else proof.overlap.query_region,
            expected=pictures * chance,
            verified=proof is not None,
        )
