"""The jobs' records as the API's JSON. Paths are told only to whoever sent the token; others get the files' names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from lookalike.catalog import ContentRecord
from lookalike.jobs.sample_pictures import SampledPicture
from lookalike.jobs.search_result import match_as_dict
from lookalike.model import Match
from lookalike.web.questions import Page

THUMBNAIL_WIDTHS = (64, 96, 128, 160, 240, 320, 480, 640, 960, 1280)


def told_path(path: str, *, known: bool) -> str:
    """*path*, or its last part."""
    return path if known else name_of(path)


def name_of(path: str) -> str:
    """The last part of *path*, which is absolute, and of a POSIX system; ``os.path`` takes five times as long."""
    return path[path.rfind("/") + 1 :]


def links_of(image: int) -> dict[str, str]:
    """Where the image is told of and shown, relative to /api/v1/."""
    return {"self": f"images/{image}", "thumbnail": f"images/{image}/thumbnail", "file": f"images/{image}/file"}


def match_shape(match: Match, sizes: Mapping[int, tuple[int, int]], *, known: bool) -> dict[str, Any]:
    """As in ``search --json``, and the name, size and links."""
    width, height = sizes.get(match.id, (None, None))
    return {
        **match_as_dict(match),
        "path": told_path(match.path, known=known),
        "paths": [told_path(path, known=known) for path in match.paths],
        "name": name_of(match.path),
        "width": width,
        "height": height,
        "links": links_of(match.id),
    }


def page_shape(page: Page, *, known: bool) -> dict[str, Any]:
    """As `search --json`, and the next page's cursor."""
    result = page.result
    return {
        **result.facts_as_dict(),
        "query": told_path(result.query, known=known),
        "matches": [match_shape(match, page.sizes, known=known) for match in result.matches],
        "widths": result.widths,
        "note": result.quality_note,
        "next": page.following,
    }


def image_shape(record: ContentRecord, *, known: bool) -> dict[str, Any]:
    """One image of the catalog."""
    return {
        "id": record.id,
        "name": os.path.basename(record.path or ""),
        "path": told_path(record.path or "", known=known),
        "names": [os.path.basename(path) for path in record.paths],
        "paths": [told_path(path, known=known) for path in record.paths],
        "width": record.width,
        "height": record.height,
        "format": record.format,
        "frames": record.frames,
        "bytes": record.bytes,
        "quality": record.quality,
        "marks": list(record.marks),
        "notes": list(record.notes),
        "attributes": record.attributes,
        "hash": record.hash.hex(),
        "links": links_of(record.id),
    }


def sampled_shape(picture: SampledPicture, *, known: bool) -> dict[str, Any]:
    """One picture of a sample."""
    return {
        **picture.as_dict(),
        "path": told_path(picture.path, known=known),
        "name": os.path.basename(picture.path),
        "links": links_of(picture.id),
    }
