"""Matches by parts: candidates found by their codes, then proved by the pixels of their files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lookalike.catalog import Store
from lookalike.fingerprints.asked_parts import ask_parts
from lookalike.images import Limits
from lookalike.jobs.find_parts import FoundParts, find_parts
from lookalike.jobs.overlap import Overlap, extent_of, find_overlap
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.verify_match import Verification, verify_file
from lookalike.model import Ids, Match, Picture, Reason, Recipe

UNPROVED = 1.0  # the score of a candidate whose file can't be read: behind all that are proved


@dataclass(frozen=True, slots=True)
class ProvedParts:
    """A candidate that the pixels don't contradict.

    Attributes:
        found: the candidate. overlap: where both show the same.
        proof: None where no file of it could be read.
    """

    found: FoundParts
    overlap: Overlap
    proof: Verification | None

    @property
    def score(self) -> float:
        """0 for pixels that agree wholly; 1 for what isn't proved."""
        return UNPROVED if self.proof is None else round(1 - self.proof.agreement, 6)

    def reason(self, recipe: Recipe) -> Reason:
        """The same in the words of a match."""
        return Reason(
            recipe=str(recipe),
            distance=self.found.distance,
            width_bits=recipe.distance_bits,
            region=self.overlap.region,
            query_region=self.overlap.query_region,
            verified=self.proof is not None,
        )


def prove_parts(
    store: Store, query: Picture, index: RecipeIndex, limits: Limits, allow: Ids | None = None
) -> list[ProvedParts]:
    """The contents that show a part of *query*, or of which it shows one, best agreement first, the unproved last.

    Candidates that the pixels contradict are left out.
    """
    found = find_parts(ask_parts(query), index, allow)
    proved = []
    for one, record in zip(found, store.contents([one.id for one in found]), strict=True):
        proof = first_proof(query, [os.fsdecode(file.path) for file in record.files], one, limits)
        if proof is None:
            extents = extent_of(record.width, record.height), extent_of(query.width, query.height)
            proved.append(ProvedParts(one, find_overlap(one.alignment, *extents), None))
        elif proof.verified:
            proved.append(ProvedParts(one, proof.overlap, proof))
    return sorted(proved, key=lambda each: (each.score, -each.found.score, each.found.id))


def first_proof(query: Picture, paths: Sequence[str], found: FoundParts, limits: Limits) -> Verification | None:
    """What the first of *paths* that can be read proves."""
    for path in paths:
        proof = verify_file(query, path, found.alignment, limits)
        if proof is not None:
            return proof
    return None


def with_parts(match: Match, proved: ProvedParts, recipe: Recipe) -> Match:
    """*match* with its region and why."""
    return replace(
        match, score=proved.score, region=proved.overlap.region, reasons=(*match.reasons, proved.reason(recipe))
    )
