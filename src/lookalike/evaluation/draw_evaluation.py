"""An evaluation as a page: tables and curves, for people."""

from __future__ import annotations

import math
import os

from lookalike.evaluation.attacks import ATTACKS
from lookalike.evaluation.measure_labels import LabelReport, LabelRow
from lookalike.evaluation.metrics import Share
from lookalike.evaluation.recall_report import FIRST, RecallReport
from lookalike.rendering import (
    Chapter,
    Curve,
    HeatCell,
    HeatTable,
    Plot,
    decades_axis,
    render_figures,
    share_axis,
    steps_axis,
)

Row = tuple[str, str, tuple[HeatCell, ...]]


def draw_evaluation(report: RecallReport | LabelReport) -> str:
    """The page, HTML."""
    return draw_labels(report) if isinstance(report, LabelReport) else draw_recall(report)


def draw_recall(report: RecallReport) -> str:
    """Recall: by attack, by strength, precision and recall, every step, and how it was measured."""
    names = tuple(figures.asker for figures in report.askers)
    chapters = [by_attack(report, names)]
    if len(strengths := by_strength(report, names)):
        chapters.append(
            Chapter(
                "By strength",
                "Recall at each step of the attacks that have several; 95 % intervals are in the table below.",
                plots=strengths,
                legend=names,
            )
        )
    chapters += [trade_offs(report, names), every_step(report, names), how_measured(report)]
    return render_figures(
        "How well pictures are found again",
        chapters,
        introduction=f"{report.pictures:,} pictures of {os.path.basename(report.catalog)}, each changed in "
        f"{sum(map(len, report.attacks.values())):,} ways and asked for among {report.distractors:,} others. Recall is "
        f"the share found at a limit under which {report.false_per_million:g} in a million unrelated pairs match."
        + ("\n\nIt was stopped before all pictures were done." if report.stopped else ""),
        footer=f"Made by lookalike evaluate --pictures {report.pictures} --seed {report.seed} --false-per-million "
        f"{report.false_per_million:g}, in {report.seconds:,.0f} s.",
    )


def by_attack(report: RecallReport, names: tuple[str, ...]) -> Chapter:
    """Attack x asker."""
    rows = tuple(
        (name, span(name), tuple(share_cell(figures.by_attack[name]) for figures in report.askers))
        for name in report.attacks
    )
    askers = report.askers
    ends: tuple[Row, ...] = (
        ("all attacks", "every step alike", tuple(share_cell(one.within) for one in askers)),
        ("found first", "no unrelated picture as near", tuple(share_cell(one.first) for one in askers)),
        (f"among the first {FIRST}", "as a grid shows them", tuple(share_cell(one.among_first) for one in askers)),
        ("limit", "what is nearer matches", tuple(HeatCell(one.threshold.describe()) for one in askers)),
        (
            "false matches",
            "of unrelated pairs",
            tuple(HeatCell(f"{one.threshold.false_matches:,}", more=f"of {one.threshold.pairs:,}") for one in askers),
        ),
    )
    table = HeatTable("Recall by attack", ("attack", *names), rows, ends)
    return Chapter("By attack", "Recall over all steps of each attack.", (table,))


def span(name: str) -> str:
    """What an attack does, over all of its steps."""
    steps = ATTACKS[name].steps
    return ATTACKS[name].how.format(f"{steps[0]:g}" if len(steps) == 1 else f"{steps[0]:g} … {steps[-1]:g}")


def share_cell(share: Share, *, interval: bool = False) -> HeatCell:
    """A share as a percentage."""
    more = f"{share.low:.0%} to {share.high:.0%}" if interval else ""
    return HeatCell(f"{share.share:.0%}", share.share, more) if share.asked else HeatCell("-")


def by_strength(report: RecallReport, names: tuple[str, ...]) -> tuple[Plot, ...]:
    """A small plot for each attack of at least two steps."""
    recall = {(cell.asker, cell.attack, cell.step): cell.within.share for cell in report.cells}
    plots = []
    for attack, steps in report.attacks.items():
        if len(steps) > 1:
            curves = tuple(
                Curve(name, tuple((place, recall[name, attack, step]) for place, step in enumerate(steps)), number)
                for number, name in enumerate(names)
            )
            across = steps_axis(ATTACKS[attack].how.format("…"), [f"{step:g}" for step in steps])
            plots.append(Plot(attack, across, share_axis("recall"), curves, small=True))
    return tuple(plots)


