"""Small answers that hold as long as the catalog's state does: a server asks for them with every search."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from lookalike.catalog.database import Database
from lookalike.catalog.state_token import state_token

MOST_FACTS = 256
"""Of one state; strangers may ask for any number of recipes."""

Fact = TypeVar("Fact")


class StateFacts:
    """What was found out about the state that the catalog is in; forgotten as soon as it is in another.

    Only what follows from fingerprints and from which contents are present may be kept: nothing else renews the state's
    token. Whoever writes the catalog, of whichever process, renews it in the same transaction.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._token = b""
        self._facts: dict[Hashable, Any] = {}

    def get(self, key: Hashable, ask: Callable[[], Fact]) -> Fact:
        """What *ask* says in the moment that is being read; asked once a state for each *key*."""
        with self._db.reading():  # holds the lock, too
            token = state_token(self._db)
            if token != self._token or len(self._facts) >= MOST_FACTS:
                self._facts.clear()
                self._token = token
            if key not in self._facts:
                self._facts[key] = ask()
            fact: Fact = self._facts[key]
            return fact
