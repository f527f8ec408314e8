"""How a catalog is kept true between two runs of the indexer: following folders, and forgetting what is gone.

Apart from `assembly`, which is long; picks concrete machines as that does.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from lookalike.errors import MissingExtra

if TYPE_CHECKING:
    from lookalike.catalog import PruneCount, PruneReport, Store
    from lookalike.execution import LocalExecutor
    from lookalike.fingerprints import RecipesLike
    from lookalike.images import Limits
    from lookalike.jobs.index_folders import IndexProgress, IndexReport
    from lookalike.jobs.own_files import OpenCatalog
    from lookalike.jobs.scan_rules import ScanRules
    from lookalike.jobs.watch_folders import WatchNotice
    from lookalike.model import Recipe
    from lookalike.settings import Settings
    from lookalike.watching import Watcher

AnyPath = str | os.PathLike[str]


class Upkeep(ABC):
    """The part of `Catalog` that watches and prunes."""

    settings: Settings
    limits: Limits

    @property
    @abstractmethod
    def store(self) -> Store:
        """The catalog file, open."""

    @abstractmethod
    def wanted_recipes(self, fingerprints: RecipesLike | None) -> Callable[[], tuple[Recipe, ...]]:
        """What gives the recipes to make."""

    def watch(
        self,
        folders: AnyPath | Sequence[AnyPath],
        *,
        fingerprints: RecipesLike | None = None,
        rules: ScanRules | None = None,
        stop: threading.Event | None = None,
    ) -> Iterator[IndexReport]:
        """Index *folders*, then follow them: a report after the first look and after each batch of changes.

        A change is in the catalog within 2 s, where the system announces changes and the extra ``watch`` is
        installed; otherwise all files are looked at every few seconds. Ends within a second when *stop* is set.

        Raises:
            As `index`. CatalogError: also where the catalog is deleted, moved or replaced meanwhile.
        """
        from lookalike.jobs.index_folders import IndexReport

        several = [folders] if isinstance(folders, str | os.PathLike) else folders
        for event in self.watch_events(several, fingerprints=fingerprints, rules=rules, stop=stop):
            if isinstance(event, IndexReport):
                yield event

    def watch_events(
        self,
        folders: Sequence[AnyPath],
        *,
        fingerprints: RecipesLike | None = None,
        retry: bool = False,
        rules: ScanRules | None = None,
        stop: threading.Event | None = None,
    ) -> Generator[IndexProgress | IndexReport | WatchNotice]:
        """`watch` with all that it tells: progress, reports, and notices for the user."""
        from lookalike.execution import LocalExecutor
        from lookalike.jobs.own_files import OpenCatalog
        from lookalike.jobs.scan_folders import resolve_roots

        settings = self.settings
        wanted = self.wanted_recipes(fingerprints)
        roots = resolve_roots(folders)
        if rules is not None:
            rules.compile()
        executor = LocalExecutor(
            settings.workers or None,
            settings.timeout_s,
            settings.memory_mb * 2**20,
            low_priority=settings.low_priority,
            keep=True,
        )
        recipes = wanted()
        opened = OpenCatalog(self.store.path)
        return self._follow(executor, roots, recipes, opened, rules=rules, retry=retry, stop=stop or threading.Event())

    def _follow(
        self,
        executor: LocalExecutor,
        roots: Sequence[bytes],
        recipes: Sequence[Recipe],
        opened: OpenCatalog,
        *,
        rules: ScanRules | None,
        retry: bool,
        stop: threading.Event,
    ) -> Generator[IndexProgress | IndexReport | WatchNotice]:
        from lookalike.jobs.index_folders import IndexReport, index_folders
        from lookalike.jobs.own_files import is_own_file, real_path
        from lookalike.jobs.watch_folders import WatchNotice, watch_folders

        catalog = real_path(self.store.path)

        def index(places: Sequence[bytes] | None) -> Generator[IndexProgress | IndexReport]:
            opened.require()
            again = retry and places is None
            for event in index_folders(
                self.store, executor, roots, recipes, limits=self.limits, rules=rules, places=places, retry=again
            ):
                if isinstance(event, IndexReport):
                    opened.require()  # else it would tell of what nobody can find
                yield event

        def is_own(path: bytes) -> bool:
            return is_own_file(path, catalog)

        watcher, notice = make_watcher(roots)
        with executor, watcher:
            if notice:
                yield WatchNotice(notice)
            yield from watch_folders(index, watcher, is_own=is_own, stop=stop, rest=executor.close)

    def prune(
        self,
        folders: AnyPath | Sequence[AnyPath],
        *,
        force: bool = False,
        confirm: Callable[[PruneCount], bool] | None = None,
    ) -> PruneReport:
        """Remove for good what is known of files below *folders* that vanished: fingerprints and attributes too.

        Args:
            folders: which must be there.
            force: also where more than a tenth of the known files would go.
            confirm: asked in that case where *force* isn't set.

        Raises:
            PruneRefused: more than a tenth would go, and nobody agreed. ImageUnreadable: a folder isn't there.
        """
        from lookalike.jobs.prune_vanished import prune_vanished, refuse
        from lookalike.jobs.scan_folders import resolve_roots

        several = [folders] if isinstance(folders, str | os.PathLike) else folders
        agree = (lambda _: True) if force else confirm or refuse
        return prune_vanished(self.store, resolve_roots(several), confirm=agree)


def make_watcher(roots: Sequence[bytes]) -> tuple[Watcher, str]:
    """The best watcher that there is, and what the user should know of it."""
    from lookalike.watching import AnnouncedChanges, PollingWatcher

    try:
        return AnnouncedChanges(roots), ""
    except MissingExtra as error:
        return PollingWatcher(), f"all files are looked at every few seconds, since changes aren't announced: {error}"
