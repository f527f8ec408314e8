"""What a search starts from: a picture, an image of the catalog by its id, or fingerprints alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lookalike.catalog import Store
from lookalike.errors import CropError, ImageGone, NotInCatalog
from lookalike.images import Limits, Source
from lookalike.model import Crop, Fingerprint, ImageId, Orientations, Picture, Recipe

AnyQuery: TypeAlias = Source | ImageId | Fingerprint | Sequence[Fingerprint]
"""A source is read, an `ImageId` looked up; fingerprints decide by their own recipes."""

MakeFingerprints: TypeAlias = Callable[
    [Source, Sequence[Recipe], Limits, Crop | None, Collection[Recipe]], tuple[Picture | None, tuple[Orientations, ...]]
]
"""``fingerprint_laid_source`` or what does the same elsewhere, such as in a process under limits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that was looked at.

    Attributes:
        source: what is to be read; for fingerprints alone nothing.
        content: the content that the query names by its id.
        fingerprints: those that came, if they did.
        name: what to call it.
    """

    source: Source | None
    content: int | None
    fingerprints: tuple[Fingerprint, ...]
    name: str


def given_fingerprints(query: AnyQuery) -> tuple[Fingerprint, ...]:
    """The fingerprints that *query* consists of, none where it is something to be read."""
    if isinstance(query, Fingerprint):
        return (query,)
    if isinstance(query, list | tuple) and query and all(isinstance(one, Fingerprint) for one in query):
        return tuple(query)
    return ()


def read_query(store: Store, query: AnyQuery, crop: Crop | None) -> Asked:
    """Look at *query*: an id must be one of the catalog's, and with a *crop* a file of it must still be there.

    Raises:
        NotInCatalog: no image has this id. CropError: fingerprints can't be cropped. ImageGone: no file is left.
    """
    fingerprints = given_fingerprints(query)
    if fingerprints:
        if crop is not None:
            raise CropError("a fingerprint came with a crop: crops are cut out of pictures; ask with the picture")
        return Asked(None, None, fingerprints, f"{fingerprints[0].recipe} {fingerprints[0].hex}")
    if isinstance(query, ImageId):
        record = store.content(query.id)
        if record.path is None:
            raise NotInCatalog(f"image {query.id} is in the catalog, but no file holds it any more")
        present = next((path for path in record.paths if os.path.exists(path)), record.path)
        if crop is not None and not os.path.exists(present):
            raise ImageGone(f"{present!r} is not there any more: a crop can't be cut out of it; index its folder again")
        return Asked(present, query.id, (), record.path)
    return Asked(query, None, (), name_source(query))  # type: ignore[arg-type]  # fingerprints and ids are done


def name_source(source: object) -> str:
    """What to call the query."""
    if isinstance(source, str | os.PathLike):
        return os.fsdecode(source)
    return f"<{type(source).__name__}>"
