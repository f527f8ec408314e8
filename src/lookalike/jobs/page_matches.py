"""A search's answer in pages: where the last one ended, the next one goes on, whatever was indexed meanwhile."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from lookalike.errors import SearchError
from lookalike.jobs.search_result import SearchResult
from lookalike.model import Match

MOST_PAGED = 10_000  # matches that can be paged through: beyond them nothing looks alike, and each page costs more


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last match of a page: how many came up to it, its score and its id."""

    seen: int
    score: float
    id: int

    def __str__(self) -> str:
        packed = json.dumps([self.seen, self.score, self.id]).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The cursor whose text is *text*.

        Raises:
            SearchError: it is none.
        """
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            seen, score, id_ = json.loads(packed)
            cursor = cls(int(seen), float(score), int(id_))
        except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise SearchError("the cursor can't be understood: pass on the one that the page before gave") from error
        if not (0 <= cursor.seen <= MOST_PAGED and 0 <= cursor.score < 1e12 and 0 <= cursor.id < 2**63):
            raise SearchError("the cursor is none that was ever given: pass on the one that the page before gave")
        return cursor

    def is_before(self, match: Match) -> bool:
        """Whether *match* comes after the page's last one."""
        return (match.score, match.id) > (self.score, self.id)


def page_matches(
    find: Callable[[int], SearchResult], k: int, *, cursor: str | None = None
) -> tuple[SearchResult, str | None]:
    """*k* matches from *cursor* on, and the cursor of the next page, None at the end.

    Args:
        find: searches for so many.
        k: of a page.
        cursor: what the page before gave; None for the first.

    Raises:
        SearchError: the cursor can't be understood, or more than ``MOST_PAGED`` were seen.
    """
    last = Cursor.parse(cursor) if cursor else None
    seen = last.seen if last else 0
    if seen + k > MOST_PAGED:
        raise SearchError(
            f"{seen} matches were seen; at most {MOST_PAGED} can be: narrow the search by where or radius"
        )
    wanted = seen + k + 1
    while True:
        result = find(wanted)
        rest = after(list(result.matches), last)
        if len(rest) > k or len(result.matches) < wanted:
            break
        wanted = 2 * wanted  # so much came in meanwhile, before the cursor
    page = rest[:k]
    following = None
    if len(rest) > k and seen + k < MOST_PAGED:
        following = str(Cursor(seen + k, page[-1].score, page[-1].id))
    return replace(result, matches=tuple(page)), following


def after(matches: list[Match], last: Cursor | None) -> list[Match]:
    """Those of *matches* that come after *last*: behind it where it is still there, otherwise by score and id."""
    if last is None:
        return matches
    for place, match in enumerate(matches):
        if match.id == last.id:
            return matches[place + 1 :]
    return [match for match in matches if last.is_before(match)]
