"""Searches so short that handing them to a thread would cost more than answering them at once.

A thread and the event loop take turns at Python's one interpreter; at 200 searches a second, waiting for a turn took
longer than the search. So a search of one fingerprint by id or by hexadecimal text is answered in the event loop where
it is known to be short: a thread has answered such a one in the catalog's present state, so that the index is in memory
and up to date, nothing is decoded, and the last ones took no more than `LONGEST_S`. All others are left to threads.
"""

from __future__ import annotations

import time

from lookalike.web.operations import Call, Operation, Reply
from lookalike.web.service import Service, WouldWait

LONGEST_S = 0.010  # everybody else waits for so long at most
REST_S = 30.0  # how long threads answer after a search that was longer
MOST_KNOWN = 64
PLAIN = ("crop", "where", "radius", "turned", "weights", "cursor", "upload")  # with none of these a search is quick


class QuickAnswers:
    """Knows which searches are short; of one event loop."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._known: dict[str, bytes] = {}  # by recipe: the state in which a thread has answered
        self._slow_until: dict[str, float] = {}

    def answer(self, operation: Operation, call: Call) -> Reply | None:
        """The reply, or None where a thread has to give it.

        Raises:
            LookalikeError: as the operation does.
        """
        recipe = quick_recipe(operation, call)
        if recipe not in self._known or time.monotonic() < self._slow_until.get(recipe, 0.0):
            return None
        if self.service.state_token() != self._known[recipe]:
            return None
        began = time.perf_counter()
        try:
            with self.service.without_waiting():
                return operation.answer(call)
        except WouldWait:
            self.rest(recipe)
            return None
        finally:
            if time.perf_counter() - began > LONGEST_S:
                self.rest(recipe)

    def rest(self, recipe: str) -> None:
        """Leave searches by *recipe* to threads for a while."""
        self._slow_until[recipe] = time.monotonic() + REST_S

    def state_before(self, operation: Operation, call: Call) -> bytes:
        """The catalog's state, to be passed to `answered`; empty for what is never quick."""
        return self.service.state_token() if quick_recipe(operation, call) else b""

    def answered(self, operation: Operation, call: Call, state: bytes) -> None:
        """A thread has answered *call*, which it took up when the catalog was in *state*."""
        recipe = quick_recipe(operation, call)
        if recipe and state == self.service.state_token():
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
                self._slow_until.clear()
            self._known[recipe] = state


def quick_recipe(operation: Operation, call: Call) -> str:
    """The one recipe that decides a search of the short kind; empty for all else that is asked."""
    if (operation.method, operation.path) != ("GET", "search") or any(call.values.get(name) for name in PLAIN):
        return ""
    by = str(call.values.get("by") or "")
    return "" if "," in by else by
