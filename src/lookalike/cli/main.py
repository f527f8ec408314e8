"""The command line: one file a command, loaded when it is called, so that ``--help`` needs no image library."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from lookalike import __version__
from lookalike.cli.speaking import echo_error
from lookalike.errors import (
    CatalogError,
    CatalogNotFound,
    ImageError,
    ImageUnreadable,
    LookalikeError,
    NotInCatalog,
    UnsupportedFormat,
)

COMMANDS = {
    "index": "Fingerprint the pictures of folders into the catalog.",
    "search": "Find the pictures that look like one picture.",
    "compare": "Show every fingerprint's distance between two pictures, and what it is worth.",
    "explain": "Show why two pictures match: which bits differ, and what that is worth.",
    "ledger": "Show what happened to every path, and why.",
    "sample": "Pick random pictures from the catalog, and draw them on a sheet.",
    "evaluate": "Measure how well pictures are found again, on your own ones.",
    "engines": "List the search engines, or measure them on the catalog.",
    "serve": "Serve the web page and the REST API.",
    "doctor": "Check versions, extras, the kernel and the catalog.",
    "demo": "Draw a shop of handbags, index it and look at it every way.",
}

DONE, DONE_WITH_FAILURES, WRONG_USE, NOT_FOUND, BAD_CATALOG = range(5)
INTERRUPTED = 130  # as shells report a program that SIGINT ended
READER_GONE = 141  # as they report one that SIGPIPE ended


class ReaderGone(Exception):
    """Whoever read what was written, such as `head`, has seen enough. click would exit with 1 by itself."""


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

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with telling_that_the_reader_is_gone():  # --help and --version are written while the words are read
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with telling_that_the_reader_is_gone():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 a picture failed, 2 wrong use, 3 not found, 4 damaged or locked catalog.",
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
        code = run()
    except (ReaderGone, BrokenPipeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for number in (1, 2):  # stdout and stderr: nothing may be flushed to the reader at exit
            os.dup2(nowhere, number)
        code = READER_GONE
    sys.exit(code)


def run() -> int:
    """The exit code of the command that was called."""
    try:
        code = lookalike.main(standalone_mode=False)
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        with telling_if_anybody_listens():
            error.show(sys.stderr)
        return WRONG_USE
    except LookalikeError as error:
        with telling_if_anybody_listens():
            echo_error(str(error))
        return exit_code(error)
    except BrokenPipeError:
        raise
    except OSError as error:  # the disk is full, a folder can't be made, ...
        with telling_if_anybody_listens():
            echo_error(str(error))
        return WRONG_USE
    return code if isinstance(code, int) else DONE


@contextlib.contextmanager
def telling_if_anybody_listens() -> Iterator[None]:
    """What a command ended with is told by its exit code too, which must not hang on whether stderr can be written; a
    reader that is gone is another matter.
    """
    if sys.stderr is None:  # it was closed before the program began; click would write to stdout
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - lives as long as the program
    try:
        yield
        sys.stderr.flush()
    except BrokenPipeError:
        raise
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)  # or the flush at exit would fail once more


@contextlib.contextmanager
def telling_that_the_reader_is_gone() -> Iterator[None]:
    """Turn BrokenPipeError into what click lets through."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error


def exit_code(error: LookalikeError) -> int:
    """The documented exit code for *error*.

    A picture that can't be used ends as it would in the ledger: one that failed is 1, as after an indexing run with
    failures; what is no picture at all, which the ledger skips, is wrong use.
    """
    if isinstance(error, CatalogNotFound | NotInCatalog | ImageUnreadable):
        return NOT_FOUND
    if isinstance(error, CatalogError):
        return BAD_CATALOG
    if isinstance(error, ImageError) and not isinstance(error, UnsupportedFormat):
        return DONE_WITH_FAILURES
    return WRONG_USE
