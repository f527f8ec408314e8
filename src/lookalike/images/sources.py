"""From whatever a caller hands over to the bytes of a file, or to pixels that never were in one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from lookalike.errors import ImageUnreadable, UnsupportedFormat
from lookalike.images.formats import FORMATS, sniff_format
from lookalike.images.limits import DEFAULT_LIMITS, Limits

HEAD_BYTES = 4096  # one page; every format tells itself within the first 1,024 bytes (formats.py)
AT_ONCE_BYTES = 1 << 20  # read before it is known to be a picture: 0.1 ms
JPEG_START = b"\xff\xd8\xff"
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@runtime_checkable
class BinaryFile(Protocol):
    """An open binary file, or anything that is read like one."""

    def read(self, size: int = ..., /) -> bytes: ...


AnyPath = str | os.PathLike[str] | os.PathLike[bytes]


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of an image file, and what to call it in messages."""

    data: bytes
    label: str


Source = AnyPath | bytes | bytearray | memoryview | BinaryFile | Image.Image | NDArray[Any] | FileContent


@dataclass(frozen=True, slots=True)
class LoosePixels:
    """Pixels that came without a file; ``format`` is ``array``, or ``image`` where the caller still owns them."""

    image: Image.Image
    format: str
    label: str


def read_bytes(path: AnyPath | bytes, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Read a whole image file; *path* may be raw bytes, as the system stores it.

    Only regular files are read, so that a named pipe or a device can't hang the caller.

    Raises:
        ImageUnreadable: missing, no permission, a folder, pipe or device, or an error of the disk.
        UnsupportedFormat: it begins like nothing that is opened. CutOff: it is empty.
        TooManyBytes: larger than ``limits.max_bytes``.
    """
    return read_file(path, limits)[0]


def read_file(path: AnyPath | bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[bytes, os.stat_result]:
    """As ``read_bytes``, and what the open file's stat was before its first byte was read.

    Raises:
        ImageUnreadable, UnsupportedFormat, CutOff, TooManyBytes: as ``read_bytes``.
    """
    try:
        # Opening a pipe for reading waits for a writer unless O_NONBLOCK is set; on regular files it changes nothing.
        handle = os.open(path, _OPEN_FLAGS)
    except (OSError, ValueError) as error:  # ValueError: the path holds a NUL character
        raise _unreadable(error, name_path(path)) from error
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise ImageUnreadable(f"{name_path(path)} is {_kind_of(status.st_mode)}, a regular file was expected")
        # A film of many gigabytes is told by its beginning, unread; what is small is read at once.
        small = status.st_size <= AT_ONCE_BYTES
        data = os.read(handle, max(HEAD_BYTES, status.st_size + 1) if small else HEAD_BYTES)
        if not data.startswith(JPEG_START):  # the commonest needn't be asked twice
            sniff_format(data[:HEAD_BYTES], name_path(path))
        if status.st_size > limits.max_bytes:
            limits.check_bytes(status.st_size, name_path(path))
        if len(data) != status.st_size:
            # One byte above the limit tells a file that grows from one that fits.
            left = limits.max_bytes + 1 - len(data)
            data += _read_up_to(partial(os.read, handle), left, max(1, status.st_size + 1 - len(data)))
    except OSError as error:
        raise _unreadable(error, name_path(path)) from error
    finally:
        os.close(handle)
    if len(data) > limits.max_bytes:
        limits.check_bytes(len(data), name_path(path))
    return data, status


def open_source(source: Source, limits: Limits) -> FileContent | LoosePixels:
    """Read *source* as far as its bytes; the caller's image, array or file position stays as it was.

    Raises:
        ImageUnreadable, TooManyBytes: as ``read_bytes``.
        UnsupportedFormat: an object of no kind that can hold an image, or an array of an odd shape or type.
    """
    if isinstance(source, FileContent):
        limits.check_bytes(len(source.data), source.label)
        return source
    if isinstance(source, (str, os.PathLike)):
        return FileContent(read_bytes(source, limits), name_path(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        size = source.nbytes if isinstance(source, memoryview) else len(source)
        limits.check_bytes(size, "the image given as bytes")
        return FileContent(bytes(source), "the image given as bytes")
    if isinstance(source, Image.Image):
        return _open_pil_image(source, limits)
    if isinstance(source, np.ndarray):
        return _open_array(source, limits)
    if isinstance(source, BinaryFile):
        label = "the image given as a file object"
        return FileContent(_read_file_object(source, label, limits), label)
    raise UnsupportedFormat(
        f"an object of type {type(source).__name__} came; expected is a path (str or PathLike), the bytes of a file, "
        "a binary file object, a PIL image or a numpy array"
    )


def name_path(path: AnyPath | bytes) -> str:
    """*path* for a message: quoted, with what is not text escaped."""
    return repr(os.fsencode(path).decode("utf-8", "backslashreplace"))


def _read_up_to(read: Callable[[int], Any], max_size: int, first_size: int) -> bytes:
    chunks: list[bytes] = []
    left = max_size
    ask = first_size
    while left > 0:
        chunk = read(min(ask, left))
        if not chunk:
            break
        if not isinstance(chunk, bytes):
            raise TypeError(f"read() gave {type(chunk).__name__}")
        chunks.append(chunk)
        left -= len(chunk)
        ask = 1 << 20
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _read_file_object(file: BinaryFile, label: str, limits: Limits) -> bytes:
    """All of a file object's content, from its beginning where it can seek, as Pillow does."""
    stream: Any = file
    try:
        says = getattr(file, "seekable", None)
        seekable = bool(says()) if callable(says) else hasattr(file, "seek") and hasattr(file, "tell")
        position = stream.tell() if seekable else 0
        if seekable:
            stream.seek(0)
        try:
            data = _read_up_to(stream.read, limits.max_bytes + 1, 1 << 20)
        finally:
            if seekable:
                stream.seek(position)
    except (OSError, ValueError) as error:  # ValueError: the file is closed
        raise _unreadable(error, label) from error
    except TypeError as error:
        raise ImageUnreadable(f"{label} gives no bytes ({error}); open it in binary mode ('rb')") from error
    limits.check_bytes(len(data), label)
    return data


def _open_pil_image(image: Image.Image, limits: Limits) -> FileContent | LoosePixels:
    label = "the PIL image given"
    file = _find_untouched_file(image)
    if file is not None:
        return FileContent(_read_file_object(file, label, limits), label)
    limits.check_pixels(image.width, image.height, label)
    return LoosePixels(image, "image", label)


def _find_untouched_file(image: Image.Image) -> BinaryFile | None:
    """The file behind a PIL image of which nothing was decoded or chosen since it was opened.

    Reading it again gives a JPEG the same reduced decode as its path would.
    """
    if not isinstance(image, ImageFile.ImageFile) or image.fp is None or getattr(image.fp, "closed", False):
        return None
    untouched = image.format in FORMATS and image.tell() == 0 and not image.decoderconfig
    return image.fp if untouched else None


def _open_array(array: NDArray[Any], limits: Limits) -> LoosePixels:
    label = "the array given"
    shape, kind = array.shape, array.dtype
    plane = len(shape) == 2
    coloured = len(shape) == 3 and shape[2] in (3, 4)
    fits = (kind == np.uint8 and (plane or coloured)) or (plane and (kind.kind, kind.itemsize) in {("u", 2), ("b", 1)})
    if not fits or 0 in shape:
        raise UnsupportedFormat(
            f"an array of {kind} with shape {shape} came; expected is uint8 of shape (height, width), "
            "(height, width, 3) as RGB or (height, width, 4) as RGBA, or uint16 or bool of shape (height, width)"
        )
    height, width = shape[:2]
    limits.check_pixels(width, height, label)
    if kind == np.bool_:
        array = array.astype(np.uint8) * np.uint8(255)
    mode = "I;16" if kind.itemsize == 2 else "L" if plane else "RGB" if shape[2] == 3 else "RGBA"
    little = array.astype("<u2") if mode == "I;16" else array
    return LoosePixels(Image.frombytes(mode, (width, height), np.ascontiguousarray(little).tobytes()), "array", label)


def _unreadable(error: Exception, label: str) -> ImageUnreadable:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    advice = (
        "; check its permissions" if isinstance(error, OSError) and error.errno in {errno.EACCES, errno.EPERM} else ""
    )
    return ImageUnreadable(f"{label} can't be read: {said}{advice}")


def _kind_of(mode: int) -> str:
    for is_kind, kind in ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket")):
        if is_kind(mode):
            return kind
    return "a device"
