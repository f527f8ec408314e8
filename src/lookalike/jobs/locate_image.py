"""From an image's id to a file that may be shown: one of the catalog's, really inside a folder that was indexed."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from blake3 import blake3

from lookalike.catalog import ContentRecord, Store
from lookalike.errors import ImageChanging, ImageGone, NotInCatalog
from lookalike.images import Limits, read_bytes


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file of the catalog, and the BLAKE3 digest that its bytes must have."""

    path: str
    digest: bytes


def locate_image(store: Store, content_id: int) -> tuple[ContentRecord, OwnFile]:
    """The content and a file that holds it. Whoever reads the file must check the digest, as
    `read_image` does: it may change meanwhile.

    Raises:
        NotInCatalog: no such image. ImageGone: none of its files is there, inside an indexed folder.
    """
    with store.reading():
        record = store.content(content_id)
        roots = [os.path.realpath(root) for root in store.roots()]
    if not record.files:
        raise NotInCatalog(f"image {content_id} is in no folder any more")
    for file in record.files:
        real = os.path.realpath(file.path)
        if any(is_inside(real, root) for root in roots) and is_regular(real):
            return record, OwnFile(os.fsdecode(real), record.hash)
    raise ImageGone(f"no file of image {content_id} can be read inside the folders that were indexed: index them again")


def read_image(own: OwnFile, limits: Limits) -> bytes:
    """The bytes of *own*.

    Raises:
        ImageChanging: they aren't those that were indexed. ImageError: they can't be read.
    """
    data = read_bytes(own.path, limits)
    if blake3(data).digest() != own.digest:
        raise ImageChanging("the file is not what was indexed: index its folder again")
    return data


def is_inside(path: bytes, root: bytes) -> bool:
    """Whether *path* is *root* or below it; both are real paths."""
    return path == root or path.startswith(root.rstrip(b"/") + b"/")


def is_regular(path: bytes) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False
