"""The search engines there are: which answer exactly, and what the others need to be installed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lookalike.search import ENGINES, load_engine


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """An engine of the registry; *install* is the command that brings what it lacks, None where it can be used."""

    name: str
    exact: bool
    install: str | None

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return asdict(self)


def list_engines() -> list[EngineEntry]:
    """Every engine of the registry, in its order; nothing that isn't ours is imported."""
    entries = []
    for name in ENGINES:
        engine = load_engine(name)
        lacks = None if engine.needs is None or engine.needs.installed else engine.needs
        entries.append(EngineEntry(name, engine.exact, None if lacks is None else lacks.install_command))
    return entries
