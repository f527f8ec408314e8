"""What a sheet or a report shows: plain words, so that any job can fill them in without this room knowing jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from lookalike.errors import RenderingError

if TYPE_CHECKING:
    from PIL import Image

Emphasis = Literal["query", "keeper", "copy"]
"""Why a tile stands out: it was asked for, it is the one of its group to keep, it is a copy of another."""


@dataclass(frozen=True, slots=True)
class RecipeDistance:
    """The distance under one recipe.

    Attributes:
        recipe: the recipe's text, such as ``whash``.
        bits: how many bits differ.
        width_bits: how many bits the recipe's codes have.
    """

    recipe: str
    bits: int
    width_bits: int

    def __post_init__(self) -> None:
        if not 0 <= self.bits <= self.width_bits or self.width_bits < 1:
            raise RenderingError(
                f"a distance lies between 0 and the code's width; {self.bits} of {self.width_bits} bits came "
                f"for {self.recipe}"
            )

    @property
    def likeness(self) -> float:
        """1 for equal codes, 0 from half the bits on: two unrelated codes differ in about half of their bits."""
        return max(0.0, 1.0 - 2.0 * self.bits / self.width_bits)

    @property
    def words(self) -> str:
        """The distance as people say it: ``1 bit``, ``3 bits``."""
        return f"{self.bits} bit" if self.bits == 1 else f"{self.bits} bits"


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture and what is said of it.

    Attributes:
        image: the upright picture, any size and mode, or None where there is none to show.
        caption: lines under the picture; each is cut in the middle to the tile's width.
        badge: the line between picture and caption, such as ``3 bits``; the first distance where it is left empty.
        emphasis: draws a coloured border and a mark.
        distances: the distance under each recipe that was asked, the deciding one first.
        attributes: what is known of the image (the report's table).
        path: where the image lies (the report).
        problem: why there is no picture, such as ``file is gone``; drawn in its place.
    """

    image: Image.Image | None
    caption: tuple[str, ...] = ()
    badge: str = ""
    emphasis: Emphasis | None = None
    distances: tuple[RecipeDistance, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    problem: str = ""

    @property
    def badge_words(self) -> str:
        """What the badge says: ``badge``, or else the first distance."""
        return self.badge or (self.distances[0].words if self.distances else "")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its tiles: one chapter of a report.

    Attributes:
        heading: the chapter's title.
        description: a sentence or more about it; blank lines separate paragraphs.
        tiles: what it shows, in order.
    """

    heading: str
    description: str = ""
    tiles: tuple[Tile, ...] = ()
