"""Why two pictures match, or don't: how one lies best on the other, which bits of each fingerprint differ, what it is
worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.images import Limits, Source, load_picture
from lookalike.jobs.compare_images import MILLION, ComparedRecipe, compare_recipe, shipped_model
from lookalike.jobs.find_known_parts import proved_chance
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.jobs.overlap import Overlap
from lookalike.jobs.shared_parts import SharedParts, find_shared_parts
from lookalike.model import Fingerprint, Recipe, Transform, Verdict
from lookalike.worth import (
    ChanceModel,
    Evidence,
    combined_probability,
    judge,
    says_little,
    shared_scale,
)

NOMINAL_PICTURES = 1000  # the word for a match is as if it was found among so many, where no catalog is asked

TURNS: dict[Transform, Image.Transpose | None] = {
    "identity": None,
    "rotate-90": Image.Transpose.ROTATE_90,
    "rotate-180": Image.Transpose.ROTATE_180,
    "rotate-270": Image.Transpose.ROTATE_270,
    "mirror": Image.Transpose.FLIP_LEFT_RIGHT,
    "flip": Image.Transpose.FLIP_TOP_BOTTOM,
    "transpose": Image.Transpose.TRANSPOSE,
    "transverse": Image.Transpose.TRANSVERSE,
}

BETTER = 0.8  # another orientation must be a fifth nearer: by chance the nearest of eight always is somewhat nearer


@dataclass(frozen=True, slots=True)
class ExplainedRecipe:
    """One recipe's part.

    Attributes:
        row: distance and worth.
        first_bits, second_bits: bool (rows, columns), laid out as the algorithm has them; of pictures with several
            codes, the nearest two. Of ``parts`` a cell for each part looked for, and whether it was found again.
    """

    row: ComparedRecipe
    first_bits: NDArray[np.bool_]
    second_bits: NDArray[np.bool_]

    def as_dict(self) -> dict[str, Any]:
        """The row, and the differing bits as [row, column]."""
        return {**asdict(self.row), "differing": np.argwhere(self.first_bits != self.second_bits).tolist()}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Two pictures explained.

    Attributes:
        first, second: their names.
        transform: what was done to the first to lay it as the second lies.
        recipes: one each, in the order asked.
        expected: unrelated pictures, of *pictures*, expected to be as near under all recipes together; None if unknown.
        pictures: the catalog's, or a nominal number.
        verdict: the same in a plain word.
        plain: whether one of them has too little in it to be recognised.
        shared: where both show the same, proved by their pixels, ``query_region`` of the first as it is laid; None
            where no parts were asked or none was proved.
        images: both pictures, upright, the first laid as the second.
    """

    first: str
    second: str
    transform: Transform
    recipes: tuple[ExplainedRecipe, ...]
    expected: float | None
    pictures: int
    verdict: Verdict | None
    plain: bool
    shared: Overlap | None
    images: tuple[Image.Image, Image.Image] = field(repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return {
            "first": self.first,
            "second": self.second,
            "transform": self.transform,
            "verdict": self.verdict,
            "expected": self.expected,
            "pictures": self.pictures,
            "plain": self.plain,
            "shared": None
            if self.shared is None
            else {"first": asdict(self.shared.query_region), "second": asdict(self.shared.region)},
            "recipes": [one.as_dict() for one in self.recipes],
        }


def explain_match(
    first: Source,
    second: Source,
    recipes: Sequence[Recipe],
    names: tuple[str, str],
    limits: Limits,
    *,
    chance: Callable[[Recipe], ChanceModel | None] = shipped_model,
    pictures: int = NOMINAL_PICTURES,
) -> Explanation:
    """Lay *first* the way that it is nearest to *second*, and say which bits of *recipes* differ and what it is worth.

    Animations are explained by their first frames.

    Raises:
        ImageError: one of them can't be used.
    """
    images = [load_picture(source, limits=limits).image.convert("RGB") for source in (first, second)]
    other = fingerprint_source(images[1], recipes, limits)[1]
    transform, laid, made = lay_as(images[0], other, recipes, limits)
    parts = next((made for made in other if made.recipe.slots), None)
    shared = None
    if parts is not None:
        shown, transform = lay_parts(images, parts, transform, limits)
        if shown is not None and shown.proof.verified:
            shared = shown
            laid = turned(images[0], transform)
            made = fingerprint_source(laid, recipes, limits)[1]
    explained = [
        explain_parts(one.recipe, len(parts.slots), shared)
        if parts is not None and one.recipe == parts.recipe
        else explain_recipe(one, that, chance)
        for one, that in zip(made, other, strict=True)
    ]
    tries = 1 if transform == "identity" else len(TURNS)
    plain = any(says_little(prints[0].quality, prints[0].marks) for prints in (made, other))
    rows = [one.row.expected_per_million for one in explained if parts is None or one.row.recipe != str(parts.recipe)]
    chances = [expected / MILLION for expected in rows if expected is not None]
    together = combined_probability(chances, shared_scale([np.empty(0)] * len(chances))) if chances else None
    if shared is not None:  # other fingerprints see the whole, which tells nothing of a part
        together = min(together or 1.0, proved_chance(shared.proof.agreement))
    expected = None if together is None else pictures * min(1.0, tries * together)
    same = laid.size == images[1].size and np.array_equal(np.asarray(laid), np.asarray(images[1]))
    evidence = [Evidence(one.row.distance, one.row.width_bits, None) for one in explained]
    verdict = judge(evidence, expected, plain=plain, same_content=same)
    return Explanation(
        *names,
        transform,
        tuple(explained),
        expected,
        pictures,
        verdict,
        plain,
        None if shared is None else shared.proof.overlap,
        (laid, images[1]),
    )


def turned(image: Image.Image, transform: Transform) -> Image.Image:
    """*image* after *transform*."""
    turn = TURNS[transform]
    return image if turn is None else image.transpose(turn)


def lay_parts(
    images: Sequence[Image.Image], parts: Fingerprint, likely: Transform, limits: Limits
) -> tuple[SharedParts | None, Transform]:
    """What the first of *images* and the second, whose *parts* they are, have in common, the *likely* way to lay it
    tried first; of several ways the first that the pixels bear out.
    """
    second = load_picture(images[1], limits=limits)
    for transform in dict.fromkeys([likely, *TURNS]):
        shared = find_shared_parts(load_picture(turned(images[0], transform), limits=limits), second, parts)
        if shared is not None and shared.proof.verified:
            return shared, transform
    return None, likely


def lay_as(
    image: Image.Image, other: Sequence[Fingerprint], recipes: Sequence[Recipe], limits: Limits
) -> tuple[Transform, Image.Image, tuple[Fingerprint, ...]]:
    """The way of eight to lay *image* that is nearest to *other*; as it is, unless another is clearly nearer."""
    best: tuple[float, Transform, Image.Image, tuple[Fingerprint, ...]] | None = None
    for transform in TURNS:
        laid = turned(image, transform)
        made = fingerprint_source(laid, recipes, limits)[1]
        apart = sum(
            one.distance(that) / one.recipe.distance_bits
            for one, that in zip(made, other, strict=True)
            if not one.recipe.slots
        )
        if best is None or apart < (best[0] * BETTER if best[1] == "identity" else best[0]):
            best = (apart, transform, laid, made)
    assert best is not None
    return best[1:]


def explain_recipe(
    one: Fingerprint, other: Fingerprint, chance: Callable[[Recipe], ChanceModel | None]
) -> ExplainedRecipe:
    """The distance and the bits of the two codes that it is between."""
    bits = [np.atleast_2d(made.bits) for made in (one, other)]
    apart = (bits[0][:, None, :] != bits[1][None, :, :]).sum(axis=2)
    place = np.unravel_index(int(apart.argmin()), apart.shape)
    grids = [lay_out(codes[at], one.recipe) for codes, at in zip(bits, place, strict=True)]
    return ExplainedRecipe(compare_recipe(one.recipe, one.distance(other), chance), grids[0], grids[1])


def explain_parts(recipe: Recipe, held: int, shared: SharedParts | None) -> ExplainedRecipe:
    """The second's *held* parts and which the first shows; of parts that nothing proves, none."""
    found = np.zeros(held, np.bool_) if shared is None else shared.found
    per_million = None if shared is None else MILLION * proved_chance(shared.proof.agreement)
    row = ComparedRecipe(str(recipe), int((~found).sum()), len(found), per_million)
    return ExplainedRecipe(row, lay_out(np.ones_like(found), recipe), lay_out(found, recipe))


def lay_out(bits: NDArray[np.bool_], recipe: Recipe) -> NDArray[np.bool_]:
    """The bits of a code in rows and columns: the thumbnail's square, colours side by side, else nearly a square."""
    if recipe.algorithm == "colorhash":
        return bits.reshape(14, -1).T  # a column for each of the 14 fractions of colour, its highest bit on top
    rows = max(side for side in range(1, int(len(bits) ** 0.5) + 1) if len(bits) % side == 0)
    return bits.reshape(rows, -1)
