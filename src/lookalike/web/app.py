"""The application: routes to the operations, the pages, figures, and the gate around all of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from lookalike.errors import LookalikeError
from lookalike.web.api import OPERATIONS
from lookalike.web.bodies import read_body
from lookalike.web.gate import Gate
from lookalike.web.index_jobs import IndexJob, IndexJobs
from lookalike.web.measures import LOGGER, Measures
from lookalike.web.openapi import PROBLEM_TYPE, make_document
from lookalike.web.operations import Call, Operation, Reply, as_json
from lookalike.web.page_wiring import make_pages
from lookalike.web.pages.routes import make_routes
from lookalike.web.parameters import read_parameters
from lookalike.web.problems import Problem, as_problem
from lookalike.web.search_processes import SearchProcesses
from lookalike.web.service import Service
from lookalike.web.tokens import is_token

PREFIX = "/api/v1/"
MOST_BODIES = 32  # read at a time: slow ones must not hold more than this in memory
EVENT_WAIT_S = 10.0  # then a comment is sent, which tells proxies that the stream lives


def make_app(service: Service) -> ASGIApp:
    """The whole server over *service*, which is closed with it."""
    return Api(service).app()


class Api:
    """Reads requests, calls the operations in threads, writes what comes of it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.jobs = IndexJobs(service)
        self.measures = Measures(service)
        self.reads_are_open = service.web.reads_are_open  # made once, as each request asks
        self.document = json.dumps(self.describe()).encode()
        self.threads = CapacityLimiter(service.web.search_threads * 4)  # most of them wait for a decoder
        self.searches = SearchProcesses(service.settings, service.search_processes)
        self.measures.search_processes.set_function(lambda: len(self.searches.ready))
        self.active = 0
        self.bodies = 0

    def describe(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = Operation("GET", "openapi.json", "This document.", lambda _: Reply(), replies={200: "OpenApi"})
        return make_document([*OPERATIONS, document], reads_are_open=self.reads_are_open)

    def app(self) -> ASGIApp:
        """As an ASGI application."""
        endpoints = {PREFIX + path: self.endpoint(path, operations) for path, operations in by_path(OPERATIONS).items()}
        routes: list[BaseRoute] = [Route(path, endpoint) for path, endpoint in endpoints.items()]
        routes.append(Route(PREFIX + "openapi.json", self.send_document, methods=["GET"]))
        routes.append(Route("/metrics", self.send_measures, methods=["GET"]))
        pages = make_pages(self.service)
        routes += make_routes(pages)
        handlers: dict[Any, Any] = {HTTPException: self.send_http_error, LookalikeError: self.send_error}
        inner = Starlette(routes=routes, exception_handlers=handlers, lifespan=self.lifespan)
        inner.router.redirect_slashes = False
        straight = Straight({path: one for path, one in endpoints.items() if "{" not in path}, inner)
        return Gate(straight, self.service.web, self.measures, pages.refusal)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Warm up beside the first requests; at the end stop what is under way."""
        warming = asyncio.create_task(self.warm_up())
        yield
        await to_thread.run_sync(self.jobs.stop, self.service.web.stop_s)
        await warming
        await self.searches.close()
        await to_thread.run_sync(self.service.close)

    async def warm_up(self) -> None:
        """First what the first question waits for, then other processes, which need the cores too."""
        await to_thread.run_sync(self.service.warm_up)
        self.searches.start()

    def endpoint(self, path: str, operations: Sequence[Operation]) -> ASGIApp:
        """Answers every method of one address; as an ASGI application, since a function would get GET alone."""
        by_method = {operation.method: operation for operation in operations}

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            request = Request(scope, receive)
            scope["told_route"] = path
            try:
                response = await self.answer(request, by_method)
            except ClientDisconnect:
                response = Response(status_code=400)
            except LookalikeError as error:
                response = self.problem(request, as_problem(error), error)
            except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer and the log the trace
                LOGGER.error("failed", exc_info=error, extra={"told": {"request_id": scope["request_id"]}})
                response = self.problem(request, Problem("internal", "the server's log says more"))
            await response(scope, receive, send)

        return Endpoint(answer)

    async def answer(self, request: Request, operations: dict[str, Operation]) -> Response:
        """Read the request, have it answered in a thread, write the answer."""
        method = "GET" if request.method == "HEAD" else request.method
        operation = operations.get(method)
        if operation is None:
            raise Problem("method-not-allowed", f"here one can ask: {', '.join(sorted(operations))}")
        known = self.check_token(request, operation.access)
        path = {name: str(value) for name, value in request.path_params.items()}
        values = read_parameters(operation.parameters, request.query_params.multi_items(), path)
        body = await self.body(request, operation)
        call = Call(
            self.service,
            self.jobs,
            values,
            body,
            known,
            request.headers.get("accept", "").lower(),
            request.headers.get("if-none-match", ""),
        )
        if self.active >= self.service.web.max_active:
            raise Problem("too-many-requests", f"{self.active} requests are being answered: come again soon")
        self.active += 1
        try:
            reply = await self.reply(operation, call)
        finally:
            self.active -= 1
        if operation.path.endswith("/events"):
            return StreamingResponse(
                self.events(self.jobs.get(values["id"])),
                media_type="text/event-stream",
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
        return respond(reply)

    async def reply(self, operation: Operation, call: Call) -> Reply:
        """What a search process says where one may and has time, otherwise what a thread of this one says."""
        if operation.aside is None:
            return await to_thread.run_sync(operation.answer, call, limiter=self.threads)
        if operation.aside(call):
            page = await self.searches.answer(call.values, known=call.known)
            if page is not None:
                return Reply(data=page)
        self.searches.here += 1
        try:
            return await to_thread.run_sync(operation.answer, call, limiter=self.threads)
        finally:
            self.searches.here -= 1

    async def body(self, request: Request, operation: Operation) -> Any:
        """What came along, of so many requests at a time."""
        if self.bodies >= MOST_BODIES and operation.body != "none":
            raise Problem("too-many-requests", f"{self.bodies} requests are being read: come again soon")
        self.bodies += 1
        try:
            web = self.service.web
            return await read_body(request, operation.body, web.max_bytes, web.body_s)
        finally:
            self.bodies -= 1

    def check_token(self, request: Request, access: str) -> bool:
        """Whether the token came along.

        Raises:
            Problem: it didn't and is needed, or another one came.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = scheme.lower() == "bearer" and is_token(token.strip(), self.service.token_hash)
        needed = access == "write" or (access == "read" and not self.reads_are_open)
        if (needed or scheme) and not known:
            raise Problem(
                "token-needed",
                "send the header Authorization: Bearer TOKEN with the token that was shown at the server's first start",
            )
        return known

    async def events(self, job: IndexJob) -> AsyncIterator[bytes]:
        """A run's progress until its end."""
        seen = 0
        while True:
            told = await to_thread.run_sync(job.next_event, seen, EVENT_WAIT_S)
            if told is None:
                yield b": still there\n\n"
                continue
            seen, event, data = told
            yield f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()
            if event != "progress":
                return

    async def send_document(self, request: Request) -> Response:
        """openapi.json."""
        request.scope["told_route"] = "openapi.json"
        self.check_token(request, "read")
        return Response(self.document, media_type="application/json")

    async def send_measures(self, request: Request) -> Response:
        """Figures for Prometheus."""
        request.scope["told_route"] = "metrics"
        self.check_token(request, "read")
        return Response(self.measures.text(), media_type="text/plain; version=0.0.4")

    async def send_http_error(self, request: Request, error: HTTPException) -> Response:
        """What the router itself refuses."""
        word = "method-not-allowed" if error.status_code == 405 else "not-found"
        return self.problem(request, Problem(word, f"there is nothing at this address for {request.method[:16]}"))

    async def send_error(self, request: Request, error: LookalikeError) -> Response:
        """What a route outside the operations raises."""
        return self.problem(request, as_problem(error), error)

    def problem(self, request: Request, problem: Problem, error: Exception | None = None) -> Response:
        """The problem as an answer; what the client isn't told goes to the log."""
        request_id = request.scope["request_id"]
        if problem.status >= 500 and error is not None and error is not problem:
            LOGGER.warning("problem", extra={"told": {"request_id": request_id, "error": str(error)}})
        headers = {"Cache-Control": "no-store", **problem.headers}
        if problem.status in {408, 413, 415, 401, 429}:
            headers["Connection"] = "close"  # the body may not have been read
        body = json.dumps(problem.as_dict(request_id))
        return Response(body, problem.status, headers, PROBLEM_TYPE)


class Endpoint:
    """An ASGI application as a class instance: Starlette then passes it every method."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


class Straight:
    """Goes to the endpoint of a fixed address at once: the router tries one address after the other."""

    def __init__(self, endpoints: dict[str, ASGIApp], others: ASGIApp) -> None:
        self.endpoints = endpoints
        self.others = others

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # "path" is missing where the server starts and ends
        await self.endpoints.get(scope.get("path", ""), self.others)(scope, receive, send)


def by_path(operations: Iterable[Operation]) -> dict[str, list[Operation]]:
    """Operations by address."""
    grouped: dict[str, list[Operation]] = {}
    for operation in operations:
        grouped.setdefault(operation.path, []).append(operation)
    return grouped


def respond(reply: Reply) -> Response:
    """The reply on the wire. Answers follow the catalog, so caches ask again unless the operation says otherwise."""
    headers = {"Cache-Control": "no-cache", **reply.headers}
    if reply.status == 204:
        return Response(status_code=204, headers=headers)
    data = reply.data if reply.data is not None else as_json(reply.content)
    return Response(data, reply.status, headers, reply.media_type)
