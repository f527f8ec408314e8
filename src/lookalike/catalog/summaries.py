"""What the catalog tells of itself as a whole: recipes, size, soundness."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.catalog.records import Outcome
from lookalike.model import Recipe


@dataclass(frozen=True, slots=True)
class RecipeRecord:
    """A recipe that the catalog holds fingerprints of: its text, bits a code, version, and how many contents have
    it.
    """

    text: str
    width_bits: int
    version: int
    contents: int

    def describes(self, recipe: Recipe) -> bool:
        return (self.text, self.width_bits, self.version) == (str(recipe), recipe.width_bits, recipe.version)


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much the catalog holds.

    Attributes:
        outcomes: files by outcome, every outcome named.
        contents: all that are remembered. present_contents: those that a present file holds.
        fingerprints: codes, all recipes together.
        bytes: length of the database file. free_bytes: of it, what is unused.
        schema_version: how many migrations were applied.
        journal_mode: ``wal``, or ``delete`` where the file system can't do that.
        sqlite_version: of the SQLite in use.
    """

    outcomes: dict[Outcome, int]
    contents: int
    present_contents: int
    fingerprints: int
    with_attributes: int
    roots: tuple[bytes, ...]
    recipes: tuple[RecipeRecord, ...]
    bytes: int
    free_bytes: int
    schema_version: int
    journal_mode: str
    sqlite_version: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What ``check`` found: one sentence a problem, none when all is well."""

    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems
