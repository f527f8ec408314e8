"""What goes to a server and what comes back, between the library's records and JSON."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from lookalike.images import FileContent, Limits, Source, load_picture, read_bytes
from lookalike.jobs.search_result import SearchResult
from lookalike.model import Crop, Match, Reason, Region


def write_weights(weights: Mapping[str, float] | None) -> str | None:
    """*weights* as a server reads them: ``shape=0.7,colour=0.3``."""
    return None if weights is None else ",".join(f"{name}={weight}" for name, weight in weights.items())


def picture_bytes(source: Source) -> bytes:
    """The bytes of a file; pixels that never were in one are sent as PNG."""
    if isinstance(source, FileContent):
        return source.data
    if isinstance(source, str | os.PathLike):
        return read_bytes(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if hasattr(source, "read") and not hasattr(source, "convert"):
        return bytes(source.read())
    buffer = io.BytesIO()
    load_picture(source, decode="full", limits=Limits()).image.save(buffer, "PNG")
    return buffer.getvalue()


def as_result(told: Mapping[str, Any]) -> SearchResult:
    """The first page of an answer, without its matches."""
    values = known_fields(SearchResult, told)
    values |= {"by": tuple(told["by"]), "marks": tuple(told["marks"]), "matches": ()}
    values["crop"] = None if told["crop"] is None else Crop(**told["crop"])
    return SearchResult(**values)


def as_match(told: Mapping[str, Any]) -> Match:
    """A match as it was before it became JSON; what a newer server tells besides is left out."""
    values = known_fields(Match, told)
    for name in ("paths", "marks"):
        values[name] = tuple(values.get(name, ()))
    values["region"] = as_region(told.get("region"))
    values["reasons"] = tuple(
        Reason(
            **{
                **known_fields(Reason, one),
                "region": as_region(one.get("region")),
                "query_region": as_region(one.get("query_region")),
            }
        )
        for one in told.get("reasons", ())
    )
    return Match(**values)


def as_region(told: Mapping[str, Any] | None) -> Region | None:
    return None if told is None else Region(**known_fields(Region, told))


def known_fields(kind: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    """Those of *told* that *kind* has."""
    return {field.name: told[field.name] for field in fields(kind) if field.name in told}
