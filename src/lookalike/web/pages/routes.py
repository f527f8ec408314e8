"""Where the pages are: addresses to what they show. Only this file of the pages knows HTTP."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final

from lookalike.errors import LookalikeError, TooManyBytes
from lookalike.web.pages.detail import picture_page
from lookalike.web.pages.problems import explain
from lookalike.web.pages.question import Question, read_question, whole
from lookalike.web.pages.rendering import render, static_files, static_root
from lookalike.web.pages.shop import Shop
from lookalike.web.pages.views import similar_page, start_page
from lookalike.web.problems import Problem, as_problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

FOR_EVER: Final = "public, max-age=31536000, immutable"
FORM_BYTES: Final = 64 * 1024
"""What a form may have besides its picture."""

DRAINED: Final = 4
"""Times the limit that is read of a file too large before the connection is cut: a browser that is still sending when
the connection ends shows its own error page instead of ours."""

PageOf = Callable[["Request"], tuple[str, dict[str, Any]]]


def make_routes(pages: Pages) -> list[Route]:
    """The pages' routes for a Starlette application; the last one explains that nothing else is there."""
    from starlette.routing import Route

    return [
        Route("/", pages.shown(pages.start), methods=["GET"]),
        Route("/similar", pages.shown(pages.similar), methods=["GET"]),
        Route("/similar", pages.take, methods=["POST"]),
        Route("/pictures/{picture:int}", pages.shown(pages.picture), methods=["GET"]),
        Route(static_root() + "/{name:path}", pages.send_static, methods=["GET"]),
        Route("/favicon.ico", send_mark, methods=["GET"]),
        Route("/{path:path}", pages.nothing, methods=["GET"]),
    ]


class Pages:
    """The handlers of one shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def start(self, request: Request) -> tuple[str, dict[str, Any]]:
        seed = request.query_params.get("seed", "")
        return "start.html", start_page(self.shop, whole(seed, "the seed") if seed else 0)

    def similar(self, request: Request) -> tuple[str, dict[str, Any]]:
        question = read_question(request.query_params.multi_items())
        if not question.asks:
            return self.start(request)
        return "similar.html", similar_page(self.shop, question)

    def picture(self, request: Request) -> tuple[str, dict[str, Any]]:
        question = read_question(request.query_params.multi_items())
        rows = request.query_params.get("rows", "")
        return "picture.html", picture_page(self.shop, request.path_params["picture"], question, rows)

    def shown(self, page: PageOf) -> Callable[[Request], Any]:
        """A handler that answers with *page*, or with what went wrong."""

        async def answer(request: Request) -> Response:
            from starlette.concurrency import run_in_threadpool

            return await run_in_threadpool(self._answer, page, request)

        return answer

    def _answer(self, page: PageOf, request: Request) -> Response:
        try:
            template, values = page(request)
            return self.respond(request, template, values)
        except LookalikeError as error:
            return self.problem(request, error)

    async def take(self, request: Request) -> Response:
        """Take an uploaded picture in, and send the browser on to what looks like it."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import RedirectResponse

        try:
            async with asyncio.timeout(self.shop.body_s):
                content = await read_picture(request, self.shop.max_bytes)
            upload = await run_in_threadpool(self.shop.take, content)
        except TimeoutError:
            return self.problem(request, Problem("too-slow", "the picture took too long to arrive"))
        except LookalikeError as error:
            return self.problem(request, error)
        return RedirectResponse(Question(upload=upload).address("similar"), status_code=303)

    def draw(self, path: str, template: str, values: dict[str, Any]) -> str:
        """The page that lies at *path*."""
        frame = {
            "private": False,
            "max_bytes": self.shop.max_bytes,
            "max_words": f"{self.shop.max_bytes / 1e6:.0f} MB",
            "keeps": duration_words(self.shop.keeps_s),
        }
        return render(template, {**frame, **values}, way_up(path))

    def respond(self, request: Request, template: str, values: dict[str, Any], status: int = 200) -> Response:
        """A page. None is kept by caches: what it says follows the catalog."""
        from starlette.responses import HTMLResponse

        page = self.draw(own_path(request), template, values)
        return HTMLResponse(page, status, {"Cache-Control": "no-cache"})

    async def send_static(self, request: Request) -> Response:
        """A file of ours; its address changes with its content, so browsers keep it for ever."""
        from starlette.responses import Response

        name = request.path_params["name"]
        content = static_files().get(name)
        if content is None:
            return await self.nothing(request)
        known = {"woff2": "font/woff2", "js": "text/javascript"}
        kind = known.get(name.rsplit(".")[-1]) or mimetypes.guess_type(name)[0]
        return Response(content, headers={"Cache-Control": FOR_EVER}, media_type=kind or "application/octet-stream")

    async def nothing(self, request: Request) -> Response:
        """Where nothing is: a page about that; programs get the server's own answer."""
        from starlette.exceptions import HTTPException

        from lookalike.web.gate import asks_for_page

        if not asks_for_page(request.scope, dict(request.headers)):
            raise HTTPException(404)
        return self.problem(request, Problem("not-found", ""))

    def problem(self, request: Request, error: LookalikeError) -> Response:
        """A page that says what went wrong and what to do."""
        query = f"?{request.url.query}" if request.url.query else ""
        again = own_path(request) + query if request.method == "GET" else ""
        known = as_problem(error)
        response = self.respond(request, "problem.html", problem_values(error, again), known.status)
        response.headers.update(known.headers)
        return response

    def refusal(self, problem: Problem, path: str) -> str:
        """The page about a request to *path* that nobody looked at."""
        return self.draw(path, "problem.html", problem_values(problem, path))


