"""Write what was drawn: beside its place first, then renamed, so that nobody ever reads half a file."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import stat
from typing import TYPE_CHECKING

from lookalike.errors import RenderingError

if TYPE_CHECKING:
    from PIL import Image

AnyPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]


def save_sheet(image: Image.Image, path: AnyPath) -> None:
    """Write *image* as a PNG file to *path*, whole or not at all.

    Raises:
        RenderingError: the name doesn't end in ``.png``, or the file can't be written there.
    """
    if not os.fsencode(path).lower().endswith(b".png"):
        raise RenderingError(f"a sheet is saved as PNG: give a name that ends in .png, not {os.fsdecode(path)!r}")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    write_whole(path, buffer.getvalue())


def save_report(html: str, path: AnyPath) -> None:
    """Write a report as UTF-8 to *path*, whole or not at all.

    Raises:
        RenderingError: the file can't be written there.
    """
    write_whole(path, html.encode("utf-8"))


def write_whole(path: AnyPath, content: bytes) -> None:
    """Write *content* beside *path* and rename it there; what was there before stays until the last moment."""
    target = os.path.realpath(os.fsencode(path))  # a link keeps pointing at the file that it names
    beside = os.path.join(os.path.dirname(target), f".lookalike-{secrets.token_hex(8)}.part".encode("ascii"))
    try:
        _refuse_special(target)
        with open(beside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise RenderingError(
            f"{os.fsdecode(path)!r} can't be written: {error.strerror}; "
            "name a file in a folder that exists and is writable"
        ) from error


def _refuse_special(target: bytes) -> None:
    """A rename would put a file in place of a device or pipe such as /dev/stdout."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(target).st_mode):
            raise RenderingError(f"{os.fsdecode(target)!r} is not a regular file: name a file to write")
