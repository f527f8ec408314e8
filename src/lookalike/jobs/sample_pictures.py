"""Random pictures from the catalog, to see what is in it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lookalike.catalog import Store
from lookalike.search import whole_number


@dataclass(frozen=True, slots=True)
class SampledPicture:
    """One content that was drawn: its id, a file that holds it, and what is known of that file."""

    id: int
    path: str
    attributes: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return asdict(self)


def sample_pictures(store: Store, count: int, *, seed: int, where: str | None = None) -> list[SampledPicture]:
    """Draw *count* present contents, or all where there are fewer; the same seed draws the same.

    Raises:
        SearchError: *count* isn't a whole number of at least 1, or *seed* none. WhereError: *where* isn't understood.
    """
    count = whole_number(count, "the number of pictures", least=1)
    seed = whole_number(seed, "the seed", least=-(2**63))  # as far as an ordinary whole number goes
    ids = store.random_contents(count, seed, where=where)
    return [
        SampledPicture(record.id, record.paths[0], record.attributes) for record in store.contents(ids, where=where)
    ]
