"""The other end of a search process: opens the catalog once, then answers searches, one after the other.

It is disposable and holds nothing of its own: no uploads, no token, no clients. Whatever it can't answer, down to a
parameter that makes no sense, it hands back, and the server does it itself: so every error is told in one place.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lookalike.assembly import Catalog
from lookalike.errors import LookalikeError
from lookalike.execution.worker import end_with_parent
from lookalike.jobs.locate_image import OwnFile
from lookalike.jobs.read_query import MakeFingerprints
from lookalike.settings import Settings
from lookalike.web.search_operations import write_page
from lookalike.web.uploads import Uploads

FRAME = struct.Struct("<II")  # the question's number, and how many bytes follow; none in an answer: do it yourself
READY = 0  # the number of no question: the process has opened the catalog


class DecodingNeeded(LookalikeError):
    """A search that can't be answered from the catalog alone."""


class CatalogAlone:
    """What a search needs of the server, where nothing is decoded and nobody uploads."""

    def __init__(self, settings: Settings) -> None:
        self._catalog = Catalog(settings.catalog_path, create=False, settings=settings, resident=True)
        self.uploads = Uploads(1.0, 1, 1)

    @contextlib.contextmanager
    def catalog(self) -> Iterator[Catalog]:
        """The one catalog."""
        yield self._catalog

    def reader(self, own: Callable[[], OwnFile] | None) -> MakeFingerprints:  # noqa: ARG002 - nothing is read
        """Refuses to read anything."""

        def refuse(*_: object) -> Any:
            raise DecodingNeeded("pictures are decoded under the server's limits alone")

        return refuse


def work(descriptor: int, parent_id: int, settings: dict[str, Any]) -> None:
    """Answer the server, process *parent_id*, at the socket *descriptor* until it hangs up."""
    for number in (signal.SIGINT, signal.SIGTERM):  # they reach the whole group; the server decides, and hangs up
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with_parent(parent_id)
    alone = CatalogAlone(Settings(**{**settings, "catalog": Path(os.fsdecode(bytes.fromhex(settings["catalog"])))}))
    with contextlib.suppress(LookalikeError), alone.catalog() as catalog:
        catalog.warm_up()
    gc.collect()
    gc.freeze()  # as the server does
    with socket.socket(fileno=descriptor) as server, contextlib.suppress(ConnectionError):
        server.sendall(FRAME.pack(READY, 0))
        with server.makefile("rb") as questions:
            while len(head := questions.read(FRAME.size)) == FRAME.size:
                number, length = FRAME.unpack(head)
                data = answer(alone, questions.read(length))
                server.sendall(FRAME.pack(number, len(data)) + data)


def answer(alone: CatalogAlone, question: bytes) -> bytes:
    """The page that was asked for as JSON, or nothing where the server must answer."""
    try:
        asked = json.loads(question)
        return write_page(alone, asked["values"], known=asked["known"])
    except Exception:  # noqa: BLE001 - whatever it is, the server asks itself again, and tells
        return b""
