"""Contents that were found, as what is told of them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lookalike.catalog import Store
from lookalike.fingerprints import TRANSFORMS
from lookalike.images import Source
from lookalike.jobs.ask_orientations import TurnedRanking
from lookalike.model import Match, Recipe


def make_matches(
    store: Store,
    ranking: TurnedRanking,
    recipes: Sequence[Recipe],
    where: str | None,
    asked: Source | None,
) -> tuple[Match, ...]:
    """What the catalog knows of the contents found; files that satisfy the filter come first, *asked* last."""
    records = store.contents([int(id_) for id_ in ranking.ids], where=where)
    own_path = os.path.realpath(os.fsencode(asked)) if isinstance(asked, str | os.PathLike) else None
    transforms = [TRANSFORMS[place] for place in ranking.transforms]
    matches = []
    for record, row, transform in zip(records, ranking.distances.tolist(), transforms, strict=True):
        by_recipe = {str(recipe): bits for recipe, bits in zip(recipes, row, strict=True)}
        files = sorted(record.files, key=lambda file: file.path == own_path)  # stable: all others keep their order
        paths = tuple(os.fsdecode(file.path) for file in files)
        score = sum(bits / recipe.distance_bits for recipe, bits in zip(recipes, row, strict=True))
        matches.append(
            Match(
                id=record.id,
                path=paths[0],
                distance=row[0] if row else 0,
                distances=by_recipe,
                score=round(score, 6),
                attributes=files[0].attributes,
                paths=paths,
                quality=record.quality if record.quality is not None else 0,
                marks=record.marks,
                transform=transform,
            )
        )
    return tuple(matches)
