"""Adding a picture that was sent: checked in a decoding process, written into the server's folder, then indexed."""

from __future__ import annotations

import os
import re

from blake3 import blake3

from lookalike.catalog import ContentRecord
from lookalike.web.problems import Problem
from lookalike.web.service import Service

ENDINGS = {
    "JPEG": ".jpg",
    "MPO": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "GIF": ".gif",
    "AVIF": ".avif",
    "HEIF": ".heic",
}
PLAIN = re.compile(r"[^A-Za-z0-9_-]+")


def add_image(service: Service, data: bytes, name: str | None) -> ContentRecord:
    """The image as the catalog has it now. What it holds already is not written again.

    Raises:
        Problem: the server has no folder. ImageError: it is no picture that can be used.
    """
    folder = service.web.folder
    if folder is None:
        raise Problem("not-allowed", "this server keeps no pictures: start it with --folder DIR")
    digest = blake3(data).digest()
    facts = service.fingerprints(data, (), None).facts
    with service.writer() as catalog:
        held = catalog.store.has_content(digest)
        if held is None or not catalog.store.content(held).files:
            path = os.path.join(folder, file_name(name, digest, facts.format))
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb") as file:
                file.write(data)
            catalog.index(path)
            held = catalog.store.has_content(digest)
        if held is None:
            raise Problem("internal", "the picture was written and could not be indexed: see lookalike ledger")
        return catalog.store.content(held)


def file_name(name: str | None, digest: bytes, image_format: str) -> str:
    """A plain name of ours: what was asked for, as far as it is letters and digits, and the content's hash."""
    stem = PLAIN.sub("-", os.path.splitext(name or "picture")[0]).strip("-")[:60] or "picture"
    return f"{stem}-{digest.hex()[:16]}{ENDINGS.get(image_format, '')}"
