"""Find the contents of a catalog that look like one picture, by one recipe or several."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.errors import NotInCatalog
from lookalike.fingerprints import animated_recipe
from lookalike.images import Limits, Source
from lookalike.jobs.ask_parts import ask_parts, check_question
from lookalike.jobs.end_search import Radius, end_search, read_radius
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.jobs.held_recipes import missing_recipe
from lookalike.jobs.query_worth import weigh_query
from lookalike.jobs.rank_contents import rank_together
from lookalike.jobs.read_query import AnyQuery, MakeFingerprints, read_query
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.resident_indexes import ResidentIndexes
from lookalike.jobs.weigh_matches import weigh_matches
from lookalike.model import Crop, Fingerprint, Ids, Match, Recipe
from lookalike.search import Engine, whole_number
from lookalike.worth import Fusion, check_fusion, says_little


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
        fusion: how several recipes were put into one order.
        chance: by recipe, where it is known from what distances are worth: ``this catalog`` or ``default``.
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
    fusion: Fusion = "sum"
    chance: dict[str, str] = field(default_factory=dict)

    @property
    def quality_note(self) -> str:
        """A sentence where the query has too little in it to be recognised, else nothing."""
        if not says_little(self.quality, self.marks):
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
            "radius_bits": self.radius_bits,
            "left_out": self.left_out,
            "fusion": self.fusion,
            "chance": self.chance,
            "matches": [asdict(match) for match in self.matches],
        }


def search_similar(
    store: Store,
    source: AnyQuery,
    recipes: Sequence[Recipe],
    *,
    k: int,
    make_engine: Callable[[int], Engine],
    engine_name: str,
    resident: ResidentIndexes | None = None,
    make_fingerprints: MakeFingerprints = fingerprint_source,
    crop: Crop | None = None,
    where: str | None = None,
    with_self: bool = False,
    radius: Radius = None,
    fusion: Fusion = "sum",
    weights: Mapping[str, float] | None = None,
    limits: Limits,
) -> SearchResult:
    """Find the *k* contents that look most like *source*: among the stills, or among the animations if it is one.

    Args:
        store: the catalog.
        source: anything that the loader takes; a path may lie inside the catalog or outside. Or an `ImageId`, or
            fingerprints of *recipes*.
        recipes: which fingerprints decide; with several, contents are ranked together as *fusion* says.
        k: at least 1; fewer matches come back where fewer contents fit.
        make_engine: makes an empty engine for codes of so many bits.
        engine_name: its name, for the result.
        resident: engines that stay in memory; without them one is filled for this search.
        make_fingerprints: reads the source.
        crop: only this part of the upright picture.
        where: only contents with a file whose attributes satisfy this filter.
        with_self: list the source itself too where its path is in the catalog.
        radius: the largest distance under the first recipe that is accepted, or ``auto``: where chance begins.
        fusion: ``sum`` ranks several recipes by the sum of distance / width, ``chance`` by how rarely unrelated
            pictures are as near.
        weights: of the parts of the one recipe asked, such as ``{"shape": 0.7, "colour": 0.3}``: ranks by the sum of
            weight * distance / width over the parts. None counts bits of the whole code.
        limits: what is refused undecoded.

    Raises:
        RecipeError: *weights* don't fit the recipe.
        SearchError: *k* isn't a whole number of at least 1.
        NotInCatalog: the catalog holds no fingerprints of a recipe.
        ImageError, CropError, WhereError: as the loader and the filter raise them.
    """
    k = whole_number(k, "k", least=1)
    radius = read_radius(radius)
    check_fusion(fusion)
    check_question(recipes, weights)
    check_recipes(store, recipes)
    asked = read_query(store, source, crop)
    own = find_own_content(store, asked.source) if asked.content is None else asked.content
    queries = list(asked.fingerprints) or fingerprint_query(
        store, asked.source, recipes, own if crop is None else None, crop, limits, make_fingerprints
    )
    recipes = [query.recipe for query in queries]  # of an animation, those that go with the ones asked
    with store.reading():  # codes, filter and what is told of the matches are of one moment, whoever indexes meanwhile
        allow = None if where is None else store.contents_where(where)
        alone = asked.content is not None or (own is not None and is_the_only_copy(store, own))
        excluded = own if alone and not with_self else None
        indexes = [
            RecipeIndex.load(store, recipe, make_engine(recipe.width_bits))
            if resident is None
            else resident.load(store, recipe, make_engine, engine_name)
            for recipe in recipes
        ]
        worth = weigh_query(store, indexes, queries, own=own, allow=allow)
        wanted = k + (excluded is not None)
        scores = None
        if weights is not None:
            ids, whole, scores = ask_parts(indexes[0], queries[0], weights, wanted, allow)
            distances = whole[:, None]
        elif len(recipes) == 1:
            ids, bits = indexes[0].nearest(queries[0], wanted, allow)
            distances = bits[:, None].astype(np.int64)
        else:
            models = [weight.model for weight in worth.weights] if fusion == "chance" else None
            ids, distances = rank_together(indexes, queries, None if radius is not None else wanted, allow, models)
        if excluded is not None:
            kept = ids != excluded
            ids, distances = ids[kept], distances[kept]
            scores = None if scores is None else scores[kept]
        end = end_search(distances, worth, k, radius)
        ids, distances = ids[end.places], distances[end.places]
        matches = make_matches(store, ids, distances, recipes, where, None if with_self else asked.source)
        if scores is not None:
            scored = zip(matches, scores[end.places].tolist(), strict=True)
            matches = tuple(replace(match, score=round(score, 6)) for match, score in scored)
        return SearchResult(
            query=asked.name,
            by=tuple(map(str, recipes)),
            engine=engine_name,
            exact=all(index.engine.exact for index in indexes),
            recall=min((recall for index in indexes if (recall := index.measure_recall(k)) is not None), default=None),
            matches=weigh_matches(
                store,
                asked.source,
                matches,
                worth,
                queries[0],
                own=own,
                crop=crop,
                limits=limits,
                may_decode=make_fingerprints is fingerprint_source,
            ),
            quality=queries[0].quality,
            marks=queries[0].marks,
            widths={str(recipe): recipe.width_bits for recipe in recipes},
            crop=crop,
            where=where,
            outdated=max(store.count_outdated(recipe) for recipe in recipes),
            radius_bits=end.radius_bits,
            left_out=end.left_out,
            fusion=fusion,
            chance={weight.recipe: weight.model.source for weight in worth.weights if weight.model is not None},
        )


def check_recipes(store: Store, recipes: Sequence[Recipe]) -> None:
    """Raise NotInCatalog, saying what to do, where the catalog lacks one of *recipes*."""
    for recipe in recipes:
        if not store.has_recipe(recipe):
            raise missing_recipe(store, recipe)


def find_own_content(store: Store, source: Source | None) -> int | None:
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
    store: Store,
    source: Source | None,
    recipes: Sequence[Recipe],
    own: int | None,
    crop: Crop | None,
    limits: Limits,
    make_fingerprints: MakeFingerprints,
) -> list[Fingerprint]:
    """The query's fingerprints: the catalog's own where it holds them, so that no decoding is needed."""
    if own is not None:
        for held in (recipes, [animated_recipe(recipe) for recipe in recipes]):
            with contextlib.suppress(NotInCatalog):  # a recipe that was added later and not computed for this one yet
                return [store.fingerprint(own, recipe) for recipe in held]
    assert source is not None  # only fingerprints come without one
    return list(make_fingerprints(source, recipes, limits, crop)[1])


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
        score = sum(bits / recipe.width_bits for recipe, bits in zip(recipes, row, strict=True))
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
