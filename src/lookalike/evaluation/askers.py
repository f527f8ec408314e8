"""What is evaluated: an asker takes a picture as a user would hand it over and answers with contents and scores.

Askers are sent to worker processes, so they open what they need there, on first use.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.errors import TooSmall
from lookalike.images import Limits, Source
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.model import Ids, Match, Recipe
from lookalike.search import Engine


class Answer(NamedTuple):
    """Contents and their scores, the lower the more alike, in any order.

    Attributes:
        ids: int64 (n,). scores: float64 (n,).
        complete: whether every content is listed; otherwise those that aren't are no nearer than the furthest that is.
    """

    ids: Ids
    scores: NDArray[np.float64]
    complete: bool = True


class Asker(ABC):
    """One or several ways to search that share the work on a picture."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """What the report calls them."""

    @abstractmethod
    def ask(self, picture: Source) -> dict[str, Answer]:
        """The answer of each name; one that can't ask with this picture is left out, and has then found nothing.

        Raises:
            ImageError: none of them can use it.
        """


@dataclass(slots=True)
class RecipesAsker(Asker):
    """Every recipe by itself, through the jobs and an engine; the picture is decoded once.

    Attributes:
        catalog: the catalog file.
        recipes: which.
        engine: makes an empty one for codes of so many bits.
        limits: what is refused undecoded.
        most: contents answered; in a larger catalog the nearest so many.
    """

    catalog: str
    recipes: tuple[Recipe, ...]
    engine: Callable[[int], Engine]
    limits: Limits
    most: int = 20_000
    indexes: list[RecipeIndex] = field(default_factory=list, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(map(str, self.recipes))

    def ask(self, picture: Source) -> dict[str, Answer]:
        if not self.indexes:
            with Store.open(self.catalog, read_only=True) as store:
                self.indexes = [RecipeIndex.load(store, one, self.engine(one.distance_bits)) for one in self.recipes]
        try:
            fingerprints = fingerprint_source(picture, self.recipes, self.limits)[1]
        except TooSmall:
            return {}
        answers = {}
        for index, fingerprint in zip(self.indexes, fingerprints, strict=True):
            ids, distances = index.nearest(fingerprint, self.most)
            answers[str(index.recipe)] = Answer(ids, distances.astype(np.float64), complete=len(ids) < self.most)
        return answers


class Find(Protocol):
    """A search as a user starts it: a picture and how many matches -> matches."""

    def __call__(self, picture: Source, k: int, /) -> Sequence[Match]: ...


@dataclass(slots=True)
class FindAsker(Asker):
    """Any search that gives matches, such as ``Catalog.find``.

    Attributes:
        name: for the report.
        open_find: makes the search in the worker process; picklable.
        k: how many matches are asked for.
    """

    name: str
    open_find: Callable[[], Find]
    k: int = 100
    find: Find | None = field(default=None, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def ask(self, picture: Source) -> dict[str, Answer]:
        if self.find is None:
            self.find = self.open_find()
        matches = self.find(picture, self.k)
        # Chance is what tells matches of different recipes and queries apart. It is unknown in catalogs too small for
        # it, and then for all queries alike: the search's own score has to do.
        expected = [match.expected for match in matches]
        scores = [match.score for match in matches] if None in expected else expected
        ids = np.array([match.id for match in matches], np.int64)
        return {self.name: Answer(ids, np.array(scores, np.float64), complete=len(matches) < self.k)}


@dataclass(slots=True)
class ScorerAsker(Asker):
    """Any function from a picture to a score for each content.

    Attributes:
        name: for the report.
        scorer: picklable. higher_is_better: of its scores.
        complete: whether it scores every content.
    """

    name: str
    scorer: Callable[[Source], Mapping[int, float]]
    higher_is_better: bool = False
    complete: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def ask(self, picture: Source) -> dict[str, Answer]:
        scored = self.scorer(picture)
        scores = np.array(list(scored.values()), np.float64)
        ids = np.array(list(scored), np.int64)
        return {self.name: Answer(ids, -scores if self.higher_is_better else scores, self.complete)}
