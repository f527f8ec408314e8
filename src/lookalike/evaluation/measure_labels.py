"""Precision by a label: of the first k that each recipe finds for a picture, how many carry the picture's own label.

No attack here: pictures ask as they are, and what they find should be things of the same kind. Answers of the same
group, such as the same photographer, can be left out: they look alike for reasons that aren't the label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.errors import EvaluationError, NotInCatalog
from lookalike.evaluation.measure_recall import EvaluationProgress
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.model import Fingerprint, Ids, Recipe
from lookalike.search import Engine, whole_number

PROGRESS_EVERY = 50


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label, or all together where *label* is None.

    Attributes:
        pictures: how many asked. chance: what drawing at random among the allowed would give on average, 0 to 1.
        precision: recipe -> mean share of the first k that carry the same label, 0 to 1.
    """

    label: str | None
    pictures: int
    chance: float
    precision: dict[str, float]


@dataclass(frozen=True, slots=True)
class LabelReport:
    """Precision in the first *k* by the attribute *truth*; answers that share *not_same* with the query left out.

    Attributes:
        rows: a row a label, those with most pictures first. whole: every picture counting alike.
        mean_of_labels: every label counting alike.
        unlabelled: contents without the attribute; they neither ask nor are found.
        without_answer: pictures that had nothing to find: all others are of their group.
    """

    truth: str
    not_same: str | None
    k: int
    recipes: tuple[str, ...]
    rows: tuple[LabelRow, ...]
    whole: LabelRow
    mean_of_labels: LabelRow
    unlabelled: int
    without_answer: int

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Contents with a label, rising by id; equal numbers in *labels* and *groups* mean the same; no group is -1."""

    ids: Ids
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    names: list[str]

    def allowed(self, place: int) -> NDArray[np.bool_]:
        """Which contents may be answered to the one at *place*."""
        group = self.groups[place]
        allowed = self.groups != group if group >= 0 else np.ones(len(self.ids), np.bool_)
        allowed[place] = False
        return allowed


def measure_labels(
    store: Store,
    recipes: Sequence[Recipe],
    truth: str,
    *,
    k: int,
    not_same: str | None = None,
    make_engine: Callable[[int], Engine],
) -> Generator[EvaluationProgress | LabelReport]:
    """Ask with every labelled picture; yields progress, the report last.

    Raises:
        SearchError: *k* isn't a whole number of at least 1.
        EvaluationError: fewer than two pictures have the attribute *truth*, or none has *not_same*.
    """
    k = whole_number(k, "k", least=1)
    known = read_labels(store, truth, not_same)
    total, done = len(known.ids) * len(recipes), 0
    chance = np.full(len(known.ids), np.nan)
    for place in range(len(known.ids)):
        allowed = known.allowed(place)
        if allowed.any():
            chance[place] = (known.labels[allowed] == known.labels[place]).mean()
    precision: dict[str, NDArray[np.float64]] = {}
    for recipe in recipes:
        index = RecipeIndex.load(store, recipe, make_engine(recipe.distance_bits))
        found = np.full(len(known.ids), np.nan)
        for place, content in enumerate(known.ids.tolist()):
            found[place] = share_of_label(known, place, index, fingerprint_of(store, content, recipe), k)
            done += 1
            if done % PROGRESS_EVERY == 0 or done == total:
                yield EvaluationProgress(f"asking by {recipe}", done, total)
        precision[str(recipe)] = found
    yield summarise(known, precision, chance, truth, not_same, k, store)


def share_of_label(known: Labelled, place: int, index: RecipeIndex, query: Fingerprint | None, k: int) -> float:
    """Of the first *k* allowed, how many carry the label; NaN where nothing may be answered or it can't ask."""
    allow = known.ids[known.allowed(place)]
    if query is None or not len(allow):
        return float("nan")
    ids, _ = index.nearest(query, k, allow)
    if not len(ids):
        return float("nan")
    return float((known.labels[np.searchsorted(known.ids, ids)] == known.labels[place]).mean())


def fingerprint_of(store: Store, content: int, recipe: Recipe) -> Fingerprint | None:
    """None for a content that lacks the recipe, such as an animation."""
    try:
        return store.fingerprint(content, recipe)
    except NotInCatalog:
        return None


def read_labels(store: Store, truth: str, not_same: str | None) -> Labelled:
    """Contents whose first file has the attribute."""
    records = [one for one in store.contents(store.present_contents()) if one.attributes.get(truth) is not None]
    if len(records) < 2:
        raise EvaluationError(
            f"{len(records)} pictures of the catalog have the attribute {truth!r}; at least 2 are needed. "
            "Give them with: lookalike index FOLDER --attributes FILE"
        )
    names = sorted({str(one.attributes[truth]) for one in records})
    numbers = {name: number for number, name in enumerate(names)}
    groups = np.full(len(records), -1, np.int64)
    if not_same is not None:
        seen: dict[str, int] = {}
        for place, one in enumerate(records):
            value = one.attributes.get(not_same)
            if value is not None:
                groups[place] = seen.setdefault(str(value), len(seen))
        if not seen:
            raise EvaluationError(f"no labelled picture of the catalog has the attribute {not_same!r}")
    labels = np.array([numbers[str(one.attributes[truth])] for one in records], np.int64)
    return Labelled(np.array([one.id for one in records], np.int64), labels, groups, names)


def summarise(
    known: Labelled,
    precision: dict[str, NDArray[np.float64]],
    chance: NDArray[np.float64],
    truth: str,
    not_same: str | None,
    k: int,
    store: Store,
) -> LabelReport:
    """Rows and wholes; pictures that had nothing to find count nowhere."""
    asked = ~np.isnan(chance)

    def row(label: str | None, chosen: NDArray[np.bool_]) -> LabelRow:
        means = {name: mean(found[chosen]) for name, found in precision.items()}
        return LabelRow(label, int(chosen.sum()), mean(chance[chosen]), means)

    rows = [row(name, asked & (known.labels == number)) for number, name in enumerate(known.names)]
    rows = sorted((one for one in rows if one.pictures), key=lambda one: -one.pictures)
    sums: dict[str, list[float]] = defaultdict(list)
    for one in rows:
        for name, value in one.precision.items():
            sums[name].append(value)
    mean_of_labels = LabelRow(
        None,
        int(asked.sum()),
        mean(np.array([one.chance for one in rows])),
        {name: mean(np.array(values)) for name, values in sums.items()},
    )
    return LabelReport(
        truth,
        not_same,
        k,
        tuple(precision),
        tuple(rows),
        row(None, asked),
        mean_of_labels,
        len(store.present_contents()) - len(known.ids),
        int((~asked).sum()),
    )


def mean(values: NDArray[np.float64]) -> float:
    """Of those that are there; 0 of none."""
    there = values[~np.isnan(values)]
    return round(float(there.mean()), 6) if len(there) else 0.0
