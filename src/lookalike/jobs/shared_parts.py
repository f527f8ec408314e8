"""What two pictures show in common, as `find_parts` and `find_known_parts` would find it in a catalog."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints.asked_parts import NOWHERE, ask_by_fingerprint, ask_parts
from lookalike.jobs.alignment import MOST_BITS, Alignment, align
from lookalike.jobs.find_parts import LEAST_SCORE, RADIUS_BITS
from lookalike.jobs.verify_match import Verification, verify_match
from lookalike.model import Fingerprint, Picture

MOST_PAIRS = 200  # of parts that begin an alignment, a fifth of a millisecond each


@dataclass(frozen=True, slots=True, eq=False)
class SharedParts:
    """The second picture's parts, looked for in the first.

    Attributes:
        found: bool (n,): of those that lie where the first shows them, which were found again.
        proof: what the pixels say, and where both show the same: ``region`` is the second's, ``query_region`` the
            first's.
    """

    found: NDArray[np.bool_]
    proof: Verification


def find_shared_parts(first: Picture, second: Picture, fingerprint: Fingerprint) -> SharedParts | None:
    """How *second*, of which *fingerprint* by ``parts`` is, lies in *first*; None where too few parts agree."""
    asked, held = ask_parts(first), ask_by_fingerprint(fingerprint)
    apart = np.bitwise_count(asked.codes[:, None] ^ held.codes[None, :])
    pairs = np.argwhere(apart <= RADIUS_BITS)
    order = np.argsort(apart[pairs[:, 0], pairs[:, 1]], kind="stable")[:MOST_PAIRS]
    aligner = asked.aligner()
    best_score = 0.0
    best: tuple[Alignment, NDArray[np.int64]] | None = None
    for part, row in pairs[order].tolist():
        alignment, bits = align(aligner, part, held.places, held.codes, row)
        score = float(np.maximum(0, MOST_BITS - bits).sum())
        if score >= LEAST_SCORE and score > best_score:
            best_score, best = score, (alignment, bits)
    if best is None:
        return None
    alignment, bits = best
    return SharedParts(bits[bits < NOWHERE] < MOST_BITS, verify_match(first, second, alignment))