def problem_values(error: LookalikeError, again: str) -> dict[str, Any]:
    """What a page about *error* shows; *again* is the address to try once more where that may help."""
    known = as_problem(error)
    heading, lines = explain(known.status, error, known.detail)
    worth_trying = known.status in {429, 500, 503}
    return {"status": known.status, "heading": heading, "lines": lines, "again": again if worth_trying else ""}


def own_path(request: Request) -> str:
    """The request's path without the one that the whole application is below."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", "")) or "/"


def way_up(path: str) -> str:
    """From a page at *path* to the start page: ``/pictures/7`` is one folder deep."""
    return "../" * (path.count("/") - 1) or "./"


async def read_picture(request: Request, max_bytes: int) -> bytes:
    """The file of the form's field ``picture``.

    Raises:
        TooManyBytes: it is larger than *max_bytes*. Problem: there is none.
    """
    from starlette.datastructures import UploadFile
    from starlette.formparsers import MultiPartException, MultiPartParser

    try:
        form = await MultiPartParser(
            request.headers, at_most(request.stream(), max_bytes + FORM_BYTES), max_files=4, max_fields=20
        ).parse()
    except MultiPartException as error:
        raise Problem("bad-request", f"the form can't be read: {error.message}") from error
    try:
        files = [part for part in form.getlist("picture") if isinstance(part, UploadFile) and part.filename]
        content = await files[0].read() if files else b""
    finally:
        await form.close()
    if not content:
        raise Problem("bad-request", "no picture came with the form: choose one first")
    if len(content) > max_bytes:
        raise too_large(max_bytes)
    return content


async def at_most(stream: AsyncIterator[bytes], limit: int) -> AsyncGenerator[bytes]:
    """*stream*, refused where it is longer than *limit* bytes, once most of it has been read off."""
    count = 0
    async for chunk in stream:
        count += len(chunk)
        if count <= limit:
            yield chunk
        elif count > DRAINED * limit:
            break
    if count > limit:
        raise too_large(limit - FORM_BYTES)


def too_large(max_bytes: int) -> TooManyBytes:
    return TooManyBytes(f"the file is larger than the {max_bytes / 1e6:.0f} MB that can be taken here")


async def send_mark(_: Request) -> Response:
    """The icon, for those that ask at its customary address."""
    from starlette.responses import Response

    return Response(static_files()["mark.svg"], headers={"Cache-Control": "max-age=86400"}, media_type="image/svg+xml")


def duration_words(seconds: float) -> str:
    """As people say it: an hour, 15 minutes."""
    for size, one, many in ((3600, "an hour", "hours"), (60, "a minute", "minutes")):
        if seconds >= size:
            count = round(seconds / size)
            return one if count == 1 else f"{count} {many}"
    return "less than a minute"
