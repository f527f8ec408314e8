"""The default search: whatever shows the same picture, a part of it, or the same kind of thing, by what each is worth.

Several ways to be alike are asked, each in its own bits: the whole picture in eight orientations, its parts, and the
look of what is on it. Each find is turned into how many unrelated pictures chance would put as near
(`Weight.expected`), and a content is as likely as its strongest reason says, times the number of ways: whoever looks in
three places finds three times as much by chance (Bonferroni). Where chance explains all that copies have in common, the
kind of thing decides.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lookalike.catalog import Store
from lookalike.errors import ImageError, NotInCatalog
from lookalike.fingerprints import TRANSFORMS
from lookalike.images import Limits
from lookalike.jobs.ask_orientations import TurnedRanking, ask_nearest, ask_within
from lookalike.jobs.find_known_parts import PartsSearch
from lookalike.jobs.fingerprint_source import fingerprint_laid_source
from lookalike.jobs.make_matches import make_matches
from lookalike.jobs.query_worth import Weight, weigh_query
from lookalike.jobs.read_query import AnyQuery, Asked, MakeFingerprints, read_query
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.search_result import SearchResult
from lookalike.jobs.search_similar import find_own_content, is_the_only_copy
from lookalike.jobs.weigh_matches import SamePixels, find_content_of
from lookalike.model import Crop, Ids, Match, Orientations, Picture, Reason, Recipe, Transform
from lookalike.search import whole_number
from lookalike.worth import CHANCE_EXPECTED, COPY_EXPECTED, Evidence, judge, says_little

PARTS = "parts"

# Whole pictures are compared in all eight ways, since pdq makes them of one transform. Parts are looked for upright.
TURNED = ("pdq",)

# A look is of a kind of thing, mirrored or not: two pictures of equal looks needn't be copies. Those nearer than 19 of
# 20 pictures are told as similar, however many they are.
KINDS = ("look",)
SIMILAR_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked, fingerprinted: one entry of *laid* for each recipe; the picture where it was decoded."""

    recipes: tuple[Recipe, ...]
    laid: tuple[Orientations, ...]
    picture: Picture | None

    @property
    def quality(self) -> int:
        return self.laid[0]["identity"].quality

    @property
    def marks(self) -> tuple[str, ...]:
        return self.laid[0]["identity"].marks


@dataclass(slots=True)
class Findings:
    """The reasons for which each content was found, by id."""

    reasons: dict[int, list[Reason]] = field(default_factory=dict)

    def add(self, content: int, reason: Reason) -> None:
        self.reasons.setdefault(content, []).append(reason)

    def drop_chance(self, ways: int) -> None:
        """Forget copies that chance alone would bring as near: below them, things of the same kind have the say."""
        for content, reasons in list(self.reasons.items()):
            kept = [
                reason
                for reason in reasons
                if reason.recipe in KINDS or reason.expected is None or reason.expected * ways < CHANCE_EXPECTED
            ]
            self.reasons[content] = kept
            if not kept:
                del self.reasons[content]

    def ranked(self, ways: int) -> list[tuple[float, int]]:
        """(score, content), the best first: what is expected by chance, or where that is unknown the share of bits."""
        return sorted((score_of(reasons, ways), content) for content, reasons in self.reasons.items())


