"""Find the contents of a catalog that look like one picture, by one recipe or several."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence

from lookalike.catalog import Store
from lookalike.errors import NotInCatalog
from lookalike.fingerprints import animated_recipe
from lookalike.images import Limits, Source
from lookalike.jobs.ask_weighed import ask_weighed, check_question
from lookalike.jobs.end_search import Radius, end_search, read_radius
from lookalike.jobs.fingerprint_source import fingerprint_laid_source
from lookalike.jobs.held_recipes import missing_recipe
from lookalike.jobs.make_matches import make_matches
from lookalike.jobs.query_worth import weigh_query
from lookalike.jobs.rank_contents import rank_turned
from lookalike.jobs.read_query import AnyQuery, MakeFingerprints, read_query
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.resident_indexes import ResidentIndexes
from lookalike.jobs.search_result import SearchResult
from lookalike.jobs.weigh_matches import SamePixels, Weigher, find_content_of
from lookalike.model import Crop, Orientations, Recipe
from lookalike.search import Engine, whole_number
from lookalike.worth import Fusion, check_fusion, says_little


def search_similar(
    store: Store,
    source: AnyQuery,
    recipes: Sequence[Recipe],
    *,
    k: int,
    make_engine: Callable[[int], Engine],
    engine_name: str,
    resident: ResidentIndexes | None = None,
    make_fingerprints: MakeFingerprints = fingerprint_laid_source,
    crop: Crop | None = None,
    where: str | None = None,
    with_self: bool = False,
    radius: Radius = None,
    fusion: Fusion = "sum",
    turned: bool = False,
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
        turned: compare the source mirrored and turned as well; a match's ``transform`` says how it lies. An animation
            is compared as it is.
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
    with contextlib.ExitStack() as moment:
        # Codes, filter and what is told of the matches are of one moment, whoever indexes meanwhile.
        moment.enter_context(store.reading())
        check_recipes(store, recipes)
        asked = read_query(store, source, crop)
        own = find_own_content(store, asked.source) if asked.content is None else asked.content
        queries: Sequence[Orientations] | None = [{"identity": one} for one in asked.fingerprints]
        if not queries and crop is None and not turned:  # the catalog has no fingerprints of turned pictures
            queries = find_fingerprints(store, own, recipes)
        if not queries:
            assert asked.source is not None  # only fingerprints come without one
            moment.close()  # decoding takes a while, in which the catalog's log could not be cut
            queries = make_fingerprints(asked.source, recipes, limits, crop, recipes if turned else ())[1]
            moment.enter_context(store.reading())
        upright = [query["identity"] for query in queries]
        recipes = [fingerprint.recipe for fingerprint in upright]  # of an animation, those that go with the ones asked
        allow = None if where is None else store.contents_where(where)
        alone = asked.content is not None or (own is not None and is_the_only_copy(store, own))
        excluded = own if alone and not with_self else None
        indexes = [
            RecipeIndex.load(store, recipe, make_engine(recipe.distance_bits))
            if resident is None
            else resident.load(store, recipe, make_engine, engine_name)
            for recipe in recipes
        ]
        worth = weigh_query(store, indexes, upright, allow)
        wanted = k + (excluded is not None)
        models = [weight.model for weight in worth.weights] if fusion == "chance" else None
        # A radius is that of the first recipe, by which several aren't ranked: then all are looked at.
        most = None if radius is not None and len(recipes) > 1 else wanted
        scores = None
        if weights is not None:
            ranking, scores = ask_weighed(indexes[0], upright[0], weights, wanted, allow)
        else:
            ranking = rank_turned(indexes, queries, most, allow, models)
        if excluded is not None:
            kept = ranking.ids != excluded
            ranking, scores = ranking.at(kept), None if scores is None else scores[kept]
        tries = len(queries[0])
        end = end_search(ranking.distances, worth, k, radius, tries)
        ranking = ranking.at(end.places)
        content = own if crop is None else None
        if content is None and crop is None and len(ranking.ids):
            content = find_content_of(store, asked.source, limits)
        looks = None
        if asked.source is not None and make_fingerprints is fingerprint_laid_source:  # not a stranger's picture
            looks = SamePixels(asked.source, crop, limits)
        matches, sizes = make_matches(
            store,
            ranking,
            recipes,
            where,
            None if with_self else asked.source,
            scores=None if scores is None else scores[end.places].tolist(),
            weigher=Weigher(
                worth,
                says_little(upright[0].quality, upright[0].marks),
                content,
                tries,
                looks,
            ),
        )
        return SearchResult(
            query=asked.name,
            by=tuple(map(str, recipes)),
            engine=engine_name,
            exact=all(index.engine.exact for index in indexes),
            recall=min((recall for index in indexes if (recall := index.measure_recall(k)) is not None), default=None),
            matches=matches,
            quality=upright[0].quality,
            marks=upright[0].marks,
            widths={str(recipe): recipe.distance_bits for recipe in recipes},
            crop=crop,
            where=where,
            outdated=max(store.count_outdated(recipe) for recipe in recipes),
            radius_bits=end.radius_bits,
            left_out=end.left_out,
            fusion=fusion,
            chance={weight.recipe: weight.model.source for weight in worth.weights if weight.model is not None},
            turned=turned,
            sizes=sizes,
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


def find_fingerprints(store: Store, own: int | None, recipes: Sequence[Recipe]) -> Sequence[Orientations] | None:
    """The catalog's own fingerprints of the content *own*, so that no decoding is needed; None where it lacks some."""
    if own is not None:
        with contextlib.suppress(NotInCatalog):  # a recipe that was added later and not computed for this one yet
            return [{"identity": store.fingerprint(own, recipe)} for recipe in recipes]
        with contextlib.suppress(NotInCatalog):
            return [{"identity": store.fingerprint(own, animated_recipe(recipe))} for recipe in recipes]
    return None
