"""Writes the parts of docs/ that follow from the code; a test fails where they are stale.

python docs/generate.py
"""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from lookalike.cli.main import COMMANDS, lookalike
from lookalike.fingerprints import ALGORITHMS, parse_recipe
from lookalike.images.format_table import FORMAT_ROWS, REFUSED_ROWS
from lookalike.search.registry import ENGINES, load_engine
from lookalike.web.api import OPERATIONS

DOCS = Path(__file__).parent
WIDTH = 100


def write_commands() -> str:
    """Every command's help text."""
    chapters = ["# Commands\n\nGenerated from the code by `make docs`.\n"]
    for name in (None, *COMMANDS):
        path = ["lookalike"] if name is None else ["lookalike", name]
        with click.Context(lookalike, info_name="lookalike", max_content_width=WIDTH, terminal_width=WIDTH) as parent:
            if name is None:
                text = lookalike.get_help(parent)
            else:
                command = lookalike.get_command(parent, name)
                with click.Context(
                    command, info_name=name, parent=parent, max_content_width=WIDTH, terminal_width=WIDTH
                ) as context:
                    text = command.get_help(context)
        chapters.append(f"## {' '.join(path)}\n\n```text\n{text}\n```\n")
    return "\n".join(chapters)


def first_sentence(docstring: str | None) -> str:
    """The first paragraph, on one line."""
    return " ".join((docstring or "").strip().split("\n\n")[0].split())


def write_registries() -> str:
    """The tables of fingerprints and engines."""
    lines = ["# Fingerprints and engines\n", "Generated from the code by `make docs`.\n", "## Fingerprints\n"]
    lines += ["| recipe | bits | what it is |", "|---|---|---|"]
    for name, target in ALGORITHMS.items():
        module = importlib.import_module(target.partition(":")[0])
        lines.append(f"| `{name}` | {parse_recipe(name).width_bits} | {first_sentence(module.__doc__)} |")
    lines += ["", "## Engines\n", "| name | answers | what it is |", "|---|---|---|"]
    for name in ENGINES:
        engine = load_engine(name)
        lines.append(f"| `{name}` | {'exact' if engine.exact else 'approximate'} | {first_sentence(engine.__doc__)} |")
    return "\n".join(lines) + "\n"


def write_formats() -> str:
    """The page of formats with its two tables as the code has them; the words around them are the page's own."""
    opened = [
        "| format | what | read by | licence | extra | of several pictures | notes |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in FORMAT_ROWS:
        extra = f"`lookalike[{row.extra}]`" if row.extra else ""
        cells = (f"`{row.format}`", row.what, row.reader, row.licence, extra, row.frames, row.notes)
        opened.append(f"| {' | '.join(cells)} |")
    refused = ["| what | why |", "|---|---|", *(f"| {what} | {why} |" for what, why in REFUSED_ROWS)]
    page = (DOCS / "formats.md").read_text(encoding="utf-8")
    for name, lines in (("opened", opened), ("refused", refused)):
        start = page.index("-->\n", page.index(f"<!-- {name}:")) + len("-->\n")
        page = page[:start] + "\n".join(lines) + "\n" + page[page.index("<!-- end -->", start) :]
    return page


def write_api() -> str:
    """The page of the API with its table of operations as the server has them."""
    lines = ["| ask | for | with | token |", "|---|---|---|---|"]
    for one in OPERATIONS:
        names = [parameter.name for parameter in one.parameters if parameter.place == "query"]
        sent = {"picture": ["a picture"], "maybe picture": ["or a picture"], "json": ["JSON"]}.get(one.body, [])
        token = {"open": "never"}.get(one.access, one.access)
        lines.append(f"| `{one.method} {one.path}` | {one.summary} | {', '.join([*names, *sent])} | {token} |")
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    start = page.index("-->\n", page.index("<!-- operations:")) + len("-->\n")
    return page[:start] + "\n".join(lines) + "\n" + page[page.index("<!-- end -->", start) :]


GENERATED = {
    "commands.md": write_commands,
    "registries.md": write_registries,
    "formats.md": write_formats,
    "api.md": write_api,
}

if __name__ == "__main__":
    for file, write in GENERATED.items():
        (DOCS / file).write_text(write(), encoding="utf-8")
