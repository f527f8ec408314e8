"""The catalog as one machine: every question and every write that the jobs need, each answered by a file of its own."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

import numpy as np

from lookalike.catalog import (
    attributes,
    browsing,
    checks,
    codes,
    contents,
    counts,
    editing,
    ledger,
    pruning,
    recording,
    sampling,
    scans,
    vanishing,
)
from lookalike.catalog.attribute_tables import AttributeTable
from lookalike.catalog.attributes import AttributeReport
from lookalike.catalog.browsing import Facet
from lookalike.catalog.codes import CodesChanged, RecipeCodes
from lookalike.catalog.database import Database
from lookalike.catalog.paths import AnyPath
from lookalike.catalog.records import (
    ContentRecord,
    FileResult,
    FileStamp,
    LedgerEntry,
    Outcome,
    PruneCount,
    PruneReport,
    VanishReport,
)
from lookalike.catalog.state_facts import StateFacts
from lookalike.catalog.state_token import remembered_states, state_token
from lookalike.catalog.summaries import CheckReport, RecipeRecord, Statistics
from lookalike.model import Fingerprint, Ids, Recipe

BUSY_TIMEOUT_S = 10.0
"""How long to wait for another process's write; ours take some tenths of a second each."""


class Store:
    """The catalog file: images, attributes, fingerprints and the ledger. One process writes at a time, any number read.

    Every method may raise ``CatalogDamaged`` (the file is broken), ``CatalogLocked`` (another process kept writing) and
    ``CatalogError`` (disk full, read-only, closed). Threads may share a store; a child process opens its own.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._facts = StateFacts(database)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        create: bool = True,
        read_only: bool = False,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> Self:
        """Open the catalog at *path*, made now where there is none and *create* is set; older ones are brought up to
        date.

        Raises:
            CatalogNotFound, CatalogDamaged, CatalogTooNew, CatalogLocked, CatalogError.
        """
        return cls(Database(os.fspath(path), create=create, read_only=read_only, busy_timeout_s=busy_timeout_s))

    @property
    def path(self) -> str:
        return self._db.path

    @property
    def read_only(self) -> bool:
        return self._db.read_only

    def close(self) -> None:
        """Close the file; closing again does nothing."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Scanning

    def begin_scan(self, roots: Iterable[AnyPath]) -> int:
        """Note that the folders *roots* are about to be scanned; the scan's number."""
        return scans.begin_scan(self._db, roots)

    def known_files(self, root: AnyPath, recipes: Sequence[Recipe] = ()) -> dict[bytes, FileStamp]:
        """Every file under *root* ever recorded, by absolute path; ``complete`` is meant for *recipes*."""
        return scans.known_files(self._db, root, recipes)

    def stamps(self, paths: Sequence[bytes], recipes: Sequence[Recipe] = ()) -> dict[bytes, FileStamp]:
        """What was recorded of those of *paths* that are known; ``complete`` is meant for *recipes*."""
        return scans.stamps(self._db, paths, recipes)

    def all_complete(self, recipes: Sequence[Recipe]) -> bool:
        """Whether every content has fingerprints of all *recipes*."""
        return codes.all_complete(self._db, recipes)

    def touch_files(self, scan_id: int, file_ids: Sequence[int]) -> int:
        """Note that this scan saw the files with these ids (``FileStamp.file_id``) unchanged; how many are known."""
        return scans.touch_files(self._db, scan_id, file_ids)

    def touch_under(self, scan_id: int, folder: AnyPath) -> int:
        """Note that this scan takes what is present under *folder*, which it can't see, to be as it was."""
        return scans.touch_under(self._db, scan_id, folder)

    def touch_unchanged(self, scan_id: int, paths: Iterable[bytes]) -> int:
        """Note that this scan saw *paths* unchanged; how many of them the catalog knows."""
        return scans.touch_unchanged(self._db, scan_id, paths)

    def record(self, scan_id: int, results: Iterable[FileResult]) -> list[int]:
        """Write a batch in one transaction: contents, fingerprints, ledger. The numbers of its files.

        Raises:
            CatalogError: a result contradicts itself. NotInCatalog: an unknown scan or content.
        """
        return recording.record(self._db, scan_id, results)

    def unknown_contents(self, content_ids: Iterable[int]) -> set[int]:
        """Those of *content_ids* that the catalog doesn't hold (any more)."""
        return recording.unknown_contents(self._db, content_ids)

    def reading(self) -> AbstractContextManager[None]:
        """All reads of this thread inside see one moment of the catalog; other threads of this store wait."""
        return self._db.reading()

    def mark_vanished(
        self, scan_id: int, roots: Iterable[AnyPath], places: Iterable[AnyPath] | None = None
    ) -> VanishReport:
        """End the scan: files under *roots* that it didn't see are gone, unless a root itself is gone or unmounted.
        With *places*, only files at or under these, where they lie in the roots.
        """
        return vanishing.mark_vanished(self._db, scan_id, roots, places)

    def tally(self, read: Sequence[int], unchanged: Sequence[int]) -> tuple[dict[Outcome, int], dict[str, int]]:
        """`scan_counts` and `reason_counts` of a scan that a younger one has overtaken, from the numbers of the files
        that it read and of those that it found unchanged.
        """
        return counts.tally(self._db, read, unchanged)

    def scan_counts(self, scan_id: int, places: Sequence[AnyPath] | None = None) -> dict[Outcome, int]:
        """How the paths that this scan saw (or missed) ended, every outcome named; *places* are where it looked."""
        return counts.outcome_counts(self._db, scan_id, places)

    def last_scan(self) -> int | None:
        """The number of the scan that was begun last, None where there was none."""
        return ledger.last_scan(self._db)

    def count_vanished(self, places: Iterable[AnyPath]) -> PruneCount:
        """How many of the files known under *places* vanished."""
        return pruning.count_vanished(self._db, places)

    def prune_vanished(self, places: Iterable[AnyPath]) -> PruneReport:
        """Remove for good what is known of the files under *places* that vanished."""
        return pruning.prune_vanished(self._db, places)

    # Fingerprints

    def has_content(self, digest: bytes, recipes: Sequence[Recipe] = ()) -> int | None:
        """The id of the content with this BLAKE3 hash where it has fingerprints of all *recipes*, otherwise None."""
        return codes.find_by_hash(self._db, digest, recipes)

    def missing_recipes(
        self, content_ids: Sequence[int] | Ids, recipes: Sequence[Recipe]
    ) -> dict[int, tuple[Recipe, ...]]:
        """For each content that lacks some of *recipes*, which ones; contents that lack none are left out."""
        return codes.missing_recipes(self._db, np.asarray(content_ids, dtype=np.int64), recipes)

    def add_fingerprints(self, content_id: int, fingerprints: Sequence[Fingerprint]) -> None:
        """Write fingerprints of a content that is there already; those of the same recipes are replaced.

        Raises:
            NotInCatalog: no such content.
        """
        recording.add_fingerprints(self._db, content_id, fingerprints)

    def codes(self, recipe: Recipe) -> RecipeCodes:
        """All codes of one recipe by content and part, of contents that are present, with the state token."""
        return codes.codes(self._db, recipe)

    def codes_changed(self, recipe: Recipe, since: bytes, most: int) -> CodesChanged | None:
        """What became of the codes since the state *since*, a token; None where that is too long ago, or *most*
        contents are too few.
        """
        return codes.codes_changed(self._db, recipe, since, most)

    def remembered_states(self) -> list[bytes]:
        """Tokens of the states that ``codes_changed`` can start from, the latest first."""
        return remembered_states(self._db)

    def fingerprint(self, content_id: int, recipe: Recipe) -> Fingerprint:
        """One fingerprint.

        Raises:
            NotInCatalog: no such content, or not by this recipe.
        """
        return codes.fingerprint(
            self._db,
            content_id,
            recipe,
            self._facts.get(("number", recipe), lambda: codes.find_recipe_id(self._db, recipe)),
        )

    def state_token(self) -> bytes:
        """16 bytes that change whenever fingerprints or the presence of contents do, and never come back."""
        return state_token(self._db)

    def has_recipe(self, recipe: Recipe) -> bool:
        """Whether any content has a fingerprint of *recipe*; takes no longer for a large catalog."""
        return self._facts.get(("held", recipe), lambda: codes.has_recipe(self._db, recipe))

    def count_outdated(self, recipe: Recipe) -> int:
        """How many present contents have *recipe* of an older version only: they are not found by it."""
        return self._facts.get(("outdated", recipe), lambda: codes.count_outdated(self._db, recipe))

    def recipes(self) -> list[RecipeRecord]:
        """The recipes that the catalog holds fingerprints of."""
        return codes.recipes(self._db)

    # Contents and attributes

    def find_content(self, path: AnyPath) -> int | None:
        """The id of the content that the present file *path* holds, or None."""
        return contents.find_content(self._db, path)

    def content(self, content_id: int) -> ContentRecord:
        """One content with its present files.

        Raises:
            NotInCatalog: no such content.
        """
        return self.contents([content_id])[0]

    def contents(self, content_ids: Sequence[int] | Ids, *, where: str | None = None) -> list[ContentRecord]:
        """One record for each id, in their order; with *where*, files that satisfy it come first in each.

        Raises:
            NotInCatalog, WhereError.
        """
        return contents.contents(self._db, content_ids, where)

    def present_contents(self) -> Ids:
        """int64 (n,): ids, ascending, of all contents that a present file holds."""
        return codes.present_contents(self._db)

    def contents_where(self, where: str) -> Ids:
        """int64 (n,): ids, ascending, of the contents with a present file that satisfies *where* (see
        ``where_syntax``).

        Raises:
            WhereError.
        """
        return contents.contents_where(self._db, where)

    def random_contents(self, count: int, seed: int, *, where: str | None = None) -> Ids:
        """Up to *count* present contents that fit *where*, the same for the same pictures and seed everywhere.

        Raises:
            WhereError.
        """
        return sampling.random_contents(self._db, count, seed, where)

    def apply_attributes(self, table: AttributeTable, *, key: str | None = None) -> AttributeReport:
        """Join *table* (``read_attributes``) to the present files by the column *key*, or the one that fits best.

        Raises:
            AttributesError: there is no such column.
        """
        return attributes.apply_attributes(self._db, table, key)

    def change_attributes(self, content_id: int, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Set attributes of a content's present files, those that are None removed; the attributes afterwards.

        Raises:
            NotInCatalog, AttributesError.
        """
        return editing.change_attributes(self._db, content_id, changes)

    def forget_content(self, content_id: int) -> PruneReport:
        """Remove for good what is known of a content and its files; the files themselves stay.

        Raises:
            NotInCatalog.
        """
        return editing.forget_content(self._db, content_id)

    def page_of_contents(self, after: int, count: int, *, where: str | None = None) -> Ids:
        """int64 (up to *count*,): ids, ascending, of present contents above *after*, that fit *where*."""
        return browsing.page_of_contents(self._db, after, count, where)

    def sizes(self, content_ids: Sequence[int] | Ids) -> dict[int, tuple[int, int]]:
        """Width and height, upright, of those of *content_ids* that the catalog holds."""
        return browsing.sizes(self._db, np.asarray(content_ids, dtype=np.int64))

    def count_facets(self, where: str | None, most_values: int) -> tuple[int, list[Facet]]:
        """How many contents fit *where*, and for each attribute how often each value comes among them."""
        return browsing.count_facets(self._db, where, most_values)

    def roots(self) -> list[bytes]:
        """The folders that were indexed."""
        return browsing.roots(self._db)

    # The whole

    def ledger(
        self,
        outcome: Outcome | Collection[Outcome] | None = None,
        reason: str | Collection[str] | None = None,
        *,
        under: AnyPath | None = None,
        scan_id: int | None = None,
    ) -> Iterator[LedgerEntry]:
        """Every path ever seen, in the order of first sight: of some outcomes or reasons, of paths at or under one, of
        those whose latest scan is *scan_id*, where asked. A page at a time: a million entries need no more memory.

        Raises:
            CatalogError: an outcome isn't one. NotInCatalog: no such scan was begun.
        """
        return ledger.ledger(self._db, outcome, reason, under=under, scan_id=scan_id)

    def counts(self) -> dict[Outcome, int]:
        """Paths by outcome, every outcome named."""
        return counts.outcome_counts(self._db, None)

    def reason_counts(self, scan_id: int | None = None, places: Sequence[AnyPath] | None = None) -> dict[str, int]:
        """Present paths that were skipped or failed, by reason, most frequent first; of one scan where it is named,
        which looked at *places*.
        """
        return counts.reason_counts(self._db, scan_id, places)

    def statistics(self) -> Statistics:
        """How much the catalog holds, and how it is kept."""
        return counts.statistics(self._db)

    def check(self) -> CheckReport:
        """Examine the whole file."""
        return checks.check(self._db)
