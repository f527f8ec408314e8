"""What one worker does with one picture: every attack once, each attacked picture handed to every asker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from PIL import Image

from lookalike.errors import ImageError
from lookalike.evaluation.askers import Answer, Asker
from lookalike.evaluation.attacks import ATTACKS, Attacked, random_for
from lookalike.evaluation.metrics import ScoreCounts
from lookalike.images import Limits, load_picture, read_bytes
from lookalike.model import Ids

NOT_FOUND = np.inf


class QueryPicture(NamedTuple):
    """A content of the catalog, a file that holds it, and its kin: contents that are neither true nor false matches."""

    id: int
    path: str
    kin: frozenset[int] = frozenset()


class AskedOnce(NamedTuple):
    """What one asker made of one attacked picture.

    Attributes:
        score: of the source; infinite where it isn't in the answer.
        rank: 1 where no unrelated picture is as near as the source or nearer; 0 where it isn't in the answer.
    """

    score: float
    rank: int


class PictureResult(NamedTuple):
    """All attacks on one picture.

    Attributes:
        asked: (asker, attack) -> one a step.
        false: (asker, attack) -> scores of all unrelated pairs, over all steps.
        unusable: attacked pictures that the loader refused.
    """

    asked: dict[tuple[str, str], list[AskedOnce]]
    false: dict[tuple[str, str], ScoreCounts]
    unusable: int


@dataclass(slots=True)
class AttackPictures:
    """A function over pictures that can be sent to a worker process.

    Attributes:
        askers: whom to ask.
        attacks: names of `ATTACKS`.
        contents: int64 (n,): every content of the catalog, rising; each is the source, kin or unrelated.
        seed: of all that is drawn by chance.
        limits: of the loader.
        most_pixels: a larger picture is reduced to so many before it is attacked.
    """

    askers: Sequence[Asker]
    attacks: tuple[str, ...]
    contents: Ids
    seed: int
    limits: Limits
    most_pixels: int
    result: PictureResult = field(init=False, repr=False)

    def __call__(self, query: QueryPicture) -> PictureResult:
        """Attack one picture.

        Raises:
            ImageError: its file can't be used.
        """
        picture = load_original(query.path, self.limits, self.most_pixels)
        self.result = PictureResult({}, {}, 0)
        unrelated = len(np.setdiff1d(self.contents, [query.id, *query.kin]))
        for name in self.attacks:
            for step in ATTACKS[name].steps:
                # The name in the generator is the file's, not the content's id: ids differ between catalogs.
                attacked = ATTACKS[name].change(picture, step, random_for(self.seed, name, step, file_name(query.path)))
                self.ask_all(query, name, attacked, unrelated)
        return self.result

    def ask_all(self, query: QueryPicture, attack: str, attacked: Attacked, unrelated: int) -> None:
        """Hand the attacked picture to every asker and note what came."""
        for asker in self.askers:
            try:
                answers = asker.ask(attacked)
            except ImageError:
                answers = {}
                self.result = self.result._replace(unusable=self.result.unusable + 1)
            for name in asker.names:
                once, false = judge(answers.get(name), query, unrelated)
                key = name, attack
                self.result.asked.setdefault(key, []).append(once)
                before = self.result.false.get(key)
                self.result.false[key] = false if before is None else before.plus(false)


def judge(answer: Answer | None, query: QueryPicture, unrelated: int) -> tuple[AskedOnce, ScoreCounts]:
    """The source's score and rank in *answer*, and the scores of the *unrelated* contents; None answers nothing."""
    if answer is None or not len(answer.ids):
        return AskedOnce(NOT_FOUND, 0), ScoreCounts.of(np.empty(0), unlisted=unrelated)
    own = answer.ids == query.id
    false = answer.scores[~own & ~np.isin(answer.ids, list(query.kin))] if query.kin else answer.scores[~own]
    bound = np.inf if answer.complete else float(answer.scores.max())
    counts = ScoreCounts.of(false, unlisted=max(0, unrelated - len(false)), bound=bound)
    if not own.any():
        return AskedOnce(NOT_FOUND, 0), counts
    score = float(answer.scores[own][0])
    return AskedOnce(score, 1 + int((false <= score).sum())), counts


def load_original(path: str, limits: Limits, most_pixels: int) -> Image.Image:
    """The picture as it is seen, mode ``RGB``, reduced to *most_pixels* where it has more.

    Raises:
        ImageError: it can't be used.
    """
    picture = load_picture(read_bytes(path, limits), decode="full", limits=limits).image.convert("RGB")
    share = (most_pixels / (picture.width * picture.height)) ** 0.5
    if share >= 1:
        return picture
    size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    return picture.resize(size, Image.Resampling.LANCZOS)


def file_name(path: str) -> str:
    """The last part of *path*."""
    return path.rpartition("/")[2]
