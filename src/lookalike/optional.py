"""How to import a package that an extra brings, or say how to install it."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType
from typing import NamedTuple

from lookalike.errors import MissingExtra


class Extra(NamedTuple):
    """The package that something needs besides the core, by the *module* it imports, and the extra that brings it."""

    module: str
    name: str

    @property
    def installed(self) -> bool:
        """Whether the package can be found; it isn't imported."""
        return importlib.util.find_spec(self.module) is not None

    @property
    def install_command(self) -> str:
        """What to type to have it."""
        return f"pip install 'lookalike[{self.name}]'"


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
            f"install it with: {Extra(module, extra).install_command}"
        ) from error
