"""Where the pages are joined to the server."""

from __future__ import annotations

from starlette.routing import BaseRoute

from lookalike.web.service import Service


def page_routes(service: Service) -> list[BaseRoute]:  # noqa: ARG001 - the pages are joined here
    """The pages' routes."""
    return []
