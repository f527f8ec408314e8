"""HTTP on one socket, with the deadlines and caps that uvicorn leaves to a proxy: few may hold a socket for nothing.

uvicorn (0.54) closes an idle connection after a while, but lets a head that comes a byte at a time take for ever,
and an answer that nobody takes wait for ever.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from lookalike.web.settings import WebSettings

LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class GuardedProtocol(H11Protocol):
    """One connection; those of one server are counted together."""

    web: WebSettings
    clients: Counter[str]
    head_timer: asyncio.TimerHandle | None = None
    write_timer: asyncio.TimerHandle | None = None
    counted = ""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        client = self.client[0] if self.client else "local"
        if (
            self.clients.total() >= self.web.max_connections
            or self.clients[client] >= self.web.max_connections_per_client
        ):
            transport.abort()
            return
        self.counted = client
        self.clients[client] += 1
        self.head_timer = self.loop.call_later(self.web.header_s, self.end_late_head)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self.head_timer, self.write_timer):
            if timer is not None:
                timer.cancel()
        if self.counted:
            self.clients[self.counted] -= 1
            if not self.clients[self.counted]:
                del self.clients[self.counted]
            self.counted = ""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.is_answering():
            if self.head_timer is not None:
                self.head_timer.cancel()
                self.head_timer = None
        elif self.head_timer is None and self.timeout_keep_alive_task is None:
            self.head_timer = self.loop.call_later(self.web.header_s, self.end_late_head)

    def is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def end_late_head(self) -> None:
        self.head_timer = None
        if not self.is_answering() and not self.transport.is_closing():
            self.transport.write(LATE)
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.write_timer is None:
            self.write_timer = self.loop.call_later(self.web.body_s, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.write_timer is not None:
            self.write_timer.cancel()
            self.write_timer = None


def make_protocol(web: WebSettings) -> type[GuardedProtocol]:
    """The protocol class of one server."""
    return type("ServerProtocol", (GuardedProtocol,), {"web": web, "clients": Counter()})
