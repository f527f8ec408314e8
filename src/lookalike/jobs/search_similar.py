"""Find the contents of a catalog that look like one picture, by one recipe or several."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.errors import NotInCatalog
from lookalike.fingerprints import animated_recipe
from lookalike.images import Limits, Source, load_picture
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.jobs.held_recipes import missing_recipe
from lookalike.jobs.match_parts import ProvedParts, prove_parts, with_parts
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.model import Crop, Fingerprint, Ids, Match, Recipe
from lookalike.search import Engine, whole_number

LITTLE_QUALITY = 20  # below it, fingerprints of unrelated pictures are often near (docs/fingerprints.md)


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

    @property
    def quality_note(self) -> str:
        """A sentence where the query has too little in it to be recognised, else nothing."""
        if self.quality >= LITTLE_QUALITY and not self.marks:
            return ""
        kinds = " and ".join(self.marks) or "nearly plain"
        return f"The query is {kinds} (quality {self.quality} of 100): near matches may be chance."

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
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
            "matches": [asdict(match) for match in self.matches],
        }


def search_similar(
    store: Store,
    source: Source,
    recipes: Sequence[Recipe],
    *,
    k: int,
    make_engine: Callable[[int], Engine],
    engine_name: str,
    crop: Crop | None = None,
    where: str | None = None,
    with_self: bool = False,
    limits: Limits,
) -> SearchResult:
    """Find the *k* contents that look most like *source*: among the stills, or among the animations if it is one.

    Args:
        store: the catalog.
        source: anything that the loader takes; a path may lie inside the catalog or outside.
        recipes: which fingerprints decide; with several, contents are ranked by the sum of distance / width.
            By ``parts`` alone only contents that share a region with the query are listed, best agreement first.
        k: at least 1; fewer matches come back where fewer contents fit.
        make_engine: makes an empty engine for codes of so many bits.
        engine_name: its name, for the result.
        crop: only this part of the upright picture.
        where: only contents with a file whose attributes satisfy this filter.
        with_self: list the source itself too where its path is in the catalog.
        limits: what is refused undecoded.

    Raises:
        SearchError: *k* isn't a whole number of at least 1.
        NotInCatalog: the catalog holds no fingerprints of a recipe.
        ImageError, CropError, WhereError: as the loader and the filter raise them.
    """
    k = whole_number(k, "k", least=1)
    check_recipes(store, recipes)
    own = find_own_content(store, source)
    queries = fingerprint_query(store, source, recipes, own if crop is None else None, crop, limits)
    recipes = [query.recipe for query in queries]  # of an animation, those that go with the ones asked
    with store.reading():  # codes, filter and what is told of the matches are of one moment, whoever indexes meanwhile
        allow = None if where is None else store.contents_where(where)
        excluded = own if own is not None and not with_self and is_the_only_copy(store, own) else None
        indexes = [RecipeIndex.load(store, recipe, make_engine(recipe.distance_bits)) for recipe in recipes]
        wanted = k + (excluded is not None)
        proved: list[ProvedParts] = []
        if len(recipes) == 1 and recipes[0].slots and recipes[0].frames == 1:
            picture = load_picture(source, limits=limits, crop=crop, channels="luminance")
            proved = prove_parts(store, picture, indexes[0], limits, allow)
            ids = np.array([one.found.id for one in proved], np.int64)
            distances = np.array([[one.found.distance] for one in proved], np.int64).reshape(-1, 1)
        elif len(recipes) == 1:
            ids, bits = indexes[0].nearest(queries[0], wanted, allow)
            distances = bits[:, None].astype(np.int64)
        else:
            ids, distances = rank_together(indexes, queries, wanted, allow)
        if excluded is not None:
            kept = ids != excluded
            ids, distances = ids[kept], distances[kept]
        ids, distances = ids[:k], distances[:k]
        matches = make_matches(store, ids, distances, recipes, where, None if with_self else source)
        if proved:
            by_id = {one.found.id: one for one in proved}
            matches = tuple(with_parts(match, by_id[match.id], recipes[0]) for match in matches)
        return SearchResult(
            query=name_source(source),
            by=tuple(map(str, recipes)),
            engine=engine_name,
            exact=all(index.engine.exact for index in indexes),
            recall=min((recall for index in indexes if (recall := index.measure_recall(k)) is not None), default=None),
            matches=matches,
            quality=queries[0].quality,
            marks=queries[0].marks,
            widths={str(recipe): recipe.distance_bits for recipe in recipes},
            crop=crop,
            where=where,
            outdated=max(store.count_outdated(recipe) for recipe in recipes),
        )


def check_recipes(store: Store, recipes: Sequence[Recipe]) -> None:
    """Raise NotInCatalog, saying what to do, where the catalog lacks one of *recipes*."""
    for recipe in recipes:
        if not store.has_recipe(recipe):
            raise missing_recipe(store, recipe)


def rank_together(
    indexes: Sequence[RecipeIndex], queries: Sequence[Fingerprint], k: int, allow: Ids | None
) -> tuple[Ids, NDArray[np.int64]]:
    """Contents that every recipe covers, by the sum of distance / width, then id: ids (n,) and distances (n, recipes).

    An exact engine is asked for all contents, so that nothing can be missed. An approximate one covers what it finds.
    """
    found = [
        index.nearest(query, max(k, len(index.owners)), allow) for index, query in zip(indexes, queries, strict=True)
    ]
    common = found[0][0]
    for ids, _ in found[1:]:
        common = np.intersect1d(common, ids, assume_unique=True)
    common = np.sort(common)
    distances = np.empty((len(common), len(found)), dtype=np.int64)
    for column, (ids, bits) in enumerate(found):
        order = np.argsort(ids)
        distances[:, column] = bits[order][np.searchsorted(ids[order], common)]
    widths = np.array([index.recipe.distance_bits for index in indexes])
    order = np.lexsort((common, (distances / widths).sum(axis=1)))[:k]
    return common[order], distances[order]


def find_own_content(store: Store, source: Source) -> int | None:
    """The content id of a source whose very path the catalog knows, if the file is still as it was indexed."""
    if not isinstance(source, str | os.PathLike):
        return None
    path = os.path.realpath(os.fsencode(source))
    with store.reading():
        content = store.find_content(path)
        if content is None or not os.path.exists(path):
            return None
        known = {file.path: (file.size, file.mtime_ns) for file in store.content(content).files}
    status = os.stat(path)
    return content if known.get(path) == (status.st_size, status.st_mtime_ns) else None


def is_the_only_copy(store: Store, content: int) -> bool:
    """Whether one path alone holds the content; another copy of the query is a match like any other."""
    with contextlib.suppress(NotInCatalog):  # it was pruned a moment ago
        return len(store.content(content).files) == 1
    return False


def fingerprint_query(
    store: Store, source: Source, recipes: Sequence[Recipe], own: int | None, crop: Crop | None, limits: Limits
) -> list[Fingerprint]:
    """The query's fingerprints: the catalog's own where it holds them, so that no decoding is needed."""
    if own is not None:
        for held in (recipes, [animated_recipe(recipe) for recipe in recipes]):
            with contextlib.suppress(NotInCatalog):  # a recipe that was added later and not computed for this one yet
                return [store.fingerprint(own, recipe) for recipe in held]
    return list(fingerprint_source(source, recipes, limits, crop)[1])


def make_matches(
    store: Store,
    ids: Ids,
    distances: NDArray[np.int64],
    recipes: Sequence[Recipe],
    where: str | None,
    asked: Source | None,
) -> tuple[Match, ...]:
    """What the catalog knows of the contents found; files that satisfy the filter come first, *asked* last."""
    records = store.contents([int(id_) for id_ in ids], where=where)
    own_path = os.path.realpath(os.fsencode(asked)) if isinstance(asked, str | os.PathLike) else None
    matches = []
    for record, row in zip(records, distances.tolist(), strict=True):
        by_recipe = {str(recipe): bits for recipe, bits in zip(recipes, row, strict=True)}
        files = sorted(record.files, key=lambda file: file.path == own_path)  # stable: all others keep their order
        paths = tuple(os.fsdecode(file.path) for file in files)
        score = sum(bits / recipe.distance_bits for recipe, bits in zip(recipes, row, strict=True))
        matches.append(
            Match(
                id=record.id,
                path=paths[0],
                distance=row[0],
                distances=by_recipe,
                score=round(score, 6),
                attributes=files[0].attributes,
                paths=paths,
                quality=record.quality if record.quality is not None else 0,
                marks=record.marks,
            )
        )
    return tuple(matches)


def name_source(source: Source) -> str:
    """What to call the query."""
    if isinstance(source, str | os.PathLike):
        return os.fsdecode(source)
    return f"<{type(source).__name__}>"
