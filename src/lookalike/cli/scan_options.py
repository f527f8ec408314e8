"""The options of ``lookalike index`` that say what is looked at, and the question that ``--prune`` asks."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lookalike.catalog import PruneCount

OPTIONS = (
    click.option("--hidden", is_flag=True, help="Also look at files and folders whose names begin with a dot."),
    click.option(
        "--include",
        multiple=True,
        metavar="GLOB",
        help="Look only at files that fit, such as '*.jpg'; repeatable.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help="Leave out files and folders that fit, such as 'drafts/' (gitignore's syntax, as in .lookalikeignore "
        "files); repeatable.",
    ),
    click.option("--follow-links", is_flag=True, help="Go where symbolic links lead; loops are found and told."),
)


def scan_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them together as ``rules``, a `ScanRules`."""

    @functools.wraps(command)
    def with_rules(
        *, hidden: bool, include: tuple[str, ...], exclude: tuple[str, ...], follow_links: bool, **others: Any
    ) -> Any:
        from lookalike.jobs.scan_rules import ScanRules

        return command(rules=ScanRules(hidden, follow_links, include, exclude), **others)

    for option in reversed(OPTIONS):
        option(with_rules)
    return with_rules


def ask_before_pruning(count: PruneCount) -> bool:
    """Ask whoever sits at the terminal; no where nobody does."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    question = f"{count.vanished:,} of {count.known:,} known files are gone. Remove what is known of them for good?"
    return click.confirm(question, default=False, err=True)
