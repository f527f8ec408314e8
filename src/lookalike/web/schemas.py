"""The answers' shapes as JSON Schema (2020-12), by name. Objects may grow fields; those named are always there."""

from __future__ import annotations

from typing import Any, get_args

from lookalike.model import Transform, Verdict
from lookalike.web.problems import TITLES, TYPE


def record(**fields: Any) -> dict[str, Any]:
    """An object that always has *fields*."""
    return {"type": "object", "required": list(fields), "properties": fields}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def maybe(schema: dict[str, Any]) -> dict[str, Any]:
    """Or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}
SWITCH: dict[str, Any] = {"type": "boolean"}
ANY_OBJECT: dict[str, Any] = {"type": "object"}
LINKS = {"type": "object", "additionalProperties": TEXT}
BITS = {"type": "object", "additionalProperties": WHOLE}
TRANSFORM = {"type": "string", "enum": list(get_args(Transform))}
VERDICT = {"type": ["string", "null"], "enum": [*get_args(Verdict), None]}
FUSION = {"type": "string", "enum": ["sum", "chance", "best"]}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": record(
        type={"type": "string", "enum": [TYPE + word for word in TITLES]},
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
        request_id=TEXT,
    ),
    "Crop": record(x=WHOLE, y=WHOLE, width=WHOLE, height=WHOLE),
    "Region": record(left=NUMBER, top=NUMBER, width=NUMBER, height=NUMBER),
    "Reason": record(
        recipe=TEXT,
        distance=WHOLE,
        width_bits=WHOLE,
        transform=TRANSFORM,
        region=maybe(ref("Region")),
        query_region=maybe(ref("Region")),
        expected=maybe(NUMBER),
        verified=SWITCH,
    ),
    "Match": record(
        id=WHOLE,
        path=TEXT,
        paths=several(TEXT),
        name=TEXT,
        distance=WHOLE,
        distances=BITS,
        score=NUMBER,
        attributes=ANY_OBJECT,
        quality=WHOLE,
        marks=several(TEXT),
        transform=TRANSFORM,
        region=maybe(ref("Region")),
        expected=maybe(NUMBER),
        verdict=VERDICT,
        reasons=several(ref("Reason")),
        width=maybe(WHOLE),
        height=maybe(WHOLE),
        links=LINKS,
    ),
    "SearchResult": record(
        query=TEXT,
        by=several(TEXT),
        engine=TEXT,
        exact=SWITCH,
        recall=maybe(NUMBER),
        quality=WHOLE,
        marks=several(TEXT),
        crop=maybe(ref("Crop")),
        where=maybe(TEXT),
        outdated=WHOLE,
        radius_bits=maybe(WHOLE),
        left_out=WHOLE,
        fusion=FUSION,
        chance={"type": "object", "additionalProperties": TEXT},
        turned=SWITCH,
        matches=several(ref("Match")),
        widths=BITS,
        note=TEXT,
        next=maybe(TEXT),
    ),
    "Alternatives": record(
        attribute=TEXT,
        value=maybe(NUMBER),
        known=SWITCH,
        rows=record(cheaper=several(ref("Match")), similar=several(ref("Match")), dearer=several(ref("Match"))),
    ),
    "Votes": record(k=WHOLE, votes=several(record(attribute=TEXT, value={}, votes=WHOLE, of=WHOLE, share=NUMBER))),
    "Fingerprints": record(
        fingerprints=several(record(recipe=TEXT, hex=TEXT, width_bits=WHOLE, quality=WHOLE, marks=several(TEXT))),
        picture=record(width=WHOLE, height=WHOLE, format=TEXT, frames=WHOLE, notes=several(TEXT)),
    ),
    "Comparison": record(
        first=TEXT,
        second=TEXT,
        distances=BITS,
        rows=several(record(recipe=TEXT, distance=WHOLE, width_bits=WHOLE)),
        notes=several(TEXT),
    ),
    "Image": record(
        id=WHOLE,
        name=TEXT,
        path=TEXT,
        names=several(TEXT),
        paths=several(TEXT),
        width=WHOLE,
        height=WHOLE,
        format=TEXT,
        frames=WHOLE,
        bytes=WHOLE,
        quality=maybe(WHOLE),
        marks=several(TEXT),
        notes=several(TEXT),
        attributes=ANY_OBJECT,
        hash=TEXT,
        links=LINKS,
    ),
    "Images": record(images=several(ref("Image")), next=maybe(TEXT)),
    "Upload": record(
        token=TEXT, width=WHOLE, height=WHOLE, format=TEXT, frames=WHOLE, bytes=WHOLE, expires_s=WHOLE, links=LINKS
    ),
    "Attributes": record(id=WHOLE, attributes=ANY_OBJECT),
    "Health": record(status=TEXT, version=TEXT),
    "Recipes": record(
        recipes=several(
            record(recipe=TEXT, algorithm=TEXT, width_bits=WHOLE, held=WHOLE, outdated=WHOLE, default=SWITCH)
        )
    ),
    "Facets": record(
        total=WHOLE, facets=several(record(name=TEXT, kind={"enum": ["text", "number", "flag"]}, count=WHOLE))
    ),
    "Sample": record(
        seed=WHOLE, images=several(record(id=WHOLE, path=TEXT, name=TEXT, attributes=ANY_OBJECT, links=LINKS))
    ),
    "Job": record(id=TEXT, status=TEXT, progress=ANY_OBJECT, report=maybe(ANY_OBJECT), links=LINKS),
    "OpenApi": ANY_OBJECT,
}
