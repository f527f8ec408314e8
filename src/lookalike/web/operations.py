"""What the API is made of: each operation declared once, for the router and for the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from lookalike.web.parameters import Parameter
from lookalike.web.service import Service

if TYPE_CHECKING:
    from lookalike.web.index_jobs import IndexJobs

Access = Literal["open", "read", "write"]
Body = Literal["none", "picture", "maybe picture", "json"]

_encode = json.JSONEncoder(allow_nan=False).encode  # made once


def as_json(content: Any) -> bytes:
    """*content* as it goes over the wire."""
    return _encode(content).encode()


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read.

    Attributes:
        values: of the parameters. body: a picture's bytes, or what JSON said; None where nothing came.
        known: the token came along, so that paths may be told.
        accept: the header, in lower case. if_none_match: the header.
    """

    service: Service
    jobs: IndexJobs
    values: Mapping[str, Any]
    body: Any = None
    known: bool = False
    accept: str = ""
    if_none_match: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: JSON of *content*, or *data* of the type *media_type*."""

    content: Any = None
    status: int = 200
    data: bytes | None = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One way to ask one address.

    Attributes:
        method, path: below /api/v1, such as ``GET``, ``images/{id}``.
        summary: a sentence. answer: gives the reply; it may block and raise any LookalikeError.
        parameters: what may be passed. body: what must be sent along.
        access: ``open`` to all, ``read`` or ``write``.
        replies: schema name, or media types for bytes, by status; problems come by themselves.
        aside: whether a search process may answer a call, as `write_page` does.
        problems: statuses of the problems that this one has besides those that its shape brings.
    """

    method: str
    path: str
    summary: str
    answer: Callable[[Call], Reply]
    parameters: tuple[Parameter, ...] = ()
    body: Body = "none"
    access: Access = "read"
    replies: Mapping[int, str | tuple[str, ...] | None] = field(default_factory=dict)
    aside: Callable[[Call], bool] | None = None
    problems: tuple[int, ...] = ()

    @property
    def all_problems(self) -> tuple[int, ...]:
        """Every status of a problem that may come."""
        # Any request: parameters, its head, its host, too many, and failures of the server.
        found = {400, 421, 429, 500, 503, *self.problems}
        if self.access != "open":
            found.add(401)
        if self.method != "GET":
            found.add(403)
        if "{" in self.path:
            found.add(404)
        if self.body != "none":
            found |= {408, 413, 415}
        if "picture" in self.body:
            found.add(422)
        return tuple(sorted(found))
