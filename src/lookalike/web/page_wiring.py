"""Where the pages are joined to the server."""

from __future__ import annotations

from lookalike.web.pages.routes import Pages
from lookalike.web.pages.served_shop import ServedShop
from lookalike.web.service import Service


def make_pages(service: Service) -> Pages:
    """The pages over *service*. Their routes come last: what nothing else answers is theirs to explain."""
    return Pages(ServedShop(service))
