"""What a search answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from operator import attrgetter
from typing import Any, Literal

from lookalike.model import Crop, Match, Reason
from lookalike.worth import Fusion, says_little


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was asked and what was found, nearest first.

    Attributes:
        query: the image's path, or what kind of object it was.
        by: the recipes that were compared, as text; of an animation ``dhash@frames8`` where ``dhash`` was asked.
        engine: the registry name of the engine that answered.
        exact: whether nothing nearer can have been missed.
        recall: of an approximate engine, measured on this catalog.
        matches: by score (one recipe: by distance), then id.
        quality: of the query, 0 to 100. marks: what is odd about it.
        crop: the part that was looked at.
        where: the filter.
        outdated: pictures passed over, since an older version of a recipe made their fingerprints.
        radius_bits: the largest distance that was accepted, where one was asked for; None for any.
        left_out: of the nearest *k*, those that lie beyond the radius.
        fusion: how several recipes were put into one order; ``best``: by the strongest reason of each match.
        chance: by recipe, where it is known from what distances are worth: ``this catalog`` or ``default``.
        turned: whether the query was compared in all eight ways to lay it.
        sizes: upright width and height of each match, by its id; not part of the JSON.
    """

    query: str
    by: tuple[str, ...]
    engine: str
    exact: bool
    recall: float | None
    matches: tuple[Match, ...]
    quality: int
    marks: tuple[str, ...]
    widths: dict[str, int] = field(default_factory=dict)
    crop: Crop | None = None
    where: str | None = None
    outdated: int = 0
    radius_bits: int | None = None
    left_out: int = 0
    fusion: Fusion | Literal["best"] = "sum"
    chance: dict[str, str] = field(default_factory=dict)
    turned: bool = False
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def quality_note(self) -> str:
        """A sentence where the query has too little in it to be recognised, else nothing."""
        if not says_little(self.quality, self.marks):
            return ""
        kinds = " and ".join(self.marks) or "nearly plain"
        return f"The query is {kinds} (quality {self.quality} of 100): near matches may be chance."

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return {**self.facts_as_dict(), "matches": [match_as_dict(match) for match in self.matches]}

    def facts_as_dict(self) -> dict[str, Any]:
        """The same without its matches."""
        return {
            "query": self.query,
            "by": list(self.by),
            "engine": self.engine,
            "exact": self.exact,
            "recall": self.recall,
            "quality": self.quality,
            "marks": list(self.marks),
            "crop": None if self.crop is None else asdict(self.crop),
            "where": self.where,
            "outdated": self.outdated,
            "radius_bits": self.radius_bits,
            "left_out": self.left_out,
            "fusion": self.fusion,
            "chance": self.chance,
            "turned": self.turned,
        }


MATCH_FIELDS = tuple(field.name for field in fields(Match))
match_values = attrgetter(*MATCH_FIELDS)  # one call for all: a page has hundreds of values


def match_as_dict(match: Match) -> dict[str, Any]:
    """As ``asdict``, without the deep copies, which took a third of an answer's time: to be written, not kept."""
    told = dict(zip(MATCH_FIELDS, match_values(match), strict=True))
    told["reasons"] = tuple(reason_as_dict(reason) for reason in match.reasons)
    if match.region is not None:
        told["region"] = asdict(match.region)
    return told


REASON_FIELDS = tuple(field.name for field in fields(Reason))
reason_values = attrgetter(*REASON_FIELDS)


def reason_as_dict(reason: Reason) -> dict[str, Any]:
    """As `match_as_dict`."""
    told = dict(zip(REASON_FIELDS, reason_values(reason), strict=True))
    for name in ("region", "query_region"):
        if told[name] is not None:
            told[name] = asdict(told[name])
    return told
