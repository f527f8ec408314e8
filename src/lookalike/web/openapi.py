"""The OpenAPI 3.1 document, made of the declarations that the router reads too: it can't say anything else."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from lookalike import __version__
from lookalike.web.operations import Operation
from lookalike.web.problems import TITLES
from lookalike.web.schemas import SCHEMAS, ref

PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif", "application/octet-stream")
PROBLEM_TYPE = "application/problem+json"


def make_document(operations: Iterable[Operation], *, reads_are_open: bool) -> dict[str, Any]:
    """The whole document, with addresses relative to where it lies."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        told = paths.setdefault(f"/{operation.path}", {})
        told[operation.method.lower()] = describe(operation, reads_are_open=reads_are_open)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lookalike",
            "version": __version__,
            "summary": "Pictures that look alike, on your own machine.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def describe(operation: Operation, *, reads_are_open: bool) -> dict[str, Any]:
    """One operation."""
    name = operation.path.replace("{", "").replace("}", "").replace("/", "_").replace(".", "_")
    told: dict[str, Any] = {
        "operationId": f"{operation.method.lower()}_{name}",
        "summary": operation.summary,
        "parameters": [parameter.describe() for parameter in operation.parameters],
        "responses": {str(status): reply(status, shape) for status, shape in operation.replies.items()},
    }
    for status in operation.all_problems:
        words = ", ".join(word for word, (of, _) in TITLES.items() if of == status)
        told["responses"][str(status)] = {
            "description": f"{HTTPStatus(status).phrase}: {words}",
            "content": {PROBLEM_TYPE: {"schema": ref("Problem")}},
        }
    if operation.body != "none":
        told["requestBody"] = body_of(operation)
    if operation.access == "write" or (operation.access == "read" and not reads_are_open):
        told["security"] = [{"token": []}]
    return told


def body_of(operation: Operation) -> dict[str, Any]:
    """What is sent along."""
    if operation.body == "json":
        return {"required": False, "content": {"application/json": {"schema": {"type": "object"}}}}
    content: dict[str, Any] = {kind: {} for kind in PICTURE_TYPES}
    content["multipart/form-data"] = {
        "schema": {
            "type": "object",
            "properties": {"picture": {"type": "string", "contentMediaType": "image/*"}},
            "required": ["picture"],
        }
    }
    return {"required": operation.body == "picture", "content": content}


def reply(status: int, shape: str | tuple[str, ...] | None) -> dict[str, Any]:
    """One answer."""
    told: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if isinstance(shape, str):
        told["content"] = {"application/json": {"schema": ref(shape)}}
    elif shape is not None:
        told["content"] = {media_type: {} for media_type in shape}
    return told
