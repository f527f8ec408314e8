"""Contents that were found, as what is told of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from lookalike.catalog import ContentRecord, Store
from lookalike.catalog.records import FileRecord
from lookalike.fingerprints import TRANSFORMS
from lookalike.images import Source
from lookalike.jobs.ask_orientations import TurnedRanking
from lookalike.jobs.weigh_matches import WORTH_UNKNOWN, Weigher
from lookalike.model import Match, Recipe


class MadeMatches(NamedTuple):
    """Matches in the order of their ranking, and the upright width and height of each by its id."""

    matches: tuple[Match, ...]
    sizes: dict[int, tuple[int, int]]


def make_matches(
    store: Store,
    ranking: TurnedRanking,
    recipes: Sequence[Recipe],
    where: str | None,
    asked: Source | None,
    *,
    scores: Sequence[float] | None = None,
    weigher: Weigher | None = None,
) -> MadeMatches:
    """What the catalog knows of the contents found; files that satisfy the filter come first, *asked* last.

    *scores* stand for the sums of distance / width that rank without them. With a *weigher* each match has its worth.
    """
    records = store.contents(ranking.ids, where=where)
    names = [str(recipe) for recipe in recipes]
    widths = [recipe.distance_bits for recipe in recipes]
    transforms = [TRANSFORMS[place] for place in ranking.transforms.tolist()]
    own_path = None
    if any(len(record.files) > 1 for record in records) and isinstance(asked, str | os.PathLike):
        own_path = os.path.realpath(os.fsencode(asked))
    matches = []
    for place, (record, row, transform) in enumerate(zip(records, ranking.distances.tolist(), transforms, strict=True)):
        files = put_last(record.files, own_path)
        paths = tuple(os.fsdecode(file.path) for file in files)
        score = sum(bits / width for bits, width in zip(row, widths, strict=True)) if scores is None else scores[place]
        quality = record.quality if record.quality is not None else 0
        told = WORTH_UNKNOWN
        if weigher is not None:
            told = weigher.weigh(record.id, paths[0], row, transform, quality, record.marks)
        matches.append(
            Match(
                id=record.id,
                path=paths[0],
                distance=row[0] if row else 0,
                distances=dict(zip(names, row, strict=True)),
                score=round(score, 6),
                attributes=files[0].attributes,
                paths=paths,
                quality=quality,
                marks=record.marks,
                transform=transform,
                expected=told.expected,
                verdict=told.verdict,
                reasons=told.reasons,
            )
        )
    return MadeMatches(tuple(matches), {record.id: size_of(record) for record in records})


def put_last(files: Sequence[FileRecord], path: bytes | None) -> Sequence[FileRecord]:
    """*files* with the one at *path* behind all others, which keep their order."""
    return files if path is None else sorted(files, key=lambda file: file.path == path)


def size_of(record: ContentRecord) -> tuple[int, int]:
    """Upright width and height."""
    return record.width, record.height
