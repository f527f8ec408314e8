"""``lookalike evaluate``: how well this catalog's pictures are found again, on its own pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from lookalike.cli.evaluation_progress import show_evaluation
from lookalike.cli.evaluation_tables import describe_labels, describe_recall
from lookalike.cli.options import GivenPath, catalog_option, json_option, open_catalog, open_option, show
from lookalike.cli.progress import progress_option
from lookalike.cli.speaking import echo, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from lookalike.assembly import Catalog
    from lookalike.cli.progress import ProgressMode
    from lookalike.evaluation.measure_labels import LabelReport
    from lookalike.evaluation.measure_recall import RecallPlan
    from lookalike.evaluation.recall_report import RecallReport

    Report = TypeVar("Report", RecallReport, LabelReport)


@click.command(name="evaluate")
@click.option(
    "--pictures", type=click.IntRange(min=1), default=100, show_default=True, help="How many to draw and attack."
)
@click.option("--attacks", metavar="NAMES", help="Such as jpeg,crop,mirror. [default: all; --list-attacks names them]")
@click.option("--list-attacks", is_flag=True, help="List the attacks and their steps, and do nothing.")
@click.option("--by", metavar="RECIPES", help="Which fingerprints to measure. [default: all that the catalog has]")
@click.option(
    "--false-per-million",
    type=click.FloatRange(min=0, max=1_000_000),
    default=1.0,
    show_default=True,
    help="How many unrelated pairs of a million may match.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the pictures and the chances of attacks.")
@click.option("--peers", is_flag=True, help="Measure imagehash and pdqhash beside, where they are installed.")
@click.option("--truth", metavar="ATTRIBUTE", help="Measure the first matches by this label instead of attacks.")
@click.option("--not-same", metavar="ATTRIBUTE", help="With --truth: leave out matches that share this with the query.")
@click.option("-k", "k", type=click.IntRange(min=1), default=9, show_default=True, help="With --truth: matches asked.")
@click.option(
    "--html", type=GivenPath(dir_okay=False, path_type=Path), metavar="FILE", help="Write a page with all of it."
)
@open_option
@progress_option
@catalog_option
@json_option
def command(
    pictures: int,
    attacks: str | None,
    list_attacks: bool,
    by: str | None,
    false_per_million: float,
    seed: int,
    peers: bool,
    truth: str | None,
    not_same: str | None,
    k: int,
    html: Path | None,
    open_it: bool,
    progress_mode: ProgressMode | None,
    catalog: Path | None,
    as_json: bool,
) -> int:
    """Measure how well pictures of the catalog are found again.

    Draws some of its pictures, changes each as people do (recompressed, cropped, turned, written on, ...) and asks for
    it; all other pictures are there to be confused with. Each fingerprint gets the one limit under which no more than
    --false-per-million unrelated pairs match; recall is the share of sources within it. Near copies that the catalog
    holds of a picture are found by their pixels and set aside.

    With --truth, pictures ask as they are, and what counts is how many of the first matches carry the same label.
    """
    if list_attacks:
        return show_attacks()
    if not_same is not None and truth is None:
        raise click.UsageError("--not-same goes with --truth: it says which matches by label don't count")
    if open_it and html is None:
        html = Path("evaluation.html")
    if html is not None and not html.absolute().parent.is_dir():
        raise click.UsageError(f"--html: there is no folder {html.absolute().parent}")  # told now, not after minutes
    with open_catalog(catalog) as opened:
        if truth is not None:
            labels = show_evaluation(
                opened.label_events(truth, k=k, not_same=not_same, by=by), quiet=as_json, mode=progress_mode
            )
            return show_report(opened, labels, describe_labels, html, as_json=as_json, open_it=open_it)
        plan = make_plan(pictures, seed, attacks, false_per_million)
        recall = show_evaluation(opened.evaluate_events(plan, by=by, peers=peers), quiet=as_json, mode=progress_mode)
        return show_report(opened, recall, describe_recall, html, as_json=as_json, open_it=open_it)


def show_attacks() -> int:
    """A line an attack."""
    from lookalike.evaluation.attacks import ATTACKS

    for name, attack in ATTACKS.items():
        echo(f"{name:<14} {attack.how.format('/'.join(f'{step:g}' for step in attack.steps))}")
    return 0


def make_plan(pictures: int, seed: int, attacks: str | None, false_per_million: float) -> RecallPlan:
    """What to measure; an attack that needs an extra that isn't installed is left out and told of."""
    from lookalike.evaluation.attacks import find_attacks
    from lookalike.evaluation.measure_recall import RecallPlan

    found, left_out = find_attacks(attacks)
    return RecallPlan(pictures, seed, tuple(found), false_per_million, left_out=left_out)


def show_report(
    opened: Catalog,
    report: Report | None,
    describe: Callable[[Report], None],
    html: Path | None,
    *,
    as_json: bool,
    open_it: bool,
) -> int:
    """Write the page and print the report; the exit code."""
    if report is None:
        return 130
    if html is not None:
        opened.write_evaluation(report, html)
    if as_json:
        print_json(report.as_dict())
    else:
        describe(report)
        if html is not None:
            echo(f"Look at {html}")
    if open_it and html is not None:
        show(html)
    return 0
