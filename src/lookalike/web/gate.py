"""What every request passes before anybody looks at it, and what every answer carries."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lookalike.web.measures import LOGGER, Measures
from lookalike.web.problems import Problem
from lookalike.web.rate_limits import RateLimits
from lookalike.web.settings import WebSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE_METHODS | {"POST", "PATCH", "DELETE"}
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")


class Gate:
    """ASGI middleware around everything: host, origin, rate, headers, request id, log, figures."""

    def __init__(
        self, app: ASGIApp, web: WebSettings, measures: Measures, draw_refusal: Callable[[Problem, str], str]
    ) -> None:
        self.app = app
        self.draw_refusal = draw_refusal  # as a page, for people; the path that was asked comes along
        self.web = web
        self.hosts = web.hosts  # made once, as each request asks
        self.measures = measures
        self.rates = RateLimits(web.rate_per_s, web.rate_burst)
        policy = "cross-origin" if web.allow_origins else "same-origin"
        headers = {**SECURITY_HEADERS, "cross-origin-resource-policy": policy}
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        head = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        came = head.get("x-request-id", "")
        request_id = came if REQUEST_ID.fullmatch(came) else secrets.token_hex(8)
        scope["request_id"] = request_id
        status = 500
        extra = [*self.headers, (b"x-request-id", request_id.encode()), *self.cors(head)]

        async def send_more(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in extra if pair[0] not in own)]
            await send(message)

        self.measures.active.inc()
        try:
            self.strip_prefix(scope)
            refused = self.refusal(scope, head)
            if refused is not None:
                page = self.draw_refusal(refused, scope["path"]) if asks_for_page(scope, head) else None
                await refuse(refused, request_id, send_more, page)
            elif scope["method"] == "OPTIONS":
                await answer_preflight(send_more)
            else:
                await self.app(scope, receive, send_more)
        finally:
            self.measures.active.dec()
            seconds = time.perf_counter() - began
            route = scope.get("told_route", "page")
            self.measures.note(scope["method"] if scope["method"] in METHODS else "other", route, status, seconds)
            told = {
                "request_id": request_id,
                "client": (scope.get("client") or ("",))[0],
                "method": scope["method"][:16],
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            LOGGER.info("request", extra={"told": told})

    def strip_prefix(self, scope: Scope) -> None:
        """Take the path that a proxy put the server below off, where the proxy left it on."""
        prefix = self.web.root_path
        if prefix and (scope["path"] == prefix or scope["path"].startswith(prefix + "/")):
            scope["path"] = scope["path"][len(prefix) :] or "/"

    def refusal(self, scope: Scope, head: dict[str, str]) -> Problem | None:
        """Why the request isn't looked at, if it isn't."""
        names = [name for name, _ in scope["headers"]]
        if names.count(b"host") != 1 or not (host := HOST.fullmatch(head["host"].strip().lower())):
            return Problem("bad-request", "one Host header with a name is expected")
        if host[1] not in self.hosts:
            return Problem("host-not-allowed", "the server isn't called by this name: see --allow-host")
        if b"transfer-encoding" in names and b"content-length" in names:
            return Problem("bad-request", "Transfer-Encoding came together with Content-Length: send one of them")
        if scope["method"] not in METHODS:
            return Problem("method-not-allowed", "GET, POST, PATCH and DELETE are answered here")
        if scope["method"] not in SAFE_METHODS and not self.is_own_origin(head):
            return Problem("forbidden-origin", "the request comes from a page of another origin")
        wait_s = self.rates.wait_s((scope.get("client") or ("",))[0])
        if wait_s:
            return Problem(
                "too-many-requests",
                f"one client may ask {self.web.rate_per_s:g} times a second here",
                retry_s=int(wait_s) + 1,
            )
        if scope["method"] == "OPTIONS" and head.get("origin", "") not in self.web.allow_origins:
            return Problem("method-not-allowed", "OPTIONS is answered to pages of the origins that may ask")
        return None

    def is_own_origin(self, head: dict[str, str]) -> bool:
        """Whether a request that changes something or sends something comes from a page of ours, or from no page."""
        origin = head.get("origin")
        if origin is None:
            return head.get("sec-fetch-site", "none") in {"none", "same-origin"}
        if origin in self.web.allow_origins:
            return True
        try:
            netloc = urlsplit(origin).netloc
        except ValueError:
            return False
        return netloc.lower() == head["host"].strip().lower()

    def cors(self, head: dict[str, str]) -> list[tuple[bytes, bytes]]:
        """Headers that let pages of the origins in the list read the answer."""
        if not self.web.allow_origins:
            return []
        vary = [(b"vary", b"Origin")]
        origin = head.get("origin", "")
        if origin not in self.web.allow_origins:
            return vary
        return [
            *vary,
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", b"X-Request-Id, Retry-After, ETag"),
        ]


def asks_for_page(scope: Scope, head: dict[str, str]) -> bool:
    """Whether a browser wants to show the answer to a person."""
    return "text/html" in head.get("accept", "") and not scope["path"].startswith("/api/")


async def refuse(problem: Problem, request_id: str, send: Send, page: str | None) -> None:
    """Answer with *problem*, or the *page* about it; the connection ends, since the request's body was not read."""
    body = json.dumps(problem.as_dict(request_id)).encode() if page is None else page.encode()
    headers: list[tuple[bytes, bytes]] = [
        (b"content-type", b"application/problem+json" if page is None else b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def answer_preflight(send: Send) -> None:
    """What a browser asks before it lets another origin's page send something."""
    headers: list[Any] = [
        (b"access-control-allow-methods", b"GET, POST, PATCH, DELETE"),
        (b"access-control-allow-headers", b"Authorization, Content-Type"),
        (b"access-control-max-age", b"600"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
