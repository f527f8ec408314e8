"""How the pictures of a catalog spread over the values of their attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lookalike.catalog import Facet, Store

MOST_VALUES = 50  # of a text: more than a page can offer to choose from


@dataclass(frozen=True, slots=True)
class Facets:
    """How many pictures fit, and their attributes by name."""

    total: int
    facets: tuple[Facet, ...]

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return {"total": self.total, "facets": [facet_dict(facet) for facet in self.facets]}


def count_facets(store: Store, where: str | None = None, *, most_values: int = MOST_VALUES) -> Facets:
    """Count every attribute's values over the pictures that fit *where*: exact, whatever the size of the catalog.

    Raises:
        WhereError: *where* isn't understood.
    """
    total, facets = store.count_facets(where, most_values)
    return Facets(total, tuple(facets))


def facet_dict(facet: Facet) -> dict[str, Any]:
    """One facet as JSON."""
    told: dict[str, Any] = {"name": facet.name, "kind": facet.kind, "count": facet.count}
    if facet.kind == "number":
        return {**told, "least": facet.least, "most": facet.most}
    return {**told, "values": [{"value": value, "count": count} for value, count in facet.values], "more": facet.more}
