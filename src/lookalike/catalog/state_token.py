"""Which state of pictures and fingerprints the catalog is in, so that what was made from it knows when it is stale.

The token is drawn anew, at random, in each transaction that may change which codes a search looks at: fingerprints, and
which contents a present file holds. A number that counts would say the same of two states where a catalog was copied,
or set back to an older copy of itself, and then went another way. One token for all recipes, since nearly every run of
the indexer changes the contents that are present, and those belong to every recipe.
"""

from __future__ import annotations

from lookalike.catalog.database import Database
from lookalike.catalog.faults import damaged

TOKEN_BYTES = 16


def state_token(db: Database) -> bytes:
    """16 bytes that no other state of any catalog has.

    Raises:
        CatalogDamaged: the catalog has lost its token.
    """
    token = db.value("SELECT token FROM state")
    if not isinstance(token, bytes) or len(token) != TOKEN_BYTES:
        raise damaged(db.path, f"its state token is {token!r}, {TOKEN_BYTES} bytes were expected")
    return token


def renew_state_token(db: Database) -> None:
    """Say that codes or the presence of contents change in this transaction."""
    db.execute("UPDATE state SET token = randomblob(?)", (TOKEN_BYTES,))
