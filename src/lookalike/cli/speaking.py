"""How a command speaks: file names and attributes may hold anything, and a terminal obeys what it is sent.

On a terminal, control characters, marks that turn the reading direction and bytes that are no text are escaped. Into a
pipe or a file names go byte for byte, so that what is read from there opens the file; ``--json`` is exact everywhere.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.table import Table


def echo(text: str, *, err: bool = False) -> None:
    """One line; a line break in *text* is part of a name and is escaped too where a terminal shows it."""
    click.echo(shown(text, err=err), err=err, color=True)  # or click takes what looks like colours out of names


def echo_error(message: str) -> None:
    """``lookalike: `` and *message*, which may have several lines, to stderr."""
    click.echo("\n".join(shown(line, err=True) for line in f"lookalike: {message}".split("\n")), err=True)


def print_table(table: Table) -> None:
    """A table on stdout, drawn first: rich itself would end the program where the reader is gone."""
    from rich.console import Console

    console = Console()
    with console.capture() as drawn:
        console.print(table)
    click.echo(drawn.get(), nl=False)


def print_json(content: Any) -> None:
    """One JSON object on stdout; bytes of names that aren't UTF-8 stay as surrogate escapes, which JSON can hold."""
    click.echo(json.dumps(content, ensure_ascii=True, indent=2))


def shown(text: str, *, err: bool) -> str:
    """*text* as it may go to stderr or stdout."""
    stream = sys.stderr if err else sys.stdout
    if text.isprintable() or stream is None or not stream.isatty():
        return text
    from lookalike.rendering.text import escape_unseen  # rarely needed, and its room loads Pillow

    return escape_unseen(text)
