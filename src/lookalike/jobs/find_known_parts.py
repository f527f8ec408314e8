"""Parts of a query found again in the catalog's pictures, and proved by their pixels before they are claimed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from lookalike.catalog import Store
from lookalike.fingerprints.asked_parts import ask_by_fingerprint, ask_parts
from lookalike.images import Limits
from lookalike.jobs.find_parts import FoundParts, find_parts
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.verify_match import LEAST_AGREEMENT, Verification, verify_file
from lookalike.model import Fingerprint, Ids, Picture, Reason

MOST_PROVED = 5  # candidates whose files are read: each takes as long as decoding the query

# Measured by benchmarks/attacks.py, docs/parts.md: how often chance goes so far with an unrelated picture.
PROVED_CHANCE = 1e-7
UNPROVED_CHANCE = 1e-5


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
        paths = self.paths_of([one.id for one in candidates[:MOST_PROVED]]) if self.picture is not None else {}
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
        # The better the pixels agree, the less chance has to do with it.
        chance = UNPROVED_CHANCE if proof is None else PROVED_CHANCE * (1 - proof.agreement) / (1 - LEAST_AGREEMENT)
        return Reason(
            str(self.index.recipe),
            candidate.distance,
            candidate.shown,
            region=None if proof is None else proof.overlap.region,
            query_region=None if proof is None else proof.overlap.query_region,
            expected=pictures * chance,
            verified=proof is not None,
        )
