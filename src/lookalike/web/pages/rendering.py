"""Templates into HTML: everything is escaped, a name that is missing is an error, and addresses carry a version."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from lookalike.optional import import_extra
from lookalike.web.pages.cards import Shown

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context


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
def _environment() -> Environment:
    import_extra("jinja2", extra="web")  # says how to install it where it is missing
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lookalike.web.pages", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    @jinja2.pass_context
    def at(context: Context, address: str) -> str:
        return relative(address, context["root"])

    @jinja2.pass_context
    def srcset(context: Context, shown: Shown) -> str:
        return ", ".join(f"{relative(address, context['root'])} {wide}w" for wide, address in shown.choices)

    environment.filters.update(at=at, srcset=srcset)
    return environment


def relative(address: str, root: str) -> str:
    """*address*, which starts with a slash, as seen from a page whose way up is *root*: pages may lie below a path."""
    return root + address.removeprefix("/")


def render(template: str, values: dict[str, Any], root: str = "./") -> str:
    """The page as text; *root* leads from its address to the start page's.

    Raises:
        MissingExtra: Jinja2 isn't installed.
    """
    page: str = _environment().get_template(template).render(static=static_root(), root=root, **values)
    return page
