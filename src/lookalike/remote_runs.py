"""An indexing run on a server, followed by its events: what `RemoteCatalog.index` does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from lookalike.errors import LookalikeError, ServerError
from lookalike.jobs.index_progress import IndexProgress, IndexReport

LAST_EVENTS = ("done", "stopped", "failed")


def read_events(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(event, data) of a stream of server-sent events; comments, which keep it alive, are passed over.

    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, of which servers here use two fields.
    """
    event = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data":
            told = json.loads(value)
            yield event, told if isinstance(told, dict) else {}


def follow_run(
    events: Iterable[tuple[str, dict[str, Any]]], errors: Mapping[str, type[LookalikeError]]
) -> Iterator[IndexProgress | IndexReport]:
    """The run's progress, its report last.

    Raises:
        LookalikeError: why the run failed, one of *errors* by the problem's word. ServerError: the stream broke off.
    """
    for event, told in events:
        if event == "failed":
            word = str(told.get("type", "")).rpartition(":")[2]
            raise errors.get(word, ServerError)(f"{told.get('detail', 'the run failed')} (the server's run failed)")
        if event in LAST_EVENTS:
            yield as_report(told)
            return
        yield as_progress(told)
    raise ServerError("the server ended the run's events before the run: ask its log; what was indexed is kept")


def as_progress(told: Mapping[str, Any]) -> IndexProgress:
    """Progress as it was before it became JSON."""
    return IndexProgress(**{one.name: told[one.name] for one in fields(IndexProgress) if one.name in told})


def as_report(told: Mapping[str, Any]) -> IndexReport:
    """A report as it was; folders that were kept are told to nobody but the server's log, so there are none here."""
    values = {one.name: told[one.name] for one in fields(IndexReport) if one.name in told}
    return IndexReport(**{**values, "attributes": None, "kept_roots": ()})