def find_lookalikes(
    store: Store,
    source: AnyQuery,
    ways: Sequence[Recipe],
    *,
    k: int,
    load_index: Callable[[Recipe], RecipeIndex],
    engine_name: str,
    make_fingerprints: MakeFingerprints = fingerprint_laid_source,
    crop: Crop | None = None,
    where: str | None = None,
    with_self: bool = False,
    limits: Limits,
) -> SearchResult:
    """Find the *k* contents most worth looking at, best first.

    Args:
        store: the catalog.
        source: a picture or an `ImageId`. By its id an image is asked as it was indexed, upright, without decoding it.
        ways: recipes that the catalog has, each a way to be alike; ``parts`` stands for parts of a picture.
        k: at least 1.
        load_index: the index of a recipe in the moment that is read.
        engine_name: of the engine behind it, for the result.
        make_fingerprints: reads the source.
        crop: only this part of the upright picture.
        where: only contents with a file whose attributes satisfy this filter.
        with_self: list the source itself too where its path is in the catalog.
        limits: what is refused undecoded.

    Raises:
        As `search_similar`.
    """
    k = whole_number(k, "k", least=1)
    asked = read_query(store, source, crop)
    own = find_own_content(store, asked.source) if asked.content is None else asked.content
    query = read(store, asked, ways, crop, limits, make_fingerprints)
    may_decode = make_fingerprints is fingerprint_laid_source
    with store.reading():  # codes, filter and what is told of the matches are of one moment, whoever indexes meanwhile
        allow = None if where is None else store.contents_where(where)
        alone = asked.content is not None or (own is not None and is_the_only_copy(store, own))
        excluded = own if alone and not with_self else None
        indexes = [load_index(recipe) for recipe in query.recipes]
        whole = [place for place, recipe in enumerate(query.recipes) if recipe.algorithm != PARTS]
        worth = weigh_query(
            store,
            [indexes[place] for place in whole],
            [query.laid[place]["identity"] for place in whole],
            allow,
            together=False,
        )
        findings = Findings()
        kinds = any(str(recipe) in KINDS for recipe in query.recipes)
        least = CHANCE_EXPECTED / len(query.recipes) if kinds else None
        for place, weight in zip(whole, worth.weights, strict=True):
            ask_whole(findings, indexes[place], query.laid[place], weight, k + (excluded is not None), allow, least)
        parts = [place for place, recipe in enumerate(query.recipes) if recipe.algorithm == PARTS]
        for place in parts:
            search = PartsSearch(store, indexes[place], query.picture, query.laid[place]["identity"], limits)
            for content, reason in search.find(allow, excluded):
                findings.add(content, reason)
        findings.reasons.pop(-1 if excluded is None else excluded, None)
        if kinds:
            findings.drop_chance(len(query.recipes))
        ranked = findings.ranked(len(query.recipes))[:k]
        contents = np.array([content for _, content in ranked], np.int64)
        complete = complete_distances(indexes, query, contents, findings)
        blank = TurnedRanking(contents, np.zeros((len(ranked), 0), np.int64), np.zeros(len(ranked), np.int64))
        found, sizes = make_matches(store, blank, (), where, None if with_self else asked.source)
        same = own if crop is None else None
        if same is None and crop is None and asked.source is not None and ranked:
            same = find_content_of(store, asked.source, limits)
        looks = SamePixels(asked.source, crop, limits) if asked.source is not None and may_decode else None
        pictures = max((weight.pictures for weight in worth.weights), default=0)
        matches = tuple(
            tell(
                match,
                findings.reasons[match.id],
                distances,
                score,
                query,
                pictures=pictures,
                same_content=match.id == same,
                looks=looks,
            )
            for match, distances, (score, _) in zip(found, complete, ranked, strict=True)
        )
        return SearchResult(
            query=asked.name,
            by=tuple(map(str, query.recipes)),
            engine=engine_name,
            exact=not parts and all(index.engine.exact for index in indexes),
            recall=None,
            matches=matches,
            quality=query.quality,
            marks=query.marks,
            widths={str(recipe): recipe.distance_bits for recipe in query.recipes},
            crop=crop,
            where=where,
            outdated=max(store.count_outdated(recipe) for recipe in query.recipes),
            fusion="best",
            chance={weight.recipe: weight.model.source for weight in worth.weights if weight.model is not None},
            turned=query.picture is not None,
            sizes=sizes,
        )


def read(
    store: Store,
    asked: Asked,
    ways: Sequence[Recipe],
    crop: Crop | None,
    limits: Limits,
    make_fingerprints: MakeFingerprints,
) -> Query:
    """The query's fingerprints: an image named by its id keeps those that it has."""
    if asked.content is not None and crop is None:
        with contextlib.suppress(NotInCatalog):  # of a recipe that was added later, or of an animation
            held = [store.fingerprint(asked.content, recipe) for recipe in ways]
            return Query(tuple(ways), tuple({"identity": one} for one in held), None)
    assert asked.source is not None  # fingerprints name their recipes, and come to `search_similar`
    turned = [recipe for recipe in ways if recipe.algorithm in TURNED]
    picture, laid = make_fingerprints(asked.source, ways, limits, crop, turned)
    return Query(tuple(one["identity"].recipe for one in laid), laid, picture)


