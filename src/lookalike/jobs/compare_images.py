"""Every fingerprint's distance between two images, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lookalike.images import Limits, Source
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.model import ANIMATION_FRAMES, Recipe


@dataclass(frozen=True, slots=True)
class ComparedRecipe:
    """The distance under one recipe: bits that differ, of so many; 32 of 64 is what unrelated pictures reach."""

    recipe: str
    distance: int
    width_bits: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two images compared.

    Attributes:
        first, second: their names.
        rows: one a recipe, in the order asked; none where one image is an animation and the other a still.
        notes: (name, sentence) about what makes a distance say little, such as a flat picture.
    """

    first: str
    second: str
    rows: tuple[ComparedRecipe, ...]
    notes: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return {
            "first": self.first,
            "second": self.second,
            "distances": {row.recipe: row.distance for row in self.rows},
            "rows": [asdict(row) for row in self.rows],
            "notes": [f"{name}: {note}" for name, note in self.notes],
        }


def compare_images(
    first: Source, second: Source, recipes: Sequence[Recipe], names: tuple[str, str], limits: Limits
) -> Comparison:
    """Fingerprint both images by every one of *recipes* and state the distances.

    Raises:
        ImageError: one of them can't be used.
    """
    pictures, made = zip(*(fingerprint_source(source, recipes, limits) for source in (first, second)), strict=True)
    notes: list[tuple[str, str]] = []
    rows = tuple(
        ComparedRecipe(str(one.recipe), one.distance(other), one.recipe.distance_bits)
        for one, other in zip(*made, strict=True)
        if one.recipe == other.recipe
    )
    moving = [bool(fingerprints) and fingerprints[0].recipe.frames > 1 for fingerprints in made]
    if moving[0] != moving[1]:
        notes.append(
            (
                names[moving.index(True)],
                "an animation; the other is a still, so there is no distance: save one frame to compare it",
            )
        )
    for name, picture, fingerprints in zip(names, pictures, made, strict=True):
        notes += [(name, note) for note in picture.notes]
        if fingerprints and fingerprints[0].marks:
            notes.append((name, f"{' and '.join(fingerprints[0].marks)}: near matches may be chance"))
        if fingerprints and fingerprints[0].recipe.frames > 1:
            notes.append((name, f"{ANIMATION_FRAMES} moments of {picture.frames} frames"))
        elif picture.frames > 1:
            notes.append((name, f"the first of {picture.frames} frames"))
    return Comparison(*names, rows, tuple(notes))