def trade_offs(report: RecallReport, names: tuple[str, ...]) -> Chapter:
    """Precision and recall, and the ROC."""
    precise, roc = [], []
    for number, figures in enumerate(report.askers):
        precise.append(Curve(figures.asker, tuple((point.recall, point.precision) for point in figures.curve), number))
        roc.append(Curve(figures.asker, tuple((point.false_rate, point.recall) for point in figures.curve), number))
    pairs = max((figures.threshold.pairs for figures in report.askers), default=0)
    lowest = -max(2, math.ceil(math.log10(max(pairs, 100))))
    return Chapter(
        "What a limit costs",
        "Each point of a curve is a limit, over all attacks together. Precision is the share of matches that are the "
        f"source, in a catalog of {report.distractors + 1:,} pictures; in a larger one it is lower at the same limit.",
        plots=(
            Plot("Precision and recall", share_axis("recall"), share_axis("precision"), tuple(precise)),
            Plot(
                "Recall over false matches",
                decades_axis("false matches a pair of unrelated pictures", lowest),
                share_axis("recall"),
                tuple(roc),
            ),
        ),
        legend=names,
    )


def every_step(report: RecallReport, names: tuple[str, ...]) -> Chapter:
    """Attack and step x asker, with intervals."""
    cells = {(cell.asker, cell.attack, cell.step): cell.within for cell in report.cells}
    rows = tuple(
        (
            f"{attack} {step:g}" if len(steps) > 1 else attack,
            ATTACKS[attack].describe(step),
            tuple(share_cell(cells[name, attack, step], interval=True) for name in names),
        )
        for attack, steps in report.attacks.items()
        for step in steps
    )
    description = "Recall at each step, with the interval in which the true share lies with 95 % confidence (Wilson)."
    table = HeatTable("Recall by attack and step", ("attack", *names), rows)
    return Chapter("Every step", description, (table,), folded=True)


def how_measured(report: RecallReport) -> Chapter:
    """What the numbers stand on."""
    told = (
        "Every attacked picture goes through the loader and the search as any other query. Each fingerprint has one "
        "limit for all attacks, since a user sets one: the largest under which no more unrelated pairs match than are "
        "allowed, all pairs counted. Where distances tie, all of that distance are in or out together.\n\n"
        f"Near copies that the catalog itself holds of a picture, {report.kin:,} here, are neither found nor false; "
        "pixels decide what is one, or the attribute copy_of, never the fingerprints that are measured."
    )
    if any(figures.threshold.allowed == 0 for figures in report.askers):
        told += "\n\nThere are fewer unrelated pairs than one allowed false match needs, so none was allowed."
    if report.failures or report.unusable:
        told += (
            f"\n\n{len(report.failures):,} pictures couldn't be used; {report.unusable:,} attacked ones were refused."
        )
    told += "".join(f"\n\nLeft out: {name}, {why}." for name, why in report.left_out.items())
    return Chapter("How it was measured", told)


def draw_labels(report: LabelReport) -> str:
    """Precision by label."""

    def cells(row: LabelRow) -> tuple[HeatCell, ...]:
        found = (HeatCell(f"{row.precision[one]:.1%}", row.precision[one]) for one in report.recipes)
        return (HeatCell(f"{row.pictures:,}"), HeatCell(f"{row.chance:.1%}", row.chance), *found)

    rows = tuple((str(row.label), "", cells(row)) for row in report.rows)
    ends: tuple[Row, ...] = (
        ("all pictures", "each alike", cells(report.whole)),
        ("mean of labels", "each label alike", cells(report.mean_of_labels)),
    )
    without = f" Matches of the same {report.not_same} don't count." if report.not_same is not None else ""
    table = HeatTable(f"Precision by {report.truth}", (report.truth, "pictures", "chance", *report.recipes), rows, ends)
    return render_figures(
        f"Of the first {report.k}, how many have the same {report.truth}",
        [Chapter(f"By {report.truth}", f"Chance is what drawing at random would give.{without}", (table,))],
        introduction=f"{report.whole.pictures:,} pictures asked as they are.",
        footer=f"{report.unlabelled:,} pictures have no {report.truth}; {report.without_answer:,} had nothing to find.",
    )
