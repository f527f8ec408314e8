"""Find pictures that look alike, on your own machine.

The names below are the public ones; each is loaded when it is first used, so that importing the package is free.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.assembly import Catalog
    from lookalike.errors import LookalikeError
    from lookalike.fingerprints import parse_recipe
    from lookalike.images import Limits, load_picture
    from lookalike.jobs.scan_rules import ScanRules
    from lookalike.model import Crop, Fingerprint, ImageId, Match, Picture, Recipe
    from lookalike.remote import RemoteCatalog
    from lookalike.search import HammingIndex
    from lookalike.standalone import compare, explain, fingerprint

__version__ = "0.1.0"

HOMES = {
    "Catalog": "lookalike.assembly",
    "Crop": "lookalike.model",
    "Fingerprint": "lookalike.model",
    "HammingIndex": "lookalike.search",
    "ImageId": "lookalike.model",
    "Limits": "lookalike.images",
    "LookalikeError": "lookalike.errors",
    "Match": "lookalike.model",
    "Picture": "lookalike.model",
    "Recipe": "lookalike.model",
    "RemoteCatalog": "lookalike.remote",
    "ScanRules": "lookalike.jobs.scan_rules",
    "compare": "lookalike.standalone",
    "explain": "lookalike.standalone",
    "fingerprint": "lookalike.standalone",
    "load_picture": "lookalike.images",
    "parse_recipe": "lookalike.fingerprints",
}

__all__ = [
    "Catalog",
    "Crop",
    "Fingerprint",
    "HammingIndex",
    "ImageId",
    "Limits",
    "LookalikeError",
    "Match",
    "Picture",
    "Recipe",
    "RemoteCatalog",
    "ScanRules",
    "compare",
    "explain",
    "fingerprint",
    "load_picture",
    "parse_recipe",
]


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(importlib.import_module(HOMES[name]), name)
    raise AttributeError(f"module 'lookalike' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
