"""The command line: one file a command, loaded when it is called, so that ``--help`` needs no image library."""

from __future__ import annotations

import importlib
import io
import os
import sys

import click

from lookalike import __version__
from lookalike.errors import (
    CatalogError,
    CatalogNotFound,
    ImageUnreadable,
    LookalikeError,
    NotInCatalog,
)

COMMANDS = {
    "index": "Fingerprint the pictures of folders into the catalog.",
    "search": "Find the pictures that look like one picture.",
    "compare": "Show every fingerprint's distance between two pictures.",
    "sample": "Pick random pictures from the catalog, and draw them on a sheet.",
    "engines": "List the search engines, or measure them on the catalog.",
    "doctor": "Check versions, extras, the kernel and the catalog.",
    "demo": "Draw a shop of handbags, index it and look at it every way.",
}

DONE, DONE_WITH_FAILURES, WRONG_USE, NOT_FOUND, BAD_CATALOG = range(5)
INTERRUPTED = 130  # as shells report a program that SIGINT ended


class LazyGroup(click.Group):
    """Knows each command's name and one line about it; loads the rest on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"lookalike.cli.{cmd_name}_command").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 done with failures, 2 wrong use, 3 not found, 4 damaged or locked catalog.",
)
@click.version_option(__version__, "-V", "--version", package_name="lookalike", message="%(prog)s %(version)s")
def lookalike() -> None:
    """Find pictures that look alike, on your own machine."""


def main() -> None:
    """Run a command and translate what it raises into a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")  # names of files that aren't UTF-8 come out as they are
    try:
        code = lookalike.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_USE)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough; nothing may be flushed to it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except LookalikeError as error:
        click.echo(f"lookalike: {error}", err=True)
        sys.exit(exit_code(error))
    except OSError as error:  # the disk is full, a folder can't be made, ...
        click.echo(f"lookalike: {error}", err=True)
        sys.exit(WRONG_USE)
    sys.exit(code if isinstance(code, int) else DONE)


def exit_code(error: LookalikeError) -> int:
    """The documented exit code for *error*."""
    if isinstance(error, CatalogNotFound | NotInCatalog | ImageUnreadable):
        return NOT_FOUND
    if isinstance(error, CatalogError):
        return BAD_CATALOG
    return WRONG_USE
