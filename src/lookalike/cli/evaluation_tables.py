"""What an evaluation prints: one compact table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lookalike.cli.speaking import echo, print_table

if TYPE_CHECKING:
    from lookalike.evaluation.measure_labels import LabelReport, LabelRow
    from lookalike.evaluation.recall_report import RecallReport

SHADES = ((0.95, "green"), (0.7, "yellow"), (0.3, "dark_orange"), (0.0, "red"))


def describe_recall(report: RecallReport) -> None:
    """Attack x asker, recall within the limit; then all attacks together, and found first."""
    from rich.table import Table

    names = [figures.asker for figures in report.askers]
    table = Table("attack", *names, title=f"Found again, with {report.false_per_million:g} false in a million pairs")
    for column in table.columns[1:]:
        column.justify = "right"
    for attack in report.attacks:
        table.add_row(attack, *(percent(figures.by_attack[attack].share) for figures in report.askers))
    table.add_section()
    table.add_row("all", *(percent(figures.within.share) for figures in report.askers))
    table.add_row("all, found first", *(percent(figures.first.share) for figures in report.askers))
    table.add_row("limit", *(figures.threshold.describe() for figures in report.askers))
    print_table(table)
    words = f"{report.pictures:,} pictures, each among {report.distractors:,} others, in {report.seconds:,.0f} s"
    if report.kin:
        words += f"; {report.kin:,} near copies in the catalog set aside"
    echo(words)
    for line in report.failures:
        echo(f"Not measured: {line}")
    if report.askers and any(figures.threshold.allowed == 0 for figures in report.askers):
        pairs = report.askers[0].threshold.pairs
        echo(
            f"With {pairs:,} unrelated pairs, {report.false_per_million:g} in a million is less than one: none matched."
        )
    for name, why in report.left_out.items():
        echo(f"Left out: {name}, {why}")


def percent(share: float) -> str:
    """Coloured where the terminal has colours."""
    shade = next(name for floor, name in SHADES if share >= floor)
    return f"[{shade}]{share:.0%}[/]"


def describe_labels(report: LabelReport) -> None:
    """A row a label, then the whole."""
    from rich.table import Table

    without = f", matches of the same {report.not_same} left out" if report.not_same is not None else ""
    title = f"Of the first {report.k}, how many have the same {report.truth}{without}"
    table = Table(report.truth, "pictures", "chance", *report.recipes, title=title)
    for column in table.columns[1:]:
        column.justify = "right"

    def add(name: str, row: LabelRow) -> None:
        table.add_row(
            name, f"{row.pictures:,}", f"{row.chance:.1%}", *(f"{row.precision[one]:.1%}" for one in report.recipes)
        )

    for row in report.rows:
        add(str(row.label), row)
    table.add_section()
    add("all pictures", report.whole)
    add("mean of labels", report.mean_of_labels)
    print_table(table)
    if report.unlabelled or report.without_answer:
        echo(f"{report.unlabelled:,} pictures without a {report.truth}; {report.without_answer:,} with nothing to find")
