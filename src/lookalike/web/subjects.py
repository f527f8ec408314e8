"""Which picture a question is about, as the web names it."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.jobs.read_pictures import PictureFacts


@dataclass(frozen=True, slots=True)
class Subject:
    """One picture: exactly one of *id* (of the catalog), *upload* (a token), *data* (bytes that came along) or *hex*
    (a fingerprint of the one recipe asked by).
    """

    id: int | None = None
    upload: str | None = None
    data: bytes | None = None
    hex: str | None = None


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """Size of the picture asked, upright; None of a fingerprint alone."""

    width: int
    height: int

    @classmethod
    def of(cls, facts: PictureFacts) -> SubjectFacts:
        return cls(facts.width, facts.height)