def ask_whole(
    findings: Findings,
    index: RecipeIndex,
    laid: Orientations,
    weight: Weight,
    k: int,
    allow: Ids | None,
    expected_at_most: float | None,
) -> None:
    """Add the *k* contents nearest to the whole query, as it may lie.

    Of copies, those farther than where chance brings *expected_at_most* would be dropped again, and aren't looked for:
    a scan that knows how far it looks reads half of most codes.
    """
    if expected_at_most is None or weight.model is None or weight.recipe in KINDS:
        found = ask_nearest(index, laid, k, allow)
    else:
        found = ask_within(index, laid, weight.radius_bits(len(laid), expected_at_most) or 0, allow).first(k)
    for content, bits, place in zip(*(column.tolist() for column in found), strict=True):
        transform: Transform = TRANSFORMS[place]
        expected = weight.expected(bits, len(laid))
        findings.add(content, Reason(weight.recipe, bits, weight.width_bits, transform, expected=expected))


def score_of(reasons: Sequence[Reason], ways: int) -> float:
    """What a content is ranked by, the smallest first; see `Findings.ranked`."""
    return min(
        reason.distance / reason.width_bits if reason.expected is None else reason.expected * ways for reason in reasons
    )


def complete_distances(
    indexes: Sequence[RecipeIndex], query: Query, contents: Ids, findings: Findings
) -> list[dict[str, int]]:
    """For each of *contents*, the distance under every recipe: as it was found, else as the query is."""
    complete = [
        {reason.recipe: reason.distance for reason in findings.reasons[content]} for content in contents.tolist()
    ]
    for index, laid in zip(indexes, query.laid, strict=True):
        if index.recipe.algorithm == PARTS:
            continue
        rows = index.rows_of(np.sort(contents))
        differing = index.codes_of(rows)[:, None, :] ^ laid["identity"].codes[None, :, :]
        bits = np.bitwise_count(differing).sum(axis=2, dtype=np.int64).min(axis=1)
        nearest: dict[int, int] = {}
        for content, distance in zip(index.owners[rows].tolist(), bits.tolist(), strict=True):
            nearest[content] = min(distance, nearest.get(content, distance))
        for content, told in zip(contents.tolist(), complete, strict=True):
            if content in nearest:
                told.setdefault(str(index.recipe), nearest[content])
    return complete


def tell(
    match: Match,
    reasons: Sequence[Reason],
    distances: dict[str, int],
    score: float,
    query: Query,
    *,
    pictures: int,
    same_content: bool,
    looks: SamePixels | None,
) -> Match:
    """*match* with why it was found, what that is worth, and the word for it."""
    ordered = sorted(reasons, key=lambda reason: math.inf if reason.expected is None else reason.expected)
    known = ordered[0].expected is not None
    proofs = [
        reason
        for reason in ordered
        if reason.recipe not in KINDS and reason.expected is not None and reason.expected <= COPY_EXPECTED
        if reason.verified or reason.recipe != PARTS  # two bags have a buckle in common: only pixels tell
    ]
    proves = bool(proofs)
    # All of a picture says more than a part of it: a thing that is mirrored has parts in common with itself.
    best = min(proofs, key=lambda reason: reason.region is not None) if proves else ordered[0]
    plain = says_little(query.quality, query.marks) or says_little(match.quality, match.marks)
    evidence = [Evidence(best.distance, best.width_bits, best.expected)]
    verdict = judge(evidence, score if known else None, plain=plain, same_content=same_content)
    if verdict in ("same picture", "edited copy") and not same_content:
        if best.recipe in KINDS or not proves:
            verdict = "similar look"
        elif best.region is not None or best.transform != "identity":
            verdict = "edited copy"
    alike = best.recipe in KINDS and best.expected is not None and best.expected <= SIMILAR_SHARE * pictures
    if verdict == "chance" and alike and not plain:
        verdict = "similar look"
    equal = best.distance == 0 and best.region is None and best.transform == "identity"
    if equal and verdict != "same picture" and looks is not None:
        with contextlib.suppress(ImageError):
            if looks.hold(match.path):
                verdict = "same picture"
                ordered = [replace(reason, verified=True) for reason in ordered]
    return replace(
        match,
        distance=best.distance,
        distances=distances,
        score=score,
        transform=best.transform,
        region=best.region,
        expected=score if known else None,
        verdict=verdict,
        reasons=tuple(ordered),
    )
