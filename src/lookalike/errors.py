"""Everything Lookalike raises on purpose, so that one ``except LookalikeError`` catches it all.

    LookalikeError
    ├── ImageError                an image can't be used; carries a ledger ``reason``
    │   ├── ImageUnreadable         the file can't be opened or read
    │   │   ├── ImageGone             it is not there any more
    │   │   └── ImageChanging         it changed while it was read, again and again
    │   ├── UnsupportedFormat       not an image, or a format outside the allow-list
    │   │   └── MissingDecoder        a format that an extra would open
    │   ├── TooManyPixels           more pixels than the limit
    │   ├── TooManyBytes            a larger file than the limit
    │   ├── TooSmall                fewer pixels than a recipe needs for its width
    │   ├── CutOff                  the file ends before its last row
    │   └── Undecodable             the decoder refused the content
    ├── RecipeError               a recipe text that can't be understood
    ├── RecipeMismatch            fingerprints of different recipes were compared
    ├── FingerprintError          a fingerprint's hex or bits are malformed
    ├── SearchError               a question an engine can't answer
    │   ├── WidthMismatch           codes of another width than the engine's
    │   └── DuplicateId             an id that the engine already holds
    ├── IndexFileError            an index file can't be used; whoever asked makes it anew
    │   ├── IndexFileUnreadable     it isn't there, or the system refuses to read it
    │   ├── IndexFileDamaged        not an index file, or not as it was written
    │   └── IndexFileStale          sound, and made from something else
    ├── CatalogError              the catalog file can't be used
    │   ├── CatalogNotFound         no catalog at this path
    │   ├── CatalogDamaged          not a catalog, or its content is broken
    │   ├── CatalogLocked           another process is writing to it
    │   ├── CatalogTooNew           written by a newer Lookalike
    │   └── CatalogOutdated         written by an older Lookalike and opened for reading only
    ├── NotInCatalog              a path, id or recipe that the catalog doesn't hold
    ├── AttributesError           a CSV, JSON or Parquet file of attributes is malformed
    ├── WhereError                a filter text that can't be understood
    ├── CropError                 a crop that isn't a rectangle inside the picture
    ├── SettingsError             a setting has a value of the wrong kind
    ├── RulesError                a glob of what to include or exclude can't be understood
    ├── PruneRefused              removing what vanished would take more of the catalog than is likely meant
    ├── ExecutionError            the work can't be run at all
    ├── EvaluationError           an attack, attribute or number that can't be measured
    ├── RenderingError            a sheet or report can't be drawn or written
    ├── ServerError               a server can't be asked, or refuses
    └── MissingExtra              an optional package isn't installed

A message says what came, what was expected and what to do.
"""

from __future__ import annotations


class LookalikeError(Exception):
    """The root of the tree."""


class ImageError(LookalikeError):
    """An image can't be used.

    ``reason`` is the short stable word that the ledger stores; the message is for people.
    """

    reason = "unusable"


class ImageUnreadable(ImageError):
    """The file can't be opened or read: permission, vanished, not a regular file."""

    reason = "unreadable"


class ImageGone(ImageUnreadable):
    """The file was there when the folder was listed and is not any more."""

    reason = "gone-meanwhile"


class ImageChanging(ImageUnreadable):
    """The file changed while it was read, each time it was tried."""

    reason = "changed-while-read"


class UnsupportedFormat(ImageError):
    """Not an image, or a format outside the allow-list."""

    reason = "unsupported-format"


class MissingDecoder(UnsupportedFormat):
    """A format that an extra would open; the message says how to install it."""

    reason = "needs-extra"


class TooManyPixels(ImageError):
    """The header announces more pixels than the limit allows."""

    reason = "too-many-pixels"


class TooManyBytes(ImageError):
    """The file is larger than the limit allows."""

    reason = "too-many-bytes"


class TooSmall(ImageError):
    """Fewer pixels than a recipe needs for its width."""

    reason = "too-small"


class CutOff(ImageError):
    """The file ends before the picture's last row."""

    reason = "cut-off"


class Undecodable(ImageError):
    """The decoder refused the content."""

    reason = "undecodable"


class RecipeError(LookalikeError, ValueError):
    """A recipe text that can't be understood."""


class RecipeMismatch(LookalikeError, TypeError):
    """Fingerprints of different recipes were compared: that has no meaning."""


class FingerprintError(LookalikeError, ValueError):
    """A fingerprint's hex or bits are malformed."""


class SearchError(LookalikeError, ValueError):
    """A question that an engine can't answer."""


class WidthMismatch(SearchError):
    """Codes of another width than the engine's."""


class DuplicateId(SearchError):
    """An id that the engine already holds."""


class IndexFileError(LookalikeError):
    """An index file can't be used; it is a cache, so whoever asked makes it anew."""


class IndexFileUnreadable(IndexFileError):
    """The index file isn't there, or the system refuses to read it."""


class IndexFileDamaged(IndexFileError):
    """Not an index file, or not as it was written."""


class IndexFileStale(IndexFileError):
    """The index file is sound, and was made from something else: an earlier state, another catalog or recipe."""


class CatalogError(LookalikeError):
    """The catalog file can't be used."""


class CatalogNotFound(CatalogError):
    """There is no catalog at this path."""


class CatalogDamaged(CatalogError):
    """The file isn't a Lookalike catalog, or its content is broken."""


class CatalogLocked(CatalogError):
    """Another process is writing to the catalog."""


class CatalogTooNew(CatalogError):
    """The catalog was written by a newer Lookalike."""


class CatalogOutdated(CatalogError):
    """The catalog was written by an older Lookalike and can't be brought up to date while only read."""


class NotInCatalog(LookalikeError, KeyError):
    """A path, id or recipe that the catalog doesn't hold."""

    def __str__(self) -> str:
        """KeyError would print the message quoted."""
        return str(self.args[0]) if self.args else ""


class AttributesError(LookalikeError, ValueError):
    """A CSV, JSON or Parquet file of attributes is malformed."""


class WhereError(LookalikeError, ValueError):
    """A filter text that can't be understood."""


class CropError(LookalikeError, ValueError):
    """A crop that isn't a rectangle inside the picture."""


class SettingsError(LookalikeError, ValueError):
    """A setting has a value of the wrong kind."""


class RulesError(LookalikeError, ValueError):
    """A glob of what to include or exclude can't be understood."""


class PruneRefused(LookalikeError):
    """Removing what vanished would take more of the catalog than is likely meant."""


class ExecutionError(LookalikeError, RuntimeError):
    """The work can't be run at all: no process can be started."""


class EvaluationError(LookalikeError, ValueError):
    """Something that can't be measured: no such attack, no pictures with a label, a number out of range."""


class RenderingError(LookalikeError, ValueError):
    """A sheet or report can't be drawn or written: no tiles, too many pixels, a bad size or path."""


class ServerError(LookalikeError, RuntimeError):
    """A server can't be reached, isn't one of ours, or refuses what it was asked."""


class NotServed(ServerError, AttributeError):
    """Something that a catalog of this machine can do and one behind a server can't; the message says what to do."""


class MissingExtra(LookalikeError, ImportError):
    """An optional package isn't installed; the message says how to install it."""
