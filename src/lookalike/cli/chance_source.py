"""Where two pictures alone get from what a distance is worth: a catalog where there is one, else shipped numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.cli.options import open_catalog
from lookalike.settings import Settings

if TYPE_CHECKING:
    from lookalike.model import Recipe
    from lookalike.worth import ChanceModel

SOURCES = {"this catalog": "the catalog", "default": "shop photos and drawings that Lookalike was tried on"}


@contextlib.contextmanager
def weighing(catalog: Path | None) -> Iterator[tuple[Callable[[Recipe], ChanceModel | None] | None, int | None]]:
    """What tells the worth of distances, and how many pictures there are: of the catalog named, else of the user's.

    None and None where there is no catalog.
    """
    if catalog is None and not Settings.from_environment().catalog_path.is_file():
        yield None, None
        return
    with open_catalog(catalog) as opened:
        yield opened.chance_or_default, len(opened.store.present_contents())
