"""A plain word for what a match is worth.

The thresholds are rates of error, read off the expected number of chance matches, and so mean the same in every
catalog and under every recipe: "edited copy" may be said wrongly once in a hundred searches, and from one expected
chance match on there is nothing to say. What that finds and misses: docs/worth.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lookalike.model import Reason, Verdict

COPY_EXPECTED = 0.01
CHANCE_EXPECTED = 1.0

SAME_SHARE = 1 / 64
"""Of the bits may differ in the same picture saved again: one of 64. Saving as JPEG of quality 90 to 95 flips less."""

LITTLE_QUALITY = 20
"""Below it, fingerprints of unrelated pictures are often near (docs/fingerprints.md)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one recipe says of one match.

    Attributes:
        distance: bits that differ. width_bits: of so many.
        expected: chance matches expected to be as near, None where unknown.
    """

    distance: int
    width_bits: int
    expected: float | None


def says_little(quality: int, marks: Sequence[str]) -> bool:
    """Whether a picture is too plain to be recognised by a fingerprint."""
    return quality < LITTLE_QUALITY or bool(marks)


def judge(
    evidence: Sequence[Evidence | Reason], expected: float | None, *, plain: bool = False, same_content: bool = False
) -> Verdict | None:
    """The word for a match; None where nothing is known.

    Args:
        evidence: one a recipe asked.
        expected: of all of them together.
        plain: the query or the match is flat, two-tone or of little quality: fingerprints prove nothing then.
        same_content: the files' bytes or all their pixels are equal.
    """
    if same_content:
        return "same picture"
    if plain:
        return "chance"
    if expected is None:
        return None
    if expected >= CHANCE_EXPECTED:
        return "chance"
    if expected > COPY_EXPECTED:
        return "similar look"
    same = all(one.distance <= one.width_bits * SAME_SHARE for one in evidence)
    return "same picture" if same else "edited copy"


def say_expected(expected: float | None) -> str:
    """The expected number as people say it: ``1 in 10,000 by chance``, ``3 expected by chance``."""
    if expected is None:
        return ""
    if expected > 2 / 3:
        return f"{_rounded(expected):,} expected by chance"
    if expected <= 1e-9:
        return "less than 1 in 1,000,000,000 by chance"
    return f"1 in {_rounded(1 / expected):,} by chance"


def _rounded(number: float) -> int:
    """To one digit that counts, or two below a hundred."""
    if number < 99.5:
        return round(number) if number < 9.5 else round(number / 5) * 5
    step = int("1" + "0" * (len(str(int(number))) - 1))
    return round(number / step) * step
