"""What one worker does with one file: read it once, name its content, decode it once, make every fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from blake3 import blake3

from lookalike.catalog import ContentFacts, FileResult, FileStat, Store
from lookalike.errors import ImageError, ImageGone, UnsupportedFormat
from lookalike.images import FileContent, Limits
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.jobs.read_settled import look_at, read_quietly, read_settled
from lookalike.model import Recipe

NO_STAT = FileStat(0, 0, 0, 0, 0)


@dataclass(slots=True)
class FingerprintFile:
    """A function over paths that can be sent to a worker process.

    Attributes:
        recipes: what to make.
        limits: what is refused undecoded.
        catalog: the catalog file, asked for contents that are known already.
    """

    recipes: tuple[Recipe, ...]
    limits: Limits
    catalog: str
    store: Store | None = field(default=None, repr=False)

    def __call__(self, path: bytes) -> FileResult:
        """Read, hash, decode and fingerprint the file at *path*; what can't be used comes back with its reason."""
        stat = NO_STAT
        try:
            settled = read_quietly(path, self.limits)
            if settled is None:
                # The stat comes first: should the file change while it is read, the next scan sees another stamp.
                stat = look_at(path)
                settled = read_settled(path, self.limits)
            data, stat = settled
            return self.fingerprint(path, data, stat)
        except (UnsupportedFormat, ImageGone) as error:
            return FileResult(path, stat, "skipped", error.reason, str(error))
        except ImageError as error:
            return FileResult(path, stat, "failed", error.reason, str(error))

    def fingerprint(self, path: bytes, data: bytes, stat: FileStat) -> FileResult:
        """The result for a file that can be used; *data* is its content, *stat* its stat.

        Raises:
            ImageError: it can't.
        """
        digest = blake3(data).digest()
        known, missing = self.look_up(digest)
        if known is not None and not missing:
            return FileResult(path, stat, "indexed", content_id=known)
        content = FileContent(data, "the file")  # what is said of it follows its path wherever it is told
        picture, fingerprints = fingerprint_source(content, missing, self.limits)
        if known is not None:
            return FileResult(path, stat, "indexed", content_id=known, fingerprints=fingerprints)
        facts = ContentFacts(
            digest,
            len(data),
            picture.width,
            picture.height,
            picture.format,
            picture.mode,
            picture.frames,
            picture.orientation,
            picture.notes,
        )
        return FileResult(path, stat, "indexed", None, "", facts, None, fingerprints)

    def look_up(self, digest: bytes) -> tuple[int | None, Sequence[Recipe]]:
        """The content's id, if the catalog knows it, and the recipes that it still lacks."""
        if self.store is None:
            self.store = Store.open(self.catalog, read_only=True)
        known = self.store.has_content(digest)
        if known is None:
            return None, self.recipes
        return known, self.store.missing_recipes([known], self.recipes).get(known, ())
