"""What the pages need of the server: the catalog's answers, and the pictures that people uploaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lookalike.catalog import Facet
from lookalike.model import Crop, Match, Reason, Region, Transform, Verdict


@dataclass(frozen=True, slots=True)
class Known:
    """A picture of the catalog: pixels of the upright picture, files that hold it, what is known of the first."""

    id: int
    width: int
    height: int
    paths: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """The picture that is asked: one of the catalog, or an upload, for which `known` is None."""

    width: int
    height: int
    known: Known | None = None
    upload: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Matches, nearest first, with the pixels of each.

    Attributes:
        by: the recipes that decided, as text. widths: bits of each.
        cursor: where the next ones go on; empty at the end.
        notes: sentences about what makes the answer say little.
    """

    matches: tuple[Match, ...]
    sizes: Mapping[int, tuple[int, int]]
    by: tuple[str, ...]
    widths: Mapping[str, int]
    cursor: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How one picture of the catalog stands to the subject; see `lookalike.model.Match` for the words."""

    reasons: tuple[Reason, ...]
    transform: Transform = "identity"
    region: Region | None = None
    expected: float | None = None
    verdict: Verdict | None = None


class Shop(Protocol):
    """The server, as the pages see it. Every method may raise LookalikeError; the door turns it into a page."""

    @property
    def max_bytes(self) -> int:
        """The largest file that may be uploaded."""

    @property
    def body_s(self) -> float:
        """Seconds within which an upload must have arrived."""

    @property
    def keeps_s(self) -> float:
        """Seconds after which an upload is forgotten."""

    def count_pictures(self) -> int:
        """How many pictures can be found."""

    def sample(self, count: int, seed: int) -> Sequence[Known]:
        """Random pictures, the same for the same seed."""

    def recipes(self) -> Sequence[str]:
        """The recipes that can be asked, the usual first."""

    def attributes(self) -> Sequence[Facet]:
        """What the catalog's attributes are."""

    def known(self, picture: int) -> Known:
        """One picture of the catalog."""

    def subject(self, picture: int | None, upload: str) -> Subject:
        """The picture that is asked; raises where an upload is gone."""

    def take(self, content: bytes) -> str:
        """Keep an uploaded picture for a while: its token, which nobody can guess. Raises ImageError for no picture."""

    def search(
        self,
        subject: Subject,
        *,
        k: int,
        by: str = "",
        crop: Crop | None = None,
        where: str | None = None,
        shape: int | None = None,
        cursor: str = "",
    ) -> Found:
        """The pictures that look most like the subject, itself left out.

        Without *by* everything alike in any way, best first; with *shape*, what `look` finds where so many percent of
        what counts is shape, the rest colour. Other recipes have no shape to weigh.
        """

    def compare(self, subject: Subject, picture: int, *, crop: Crop | None = None, by: str = "") -> Likeness:
        """How *picture* stands to the subject, under every recipe."""

    def picture_address(self, picture: int, side: int, crop: Crop | None = None) -> str:
        """Where the small copy of a picture or a part of it is, at most *side* pixels a side."""

    def upload_address(self, upload: str, side: int, crop: Crop | None = None) -> str:
        """The same of an uploaded one."""
