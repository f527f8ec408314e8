"""What an evaluation found: recall of each asker under each attack, at one rate of false matches, and curves."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from lookalike.evaluation.attack_pictures import AskedOnce, PictureResult
from lookalike.evaluation.attacks import ATTACKS
from lookalike.evaluation.metrics import CurvePoint, ScoreCounts, Share, Threshold, find_threshold, trace_curve, wilson

FIRST = 9  # the classic way's grid of nine


@dataclass(frozen=True, slots=True)
class RecallCell:
    """One asker under one attack at one step.

    Attributes:
        within: sources nearer than the asker's limit, of all asked.
        first: sources that came before all unrelated pictures. among_first: among the first nine.
    """

    asker: str
    attack: str
    step: float
    within: Share
    first: Share
    among_first: Share


@dataclass(frozen=True, slots=True)
class AskerFigures:
    """One asker over everything that was asked.

    Attributes:
        threshold: its one limit, which holds for all attacks, as a user can set only one.
        within, first, among_first: as in `RecallCell`, over all attacks and steps, each step counting alike.
        by_attack: recall within the limit, over the steps of each attack.
        false_by_attack: false matches under the limit, by attack.
        curve: precision and recall, and false matches a pair, over all attacks.
    """

    asker: str
    threshold: Threshold
    within: Share
    first: Share
    among_first: Share
    by_attack: dict[str, Share]
    false_by_attack: dict[str, int]
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class RecallReport:
    """Everything that was measured.

    Attributes:
        catalog: its file. pictures: how many were attacked. distractors: contents that could be false matches.
        seed, false_per_million: as they were asked.
        askers: in the order asked. cells: one for each asker, attack and step.
        attacks: what was done: name -> steps.
        left_out: attack or asker -> why it wasn't measured.
        kin: pairs of an attacked picture and another that were neither true nor false.
        failures: a line for each picture that was drawn and couldn't be used: its path and why.
        unusable: attacked pictures that the loader refused.
        stopped: whether somebody stopped it; then it tells of what was done until then.
    """

    catalog: str
    pictures: int
    distractors: int
    seed: int
    false_per_million: float
    askers: tuple[AskerFigures, ...]
    cells: tuple[RecallCell, ...]
    attacks: dict[str, tuple[float, ...]]
    left_out: dict[str, str] = field(default_factory=dict)
    kin: int = 0
    failures: tuple[str, ...] = ()
    unusable: int = 0
    seconds: float = 0.0
    stopped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape; what is infinite (no limit) is null."""
        told = asdict(self)
        told["attacks"] = {
            name: {"steps": list(steps), "how": [ATTACKS[name].describe(step) for step in steps]}
            for name, steps in self.attacks.items()
        }
        for row, figures in zip(told["askers"], self.askers, strict=True):
            limit = figures.threshold.limit
            row["threshold"] = figures.threshold._asdict() | {"limit": limit if math.isfinite(limit) else None}
            row["curve"] = [point._asdict() for point in figures.curve]
            row["by_attack"] = {name: share._asdict() for name, share in figures.by_attack.items()}
        for row in (*told["askers"], *told["cells"]):
            for name in ("within", "first", "among_first"):
                row[name] = Share(*row[name])._asdict()
        return told


@dataclass(slots=True)
class Tally:
    """Collects what the workers found."""

    asked: dict[tuple[str, str], list[list[AskedOnce]]] = field(default_factory=lambda: defaultdict(list))
    false: dict[tuple[str, str], ScoreCounts] = field(default_factory=dict)
    pictures: int = 0
    unusable: int = 0

    def add(self, result: PictureResult) -> None:
        """One more picture."""
        self.pictures += 1
        self.unusable += result.unusable
        for key, rows in result.asked.items():
            self.asked[key].append(rows)
        for key, counts in result.false.items():
            self.false[key] = self.false.get(key, ScoreCounts.empty()).plus(counts)

    def figures(self, asker: str, attacks: Sequence[str], per_million: float) -> tuple[AskerFigures, list[RecallCell]]:
        """What is told of one asker, and its cells."""
        pooled = ScoreCounts.empty()
        for attack in attacks:
            pooled = pooled.plus(self.false.get((asker, attack), ScoreCounts.empty()))
        threshold = find_threshold(pooled, per_million)
        cells, by_attack, false_by_attack, everything = [], {}, {}, []
        for attack in attacks:
            rows = self.asked.get((asker, attack), [])
            for place, step in enumerate(ATTACKS[attack].steps):
                column = [row[place] for row in rows]
                cells.append(RecallCell(asker, attack, step, *shares(column, threshold.limit)))
            flat = [once for row in rows for once in row]
            everything += flat
            by_attack[attack] = shares(flat, threshold.limit)[0]
            counts = self.false.get((asker, attack), ScoreCounts.empty())
            false_by_attack[attack] = int(counts.counts[counts.values < threshold.limit].sum())
        curve = trace_curve(np.array([once.score for once in everything]), pooled)
        figures = AskerFigures(
            asker, threshold, *shares(everything, threshold.limit), by_attack, false_by_attack, tuple(curve)
        )
        return figures, cells


def shares(asked: Sequence[AskedOnce], limit: float) -> tuple[Share, Share, Share]:
    """Found within *limit*, found first, found among the first."""
    within = sum(once.score < limit for once in asked)
    first = sum(once.rank == 1 for once in asked)
    among = sum(1 <= once.rank <= FIRST for once in asked)
    return wilson(within, len(asked)), wilson(first, len(asked)), wilson(among, len(asked))
