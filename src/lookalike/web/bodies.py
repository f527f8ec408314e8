"""Reading what a request sends along: so many bytes, within so much time, of the kinds that are taken."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from lookalike.web.operations import Body
from lookalike.web.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import Request

JSON_BYTES = 64 * 1024
FORM_BYTES = 64 * 1024  # what a form may have besides its picture
MOST_PARTS = 8
MOST_HEAD_BYTES = 4096  # of one part
DRAINED = 2  # times the limit that is read off and forgotten: who is still sending doesn't hear why it was refused
PICTURE_TYPES = ("application/octet-stream", "multipart/form-data")


async def read_body(request: Request, kind: Body, max_bytes: int, timeout_s: float) -> Any:
    """A picture's bytes, an object out of JSON, or None where nothing was sent and nothing must be.

    Raises:
        Problem: too much, too slow, of another kind, or none where one is needed.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise Problem("unsupported-media-type", f"content came encoded as {encoding[:40]!r}: send it as it is")
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "none":
        if "content-length" not in request.headers and "transfer-encoding" not in request.headers:
            return None  # without either there is no body (RFC 9112, 6.3), and nothing to wait for
        await read_bytes(request, JSON_BYTES, timeout_s)  # whatever it is, it isn't asked for
        return None
    if kind == "json":
        data = await read_bytes(request, JSON_BYTES, timeout_s)
        return read_json(data, media_type) if data else {}
    form = media_type == "multipart/form-data"
    data = await read_bytes(request, max_bytes + (FORM_BYTES if form else 0), timeout_s)
    if not data and kind == "maybe picture":
        return None
    if not data:
        raise Problem("bad-request", "no picture came: send the file's bytes as the body")
    if media_type and not media_type.startswith("image/") and media_type not in PICTURE_TYPES:
        raise Problem(
            "unsupported-media-type", f"{media_type[:60]!r} came: send a picture as image/… or application/octet-stream"
        )
    return read_form(data, request.headers["content-type"], max_bytes) if form else data


async def read_bytes(request: Request, max_bytes: int, timeout_s: float) -> bytes:
    """All bytes of the body."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > DRAINED * max_bytes:
        raise too_large(max_bytes)
    chunks: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in request.stream():
                length += len(chunk)
                if length > DRAINED * max_bytes:
                    break
                if length > max_bytes:
                    chunks.clear()
                else:
                    chunks.append(chunk)
    except TimeoutError:
        raise Problem("too-slow", f"the body wasn't there within {timeout_s:g} s") from None
    if length > max_bytes:
        raise too_large(max_bytes)
    return b"".join(chunks)


def too_large(max_bytes: int) -> Problem:
    return Problem("too-large", f"more than {max_bytes:,} bytes came, which is the most that is taken here")


def read_json(data: bytes, media_type: str) -> dict[str, Any]:
    """The object that *data* holds."""
    if media_type != "application/json":
        raise Problem("unsupported-media-type", f"{media_type[:60]!r} came: send application/json")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Problem("bad-request", f"the JSON can't be read: {str(error)[:200]}") from error
    if not isinstance(told, dict):
        raise Problem("bad-request", f"the JSON is a {type(told).__name__}: an object is expected")
    return told


def read_form(data: bytes, content_type: str, max_bytes: int) -> bytes:
    """The one file among the parts of a form.

    Raises:
        Problem: the form can't be read, or has no file or several.
    """
    from python_multipart.exceptions import MultipartParseError
    from python_multipart.multipart import MultipartParser, parse_options_header

    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:  # RFC 2046, section 5.1.1
        raise Problem("bad-request", "the form has no boundary of 1 to 70 letters")
    parts = Parts(data)
    try:
        parser = MultipartParser(boundary, parts.callbacks(), max_size=len(data))
        parser.write(data)
        parser.finalize()
    except (MultipartParseError, ValueError) as error:
        raise Problem("bad-request", f"the form can't be read: {str(error)[:200]}") from error
    if len(parts.files) != 1:
        raise Problem("bad-request", f"the form has {len(parts.files)} files: one is expected")
    if len(parts.files[0]) > max_bytes:
        raise too_large(max_bytes)
    if not parts.files[0]:
        raise Problem("bad-request", "the form's file is empty: choose a picture first")
    return parts.files[0]


class Parts:
    """Collects a form's files; heads and parts are counted, so that nobody can send endless ones."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.files: list[bytes] = []
        self._field = self._value = b""
        self._is_file = False
        self._content: list[bytes] = []
        self._count = 0

    def callbacks(self) -> Any:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._end_header,
            "on_part_data": self._on_data,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise ValueError(f"more than {MOST_PARTS} parts")
        self._is_file, self._content = False, []

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field = self._grow(self._field, data[start:end])

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value = self._grow(self._value, data[start:end])

    def _grow(self, held: bytes, more: bytes) -> bytes:
        if len(held) + len(more) > MOST_HEAD_BYTES:
            raise ValueError("a part's head is too long")
        return held + more

    def _end_header(self) -> None:
        if self._field.lower() == b"content-disposition" and b"filename" in self._value.lower():
            self._is_file = True
        self._field = self._value = b""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._content.append(data[start:end])

    def _end(self) -> None:
        if self._is_file:
            self.files.append(b"".join(self._content))
