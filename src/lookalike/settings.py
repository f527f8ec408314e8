"""What a user may set, once, with its default and its reason. Flags win over the environment, which wins over these."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.errors import SettingsError

if TYPE_CHECKING:
    from lookalike.images import Limits

ENVIRONMENT_PREFIX = "LOOKALIKE_"
SWITCHES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def default_catalog() -> Path:
    """One catalog a user, in the platform's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("lookalike", appauthor=False)) / "pictures.lookalike"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that assembly needs to know.

    Attributes:
        catalog: the catalog file; None for the user's own.
        fingerprints: recipes made of every picture, as text.
        engine: the search engine's registry name.
        workers: worker processes; 0 for one a core.
        timeout_s: the longest that one file may take.
        memory_mb: MiB that one worker may add to its start-up size.
        max_pixels: a larger picture is refused from its header.
        max_bytes: a larger file is refused unread.
        low_priority: workers give way to everything else on the machine.
    """

    catalog: Path | None = None
    # Copies whole and in parts, things of the same kind, and the classic pair to compare with: docs/choosing.md.
    fingerprints: str = "pdq,parts,look,whash,colorhash"
    engine: str = "exact"
    workers: int = 0
    timeout_s: float = 20.0  # a 200 MP PNG takes 5 s to decode; a file that takes 20 s is stuck
    memory_mb: int = 5120  # Pillow keeps 4 bytes a pixel: 200 MP are 800 MB, and flattening alpha holds five copies
    max_pixels: int = 200_000_000
    max_bytes: int = 1 << 30
    low_priority: bool = False

    def __post_init__(self) -> None:
        for name, least in (("workers", 0), ("memory_mb", 64), ("max_pixels", 1), ("max_bytes", 1)):
            if getattr(self, name) < least:
                raise SettingsError(f"the setting {name} is {getattr(self, name)}; it must be at least {least}")
        if not 0 < self.timeout_s < float("inf"):
            raise SettingsError(f"the setting timeout_s is {self.timeout_s}; it must be a number of seconds above 0")

    @property
    def catalog_path(self) -> Path:
        """The catalog file, resolved."""
        return self.catalog if self.catalog is not None else default_catalog()

    @property
    def limits(self) -> Limits:
        """What the loader refuses."""
        from lookalike.images import Limits  # NumPy takes longer to load than most commands run

        return Limits(max_pixels=self.max_pixels, max_bytes=self.max_bytes)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The defaults, overridden by variables such as ``LOOKALIKE_CATALOG`` and ``LOOKALIKE_TIMEOUT_S``.

        Raises:
            SettingsError: a variable's value is not of the setting's type.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for setting in fields(cls):
            name = ENVIRONMENT_PREFIX + setting.name.upper()
            text = environment.get(name, "")
            if text:
                values[setting.name] = convert(name, text, Path if setting.name == "catalog" else type(setting.default))
        return cls(**values)

    def override(self, **flags: Any) -> Settings:
        """These settings with every flag that isn't None put in its place."""
        return replace(self, **{name: value for name, value in flags.items() if value is not None})


def convert(name: str, text: str, kind: Any) -> Any:
    """*text* as *kind*, or an error that names the variable."""
    try:
        return SWITCHES[text.lower()] if kind is bool else kind(text)
    except KeyError:
        raise SettingsError(f"{name} is {text!r}; expected one of {', '.join(SWITCHES)}") from None
    except ValueError as error:
        raise SettingsError(f"{name} is {text!r}; expected {'a number' if kind is not Path else 'a path'}") from error
