"""Options that several commands share, and how a command opens what it needs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lookalike.cli.speaking import echo
from lookalike.settings import Settings

if TYPE_CHECKING:
    from lookalike.assembly import Catalog

Command = TypeVar("Command", bound=Callable[..., Any])


class GivenPath(click.Path):
    """A path that says something: an empty one, such as of a variable that isn't set, would be the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if os.fspath(value) in {"", b""}:
            self.fail("is empty; give a path, or '.' for the current folder", param, ctx)
        return super().convert(value, param, ctx)


catalog_option = click.option(
    "--catalog",
    type=GivenPath(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The catalog file. [default: $LOOKALIKE_CATALOG, else one a user in the platform's data folder]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
open_option = click.option("--open", "open_it", is_flag=True, help="Show what was drawn with the system's viewer.")
sheet_option = click.option(
    "--sheet", type=GivenPath(dir_okay=False, path_type=Path), metavar="PNG", help="Draw a contact sheet."
)


def open_catalog(path: Path | None, *, create: bool = False, **flags: Any) -> Catalog:
    """The catalog that the flags, the environment or the platform name."""
    from lookalike.assembly import Catalog

    settings = Settings.from_environment().override(catalog=path, **flags)
    return Catalog(settings.catalog_path, create=create, settings=settings)


def show(path: Path) -> None:
    """Open *path* with the system's viewer."""
    if click.launch(str(path.absolute())) != 0:
        echo(f"No viewer found; the file is {path}", err=True)
