"""Cuts a filter's text into words, and says with a caret where it can't be understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lookalike.errors import WhereError

MAX_CHARACTERS = 16_384
"""Longer filters are refused: SQLite takes at most 32,766 bound values, and three are bound for some comparisons."""

KEYWORDS = frozenset(["and", "or", "not", "in", "like", "contains", "is", "null", "true", "false"])

Kind = Literal["keyword", "name", "number", "text", "symbol", "end"]

# A quoted word ends at the next quote that isn't doubled. A bare name begins with a letter of any script or "_".
PATTERN = re.compile(
    r"""(?P<blank>\s+)
      | (?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\w.])
      | (?P<word>[^\W\d][\w.\-]*)
      | '(?P<text>(?:[^']|'')*)'(?!')
      | "(?P<name>(?:[^"]|"")*)"(?!")
      | (?P<symbol><=|>=|!=|<>|==|[=<>(),])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a filter: its kind, what it says (quotes undone, keywords in lower case), and where it begins."""

    kind: Kind
    said: str
    at: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else repr(self.said)


def where_error(text: str, at: int, problem: str) -> WhereError:
    """The error that shows the line of *text* around position *at* (in characters, from 0) with a caret below."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)].replace("\t", " ").replace("\r", " ")
    column = at - start
    if column > 60:  # keep the caret on a terminal of 80 columns
        line, column = "…" + line[column - 59 :], 60
    shown = line if len(line) <= 76 else line[:75] + "…"
    return WhereError(f"filter, character {at + 1}: {problem}\n  {shown}\n  {' ' * column}^")


def cut(text: str) -> list[Token]:
    """The words of *text*, an ``end`` last.

    Raises:
        WhereError: too long, or a character that begins no word.
    """
    if len(text) > MAX_CHARACTERS:
        raise WhereError(f"a filter of {len(text)} characters came, at most {MAX_CHARACTERS} were expected")
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = PATTERN.match(text, at)
        if found is None:
            raise where_error(text, at, _unreadable(text, at))
        if found.lastgroup != "blank":
            tokens.append(_token(text, found))
        at = found.end()
    return [*tokens, Token("end", "", len(text))]


def _token(text: str, found: re.Match[str]) -> Token:
    at, said = found.start(), found[found.lastgroup or 0]
    if "\0" in said:
        raise where_error(text, at, "a NUL character can't be compared")
    try:
        said.encode()
    except UnicodeEncodeError:
        raise where_error(text, at, "this isn't valid Unicode") from None
    match found.lastgroup:
        case "text":
            return Token("text", said.replace("''", "'"), at)
        case "name":
            return Token("name", said.replace('""', '"'), at)
        case "number":
            return Token("number", said, at)
        case "word":
            return Token("keyword", said.lower(), at) if said.lower() in KEYWORDS else Token("name", said, at)
        case _:
            return Token("symbol", {"==": "=", "<>": "!="}.get(said, said), at)


def _unreadable(text: str, at: int) -> str:
    character = text[at]
    if character in "'\"":
        return f"the quote {character} is never closed"
    if character.isdigit() or character in "+-.":
        return (
            "a number was expected (12, -0.5, 1e3); "
            "text takes 'single quotes', names with odd characters take \"double quotes\""
        )
    return f"{character!r} means nothing here: names, numbers, 'text', ( ) , = != < <= > >= were expected"
