"""How much of what is asked is found again when pictures were attacked, at a fixed rate of false matches.

Each drawn picture of a catalog is attacked in every way and step, and each attacked picture is asked of every asker;
the picture itself is the one true match, all others that aren't kin are unrelated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lookalike.catalog import Store
from lookalike.errors import EvaluationError, NotInCatalog
from lookalike.evaluation.askers import Asker
from lookalike.evaluation.attack_pictures import AttackPictures, QueryPicture
from lookalike.evaluation.attacks import ATTACKS
from lookalike.evaluation.recall_report import RecallReport, Tally
from lookalike.execution import Control, Executor, ItemDone, ItemFailed
from lookalike.images import Limits
from lookalike.jobs.sample_pictures import sample_pictures
from lookalike.model import Ids

MOST_PIXELS = 1_000_000
"""Larger pictures are reduced before they are attacked: every fingerprint reads fewer, and the attacks take as long as
pixels are many."""


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """How far it is: *done* of *total* steps of a *stage*, seconds left where that can be said."""

    stage: str
    done: int
    total: int
    seconds_left: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape, a line of ``--progress json``."""
        return {"event": "progress", **asdict(self)}


@dataclass(frozen=True, slots=True)
class RecallPlan:
    """What to measure.

    Attributes:
        pictures: how many to draw. seed: of what is drawn and of the attacks.
        attacks: names of `ATTACKS`. false_per_million: unrelated pairs of a million that may match.
        most_pixels: see `MOST_PIXELS`.
        left_out: attack or asker -> why it isn't measured, for the report.
        chosen: ids of the contents to attack, in place of drawn ones.
    """

    pictures: int = 100
    seed: int = 0
    attacks: tuple[str, ...] = tuple(ATTACKS)
    false_per_million: float = 1.0
    most_pixels: int = MOST_PIXELS
    left_out: Mapping[str, str] | None = None
    chosen: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.false_per_million <= 1_000_000:
            raise EvaluationError(f"{self.false_per_million} false matches of a million came; 0 to 1,000,000 there are")
        for name in self.attacks:
            if name not in ATTACKS:
                raise EvaluationError(f"no attack is called {name!r}; there are: {', '.join(ATTACKS)}")


FindKin = Callable[[int, str], frozenset[int]]


def draw_queries(
    store: Store, plan: RecallPlan, find_kin: FindKin
) -> Generator[EvaluationProgress, None, list[QueryPicture]]:
    """Pictures to attack, seeded, with their kin.

    Raises:
        NotInCatalog: the catalog has fewer than two pictures.
    """
    if plan.chosen:
        paths = {record.id: record.paths[0] for record in store.contents(plan.chosen)}
        drawn = [(content, paths[content]) for content in plan.chosen]  # in this order, should the run be stopped
    else:
        drawn = [(picture.id, picture.path) for picture in sample_pictures(store, plan.pictures, seed=plan.seed)]
    if len(store.present_contents()) < 2:
        raise NotInCatalog("an evaluation needs at least two pictures; index a folder first: lookalike index FOLDER")
    queries = []
    for number, (content, path) in enumerate(drawn, start=1):
        queries.append(QueryPicture(content, path, find_kin(content, path)))
        yield EvaluationProgress("looking for near copies", number, len(drawn))
    return queries


def measure_recall(
    store: Store,
    queries: Sequence[QueryPicture],
    askers: Sequence[Asker],
    plan: RecallPlan,
    executor: Executor,
    *,
    limits: Limits,
    control: Control | None = None,
) -> Generator[EvaluationProgress | RecallReport]:
    """Attack *queries* and ask; yields progress, the report last. Closing it stops the work within a second, and
    stopping *control* ends it with a report of what was done until then.

    Raises:
        EvaluationError: two askers have one name, or there is none. ExecutionError: no worker can be started.
    """
    names = [name for asker in askers for name in asker.names]
    if not names or len(set(names)) < len(names):
        raise EvaluationError(f"each asker needs a name of its own, and at least one is needed; these came: {names}")
    contents: Ids = store.present_contents()
    control = control or Control()
    function = AttackPictures(tuple(askers), plan.attacks, contents, plan.seed, limits, plan.most_pixels)
    tally, failed, started = Tally(), list[str](), time.monotonic()
    yield EvaluationProgress("attacking", 0, len(queries))
    for event in executor.map_batches(function, queries, control=control):
        if isinstance(event, ItemDone):
            tally.add(event.value)
        elif isinstance(event, ItemFailed):
            failed.append(f"{event.item.path}: {event.reason}, {(event.detail.strip().splitlines() or [''])[-1]}")
        done = tally.pictures + len(failed)
        rate = done / max(time.monotonic() - started, 1e-6)
        yield EvaluationProgress("attacking", done, len(queries), (len(queries) - done) / rate if done else None)
    if queries and not tally.pictures and not control.stopped:
        raise EvaluationError(f"none of the {len(queries)} pictures that were drawn can be used. {failed[0]}")
    figures = [tally.figures(name, plan.attacks, plan.false_per_million) for name in names]
    yield RecallReport(
        catalog=store.path,
        pictures=tally.pictures,
        distractors=len(contents) - 1,
        seed=plan.seed,
        false_per_million=plan.false_per_million,
        askers=tuple(of_asker for of_asker, _ in figures),
        cells=tuple(cell for _, cells in figures for cell in cells),
        attacks={name: ATTACKS[name].steps for name in plan.attacks},
        left_out=dict(plan.left_out or {}),
        kin=sum(len(query.kin) for query in queries),
        failures=tuple(failed),
        unusable=tally.unusable,
        seconds=round(time.monotonic() - started, 3),
        stopped=control.stopped,
    )
