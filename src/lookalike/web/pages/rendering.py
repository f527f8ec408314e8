"""Templates into HTML: everything is escaped, a name that is missing is an error, and addresses carry a version."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from types import ModuleType
from typing import Any

from lookalike.optional import import_extra


@cache
def static_files() -> dict[str, bytes]:
    """Every file below ``static/`` by its name, such as ``fonts/instrument-sans.woff2``."""
    root = resources.files("lookalike.web") / "static"
    found: dict[str, bytes] = {}
    folders = [("", root)]
    while folders:
        prefix, folder = folders.pop()
        for entry in folder.iterdir():
            if entry.is_dir():
                folders.append((f"{prefix}{entry.name}/", entry))
            else:
                found[prefix + entry.name] = entry.read_bytes()
    return found


@cache
def static_root() -> str:
    """Where the files are served, with a word that changes whenever one of them does: browsers keep them for ever."""
    digest = hashlib.sha256()
    for name, content in sorted(static_files().items()):
        digest.update(f"{name} {len(content)} ".encode() + content)
    return f"/static/{digest.hexdigest()[:12]}"


@cache
def _environment() -> Any:
    jinja: ModuleType = import_extra("jinja2", extra="web")
    return jinja.Environment(
        loader=jinja.PackageLoader("lookalike.web.pages", "templates"),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, values: dict[str, Any]) -> str:
    """The page as text.

    Raises:
        MissingExtra: Jinja2 isn't installed.
    """
    page: str = _environment().get_template(template).render(static=static_root(), **values)
    return page
