"""How to import a package that an extra brings, or say how to install it."""

from __future__ import annotations

import importlib
from types import ModuleType

from lookalike.errors import MissingExtra


def import_extra(module: str, *, extra: str) -> ModuleType:
    """Import *module*, which the extra named *extra* installs.

    Raises:
        MissingExtra: the package isn't there. A fault inside a package that is there passes through as it is.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".", maxsplit=1)[0]:
            raise
        raise MissingExtra(
            f"this needs the package '{module.split('.', maxsplit=1)[0]}', which is not installed; "
            f"install it with: pip install 'lookalike[{extra}]'"
        ) from error
