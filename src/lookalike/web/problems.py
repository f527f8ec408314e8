"""What went wrong, as the web says it: ``application/problem+json`` (RFC 9457) with a stable word for each kind."""

from __future__ import annotations

from typing import Any

from lookalike.errors import (
    AttributesError,
    CatalogError,
    CropError,
    ExecutionError,
    FingerprintError,
    ImageError,
    ImageUnreadable,
    LookalikeError,
    MissingExtra,
    NotInCatalog,
    RecipeError,
    SearchError,
    TooManyBytes,
    UnsupportedFormat,
    WhereError,
)

TITLES = {
    "bad-parameter": (400, "A parameter can't be understood"),
    "bad-where": (400, "The filter can't be understood"),
    "bad-recipe": (400, "The recipe or fingerprint can't be understood"),
    "bad-crop": (400, "The crop is no rectangle inside the picture"),
    "bad-request": (400, "The request can't be understood"),
    "token-needed": (401, "A token is needed"),
    "forbidden-origin": (403, "Pages of other origins may not ask this"),
    "not-allowed": (403, "This server is set up not to do that"),
    "not-found": (404, "There is no such thing here"),
    "method-not-allowed": (405, "This address can't be asked that way"),
    "too-slow": (408, "The request took too long to arrive"),
    "conflict": (409, "Something else is under way"),
    "upload-gone": (410, "The uploaded picture was forgotten"),
    "too-large": (413, "More bytes than are taken here"),
    "unsupported-media-type": (415, "Not a kind of content that is taken here"),
    "host-not-allowed": (421, "The server isn't called by this name"),
    "unusable-picture": (422, "The picture can't be used"),
    "too-many-requests": (429, "Too many requests"),
    "internal": (500, "The server failed"),
    "busy": (503, "The server is busy"),
    "catalog-unavailable": (503, "The catalog can't be read"),
}
"""Each kind's word, status and title; clients may rely on the word, which is the end of ``type``."""

TYPE = "urn:lookalike:problem:"
RETRY_S = 2


class Problem(LookalikeError):
    """An answer that says what went wrong: *word* is one of ``TITLES``, *detail* what came and what to do."""

    def __init__(self, word: str, detail: str, *, reason: str | None = None, retry_s: int | None = None) -> None:
        super().__init__(detail)
        self.word = word
        self.detail = detail
        self.reason = reason
        self.retry_s = retry_s if retry_s is not None or self.status not in {429, 503} else RETRY_S

    @property
    def status(self) -> int:
        return TITLES[self.word][0]

    @property
    def headers(self) -> dict[str, str]:
        """What goes with it in the answer's head."""
        headers = {} if self.retry_s is None else {"Retry-After": str(self.retry_s)}
        return {**headers, "WWW-Authenticate": 'Bearer realm="lookalike"'} if self.status == 401 else headers

    def as_dict(self, request_id: str) -> dict[str, Any]:
        """The documented JSON shape."""
        told = {
            "type": TYPE + self.word,
            "title": TITLES[self.word][1],
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }
        return told if self.reason is None else {**told, "reason": self.reason}


OWN_WORDS: tuple[tuple[tuple[type[LookalikeError], ...], str], ...] = (
    ((CropError,), "bad-crop"),
    ((WhereError,), "bad-where"),
    ((RecipeError, FingerprintError), "bad-recipe"),
    ((SearchError, AttributesError, MissingExtra), "bad-parameter"),
    ((TooManyBytes,), "too-large"),
)
"""Errors whose message names nothing but what the client sent."""

NEUTRAL: tuple[tuple[type[LookalikeError], str, str], ...] = (
    (NotInCatalog, "not-found", "the catalog holds no such image or fingerprint: see images, and recipes"),
    (ImageUnreadable, "not-found", "the image's file isn't there as it was indexed: its folder must be indexed again"),
    (ExecutionError, "busy", "no decoding process is free or can be started: try again"),
    (CatalogError, "catalog-unavailable", "the catalog can't be read at the moment: the server's log says why"),
)
"""Errors whose message may name a path on this machine, and what is said instead."""


def as_problem(error: LookalikeError) -> Problem:
    """*error* as a problem. What may name a path on this machine is said without it."""
    if isinstance(error, Problem):
        return error
    for kinds, word in OWN_WORDS:
        if isinstance(error, kinds):
            return Problem(word, str(error))
    for kind, word, detail in NEUTRAL:
        if isinstance(error, kind):
            return Problem(word, detail)
    if isinstance(error, ImageError):
        word = "unsupported-media-type" if isinstance(error, UnsupportedFormat) else "unusable-picture"
        return Problem(word, str(error), reason=error.reason)
    return Problem("bad-request", str(error))
