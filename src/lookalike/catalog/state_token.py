"""Which state of pictures and fingerprints the catalog is in, so that what was made from it knows when it is stale.

The token is drawn anew, at random, in each transaction that may change which codes a search looks at: fingerprints, and
which contents a present file holds. A number that counts would say the same of two states where a catalog was copied,
or set back to an older copy of itself, and then went another way. One token for all recipes, since nearly every run of
the indexer changes the contents that are present, and those belong to every recipe.

The catalog remembers its latest states and the contents that each may differ in from the one before, so that what was
made from one of them can be brought up to date instead of being made anew. States that aren't remembered any more, or
are another catalog's, are a gap: then everything must be read.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lookalike.catalog.database import Database
from lookalike.catalog.faults import damaged
from lookalike.model import Ids

TOKEN_BYTES = 16

MOST_STATES = 2048
"""Remembered at once. Whoever looks for one of them compares all: some milliseconds."""

MOST_CHANGED = 100_000
"""Contents told by all remembered states together, 8 bytes each. Reading 100,000 contents by their ids takes as long as
reading a million in one go, so more would be of no use."""


def state_token(db: Database) -> bytes:
    """16 bytes that no other state of any catalog has.

    Raises:
        CatalogDamaged: the catalog has lost its token.
    """
    token = db.steady_value("SELECT token FROM state")
    if not isinstance(token, bytes) or len(token) != TOKEN_BYTES:
        raise damaged(db.path, f"its state token is {token!r}, {TOKEN_BYTES} bytes were expected")
    return token


def renew_state_token(db: Database, changed: Iterable[int | None]) -> None:
    """Say that in this transaction codes of the contents *changed*, or their presence, may change; None is no content.

    Every content that may be concerned must be named: what follows the catalog looks at no other.
    """
    contents = np.array(sorted({content_id for content_id in changed if content_id is not None}), dtype="<i8")
    db.execute("UPDATE state SET token = randomblob(?)", (TOKEN_BYTES,))
    db.execute(
        "INSERT INTO changes (token, contents, changed) SELECT token, ?,"
        " ? + coalesce((SELECT changed FROM changes ORDER BY serial DESC LIMIT 1), 0) FROM state",
        (contents.tobytes() if len(contents) <= MOST_CHANGED else b"", len(contents)),
    )
    # The state itself stays, though not the way to it from the one before, where that was too far.
    db.execute(
        "DELETE FROM changes WHERE serial <= (SELECT max(serial) FROM changes) - ?"
        " OR changed < (SELECT changed FROM changes ORDER BY serial DESC LIMIT 1) - ?",
        (MOST_STATES, MOST_CHANGED),
    )


def remembered_states(db: Database) -> list[bytes]:
    """Tokens of the states from which ``changed_since`` tells the way to now, the latest first."""
    tokens = [token for (token,) in db.rows("SELECT token FROM changes ORDER BY serial DESC")]
    return tokens if tokens[:1] == [state_token(db)] else []


def changed_since(db: Database, token: bytes) -> Ids | None:
    """int64 (n,): the contents, ascending, that may differ from the state *token*; None where that isn't remembered."""
    if token not in remembered_states(db):
        return None
    rows = db.rows(
        "SELECT contents FROM changes WHERE serial > (SELECT max(serial) FROM changes WHERE token = ?)", (token,)
    )
    return np.unique(np.frombuffer(b"".join(contents for (contents,) in rows), dtype="<i8").astype(np.int64))
