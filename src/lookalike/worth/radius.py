"""Where a search should end: at the distance from which on chance alone would fill the list."""

from __future__ import annotations

from lookalike.worth.chance import ChanceModel

EXPECTED_AT_MOST = 1.0
"""Up to one unrelated picture is let in: whoever looks at a list sees through one."""

PUBLISHED_RADII = {"pdq": 31}
"""Radii that an algorithm's authors give, for where no catalog was measured. pdq: "The TMK+PDQF Video-Hashing Algorithm
and the PDQ Image-Hashing Algorithm", Facebook 2019, "match threshold 31"."""


def default_radius_bits(
    model: ChanceModel,
    pictures: float,
    *,
    expected_at_most: float = EXPECTED_AT_MOST,
    tries: int = 1,
    density: float = 1.0,
) -> int:
    """The largest distance within which at most *expected_at_most* unrelated pictures, of *pictures*, are expected.

    0 where even equal codes are more frequent than that: such a recipe can't tell alone in such a catalog.
    """
    radius = 0
    for distance in model.distances.tolist():
        if model.expected(distance, pictures, tries=tries, density=density) > expected_at_most:
            break
        radius = distance
    return int(radius)


def fixed_radius_bits(algorithm: str) -> int | None:
    """The radius that the authors of *algorithm* give, None where they give none."""
    return PUBLISHED_RADII.get(algorithm)
