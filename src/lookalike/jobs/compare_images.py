"""Every fingerprint's distance between two images, side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from lookalike.images import Limits, Source
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.model import ANIMATION_FRAMES, Fingerprint, ImageId, Recipe
from lookalike.worth import ChanceModel, default_model

MILLION = 1_000_000


class Told(Protocol):
    """What is said of a picture: how many frames it has, and what was done with it."""

    @property
    def frames(self) -> int: ...

    @property
    def notes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class ComparedRecipe:
    """The distance under one recipe: bits that differ, of so many; 32 of 64 is what unrelated pictures reach.

    Attributes:
        recipe, distance, width_bits: bits that differ under the recipe, of so many.
        expected_per_million: of a million unrelated pictures, how many are expected to be as near by chance; None
            where no numbers are known.
        source: of those numbers: ``this catalog``, or ``default``, which are shipped; empty where there are none.
    """

    recipe: str
    distance: int
    width_bits: int
    expected_per_million: float | None = None
    source: str = ""


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


def shipped_model(recipe: Recipe) -> ChanceModel | None:
    """What distances are worth where no catalog is asked."""
    return default_model(str(recipe), recipe.version)


def compare_recipe(recipe: Recipe, distance: int, chance: Callable[[Recipe], ChanceModel | None]) -> ComparedRecipe:
    """The row of one recipe."""
    model = chance(recipe)
    if model is None:
        return ComparedRecipe(str(recipe), distance, recipe.distance_bits)
    return ComparedRecipe(str(recipe), distance, recipe.distance_bits, model.expected(distance, MILLION), model.source)


def name_both(first: Source | ImageId, second: Source | ImageId) -> tuple[str, str]:
    """What to call two images: their paths, their ids, or what kind of objects they are."""

    def name(source: Source | ImageId) -> str:
        if isinstance(source, ImageId):
            return f"image {source.id}"
        return str(source) if isinstance(source, str | os.PathLike) else type(source).__name__

    return name(first), name(second)


def compare_images(
    first: Source,
    second: Source,
    recipes: Sequence[Recipe],
    names: tuple[str, str],
    limits: Limits,
    chance: Callable[[Recipe], ChanceModel | None] = shipped_model,
    make_fingerprints: Callable[[Source, Sequence[Recipe], Limits], tuple[Told, tuple[Fingerprint, ...]]] | None = None,
) -> Comparison:
    """Fingerprint both images by every one of *recipes* and state the distances, and what they are worth by *chance*.

    *make_fingerprints* reads the images.

    Raises:
        ImageError: one of them can't be used.
    """
    read = make_fingerprints or fingerprint_source
    told: list[Told] = []
    made: list[tuple[Fingerprint, ...]] = []
    for source in (first, second):
        picture, fingerprints = read(source, recipes, limits)
        told.append(picture)
        made.append(fingerprints)
    notes: list[tuple[str, str]] = []
    rows = tuple(
        compare_recipe(one.recipe, one.distance(other), chance)
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
    for name, picture, fingerprints in zip(names, told, made, strict=True):
        notes += [(name, note) for note in picture.notes]
        if fingerprints and fingerprints[0].marks:
            notes.append((name, f"{' and '.join(fingerprints[0].marks)}: near matches may be chance"))
        if fingerprints and fingerprints[0].recipe.frames > 1:
            notes.append((name, f"{ANIMATION_FRAMES} moments of {picture.frames} frames"))
        elif picture.frames > 1:
            notes.append((name, f"the first of {picture.frames} frames"))
    return Comparison(*names, rows, tuple(notes))
