"""Where the pages are joined to the server."""

from __future__ import annotations

from starlette.routing import BaseRoute

from lookalike.web.pages.routes import make_routes
from lookalike.web.pages.served_shop import ServedShop
from lookalike.web.service import Service


def page_routes(service: Service) -> list[BaseRoute]:
    """The pages' routes. They come last: what nothing else answers is theirs to explain."""
    return [*make_routes(ServedShop(service))]
