"""What the server answers with, free of HTTP: the catalog opened some times over, engines and decoders that stay."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lookalike.assembly import Catalog
from lookalike.catalog import ContentRecord
from lookalike.errors import ImageError, LookalikeError
from lookalike.execution import ItemFailed, ResidentPool
from lookalike.execution.local import usable_cores
from lookalike.images import Limits
from lookalike.jobs.locate_image import OwnFile, locate_image
from lookalike.jobs.read_pictures import (
    MadeFingerprints,
    MadeThumbnail,
    MakeFingerprintsOf,
    MakeThumbnail,
    PictureFacts,
    ReadPictures,
    Task,
)
from lookalike.jobs.read_query import MakeFingerprints
from lookalike.jobs.resident_indexes import ResidentIndexes
from lookalike.model import Crop, Orientations, Picture, Recipe
from lookalike.rendering import ThumbnailFormat
from lookalike.settings import Settings
from lookalike.web.problems import Problem
from lookalike.web.settings import WebSettings
from lookalike.web.thumbnail_cache import ThumbnailCache
from lookalike.web.tokens import TokenFile
from lookalike.web.uploads import Upload, Uploads

WAIT_S = 10.0  # for a catalog or a decoder; more are told to come again
MOST_CATALOG_BYTES = 2**29  # a search process holds the codes once more, with tables: up to 1.6 times the catalog
LARGEST_SIDE = 2560  # of a picture that is served: a large screen's width


class Unreadable(ImageError):
    """A decoding process gave up on the picture; ``reason`` says how."""

    def __init__(self, failed: ItemFailed[Any]) -> None:
        super().__init__(f"the picture can't be decoded within this server's limits: {failed.reason}")
        self.reason = failed.reason


class Service:
    """One catalog, served. All methods block; any number of threads may call them.

    Attributes:
        uploads: pictures that people sent.
        indexing: set while a run writes to the catalog.
    """

    def __init__(self, settings: Settings, web: WebSettings) -> None:
        """Open the catalog *settings* names.

        Raises:
            CatalogNotFound, CatalogDamaged, …: it can't be opened. SettingsError: the token's file is broken.
        """
        self.settings = settings
        self.web = web
        self.catalog_path = Path(settings.catalog_path).absolute()
        self.resident = ResidentIndexes()
        self.uploads = Uploads(web.upload_ttl_s, web.upload_count, web.upload_total_bytes)
        self.thumbnails = ThumbnailCache(web.thumbnail_cache_bytes)
        self.token_file = TokenFile(self.catalog_path)
        self.token_hash = self.token_file.read()
        self.writing = threading.Lock()
        own_limits = Limits(settings.max_pixels, settings.max_bytes)
        read = ReadPictures(Limits(web.max_pixels, web.max_bytes), own_limits, frozenset(web.formats))
        self.pool = ResidentPool(
            read,
            workers=web.decode_workers,
            timeout_s=web.decode_timeout_s,
            memory_bytes=web.decode_memory_mb * 2**20,
            wait_s=WAIT_S,
        )
        self._closed = False
        self._catalogs: queue.LifoQueue[Catalog] = queue.LifoQueue()  # the last one is warm
        self._opened = [self._open() for _ in range(web.search_threads)]
        for catalog in self._opened:
            self._catalogs.put(catalog)

    def _open(self) -> Catalog:
        return Catalog(self.catalog_path, create=False, settings=self.settings, resident=self.resident)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the decoding processes and close the catalog. Closing twice is fine."""
        if self._closed:
            return
        self._closed = True
        self.pool.close()
        for catalog in self._opened:
            catalog.close()

    @property
    def search_processes(self) -> int:
        """How many there are to be besides this one."""
        wanted = self.web.search_processes
        if wanted >= 0:
            return wanted
        small = self.catalog_path.stat().st_size < MOST_CATALOG_BYTES
        return 1 if small and usable_cores() > 1 else 0

    def new_token(self) -> str:
        """Make a new token for writing, which replaces the one before."""
        token = self.token_file.renew()
        self.token_hash = self.token_file.read()
        return token

    def warm_up(self) -> None:
        """Load what the first question would wait for."""
        with contextlib.suppress(LookalikeError), self.catalog() as catalog:
            catalog.warm_up()
        with contextlib.suppress(LookalikeError):
            self.read(MakeFingerprintsOf(b"\xff\xd8\xff", ()))  # refused, by a process that is up then

    @contextlib.contextmanager
    def catalog(self) -> Iterator[Catalog]:
        """A catalog that no other thread uses meanwhile.

        Raises:
            Problem: none became free.
        """
        try:
            catalog = self._catalogs.get(timeout=WAIT_S)
        except queue.Empty:
            raise Problem("busy", f"no search could begin for {WAIT_S:g} s: try again") from None
        try:
            yield catalog
        finally:
            self._catalogs.put(catalog)

    @contextlib.contextmanager
    def writer(self) -> Iterator[Catalog]:
        """The catalog open for writing, for one at a time.

        Raises:
            Problem: somebody else is writing.
        """
        if not self.writing.acquire(timeout=1.0):
            raise Problem("conflict", "the catalog is being written to: try again when the indexing run is over")
        try:
            with Catalog(self.catalog_path, settings=self.settings) as catalog:
                yield catalog
        finally:
            self.writing.release()

    # Decoding, which happens in the limited processes alone

    def read(self, task: Task) -> MadeFingerprints | MadeThumbnail:
        """What a decoding process makes of *task*.

        Raises:
            ImageError, CropError, …: as the process said. PoolBusy: none became free.
        """
        answer = self.pool.call(task)
        if isinstance(answer, ItemFailed):
            raise Unreadable(answer)
        if isinstance(answer, LookalikeError):
            raise answer
        assert isinstance(answer, MadeFingerprints | MadeThumbnail)
        return answer

    def fingerprints(self, source: bytes | OwnFile, recipes: tuple[Recipe, ...], crop: Crop | None) -> MadeFingerprints:
        """Facts and fingerprints of a picture, or of its *crop*."""
        made = self.read(MakeFingerprintsOf(source, recipes, crop))
        assert isinstance(made, MadeFingerprints)
        return made

    def reader(self, own: Callable[[], OwnFile] | None) -> MakeFingerprints:
        """What reads a search's source in a decoding process; *own* finds the file of a catalog's image."""

        def make(
            source: Any, recipes: Any, _: Limits, crop: Crop | None, turned: Any
        ) -> tuple[Picture | None, tuple[Orientations, ...]]:
            wanted = source if isinstance(source, bytes) or own is None else own()
            made = self.read(MakeFingerprintsOf(wanted, tuple(recipes), crop, tuple(turned)))
            assert isinstance(made, MadeFingerprints)
            return made.picture, made.laid

        return make

    # Pictures that people sent

    def take_upload(self, data: bytes) -> Upload:
        """Keep a picture for a while, if it is one: its head is read, and a small copy proves that it decodes.

        Raises:
            ImageError: it is none that can be used.
        """
        facts: PictureFacts = self.fingerprints(data, (), None).facts
        return self.uploads.add(data, facts)

    def locate(self, image: int) -> tuple[ContentRecord, OwnFile]:
        """An image of the catalog and a file that may be read."""
        with self.catalog() as catalog:
            return locate_image(catalog.store, image)

    def thumbnail(
        self, source: bytes | OwnFile, key: bytes, side: int, image_format: ThumbnailFormat, crop: Crop | None
    ) -> bytes:
        """A small copy without metadata; *key* names the content."""
        cached = (key, side, image_format, crop)
        data = self.thumbnails.get(cached)
        if data is None:
            made = self.read(MakeThumbnail(source, min(side, LARGEST_SIDE), image_format, crop))
            assert isinstance(made, MadeThumbnail)
            data = made.data
            self.thumbnails.put(cached, data)
        return data
