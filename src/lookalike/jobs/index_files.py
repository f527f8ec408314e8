"""The index folder beside a catalog: what lies in it, and the removal of what nobody will read again.

Nothing else is ever removed than regular files in that folder that end in ``.idx`` or ``.chance`` and begin as index
files and counted chances do, and unfinished ones of theirs whose writer is gone.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lookalike.catalog import RecipeRecord, Store
from lookalike.errors import IndexFileDamaged, IndexFileError, IndexFileStale
from lookalike.jobs.chance_file import PART_SUFFIX, SUFFIX, is_chance_file
from lookalike.jobs.recipe_rows import FOLDER_SUFFIX, file_name, source_of
from lookalike.search import MAGIC, read_index_of, read_source, remove_abandoned

ABANDONED_S = 3600.0  # nobody writes a few kilobytes for an hour

Condition = Literal["up to date", "behind", "stale", "damaged", "unused"]


@dataclass(frozen=True, slots=True)
class IndexFile:
    """One file of the index folder.

    Attributes:
        name: of the file, without its folder.
        bytes: its length.
        condition: ``up to date``; ``behind``, and the next search brings it up to date; ``stale`` or ``damaged``, and
            the next search makes it anew; ``unused``, since the catalog has no such recipe.
        states_behind: changes of the catalog since it was written, where it is up to date or behind.
        words: what is wrong with a damaged one, otherwise empty.
    """

    name: str
    bytes: int
    condition: Condition
    states_behind: int = 0
    words: str = ""


def list_index_files(store: Store) -> list[IndexFile]:
    """The index files beside the catalog, by name; every byte of those that a search would read is proved."""
    held = {file_name(record.text): record for record in store.recipes() if record.contents}
    states = store.remembered_states()
    return [examine(path, held.get(os.path.basename(path)), states) for path in index_files_of(store)]


def examine(path: str, record: RecipeRecord | None, states: list[bytes]) -> IndexFile:
    """What is to be said of one file, which is that of *record*; None where the catalog has no such recipe."""
    name = os.path.basename(path)
    length = 0
    try:
        length = os.stat(path).st_size
        if record is None:
            return IndexFile(name, length, "unused")
        sources = [source_of(token, record.text, record.version, record.width_bits) for token in states]
        behind, _ = read_index_of(path, sources, width_bits=record.width_bits)
    except IndexFileStale:
        return IndexFile(name, length, "stale")
    except (OSError, IndexFileError) as error:
        return IndexFile(name, length, "damaged", words=str(error))
    return IndexFile(name, length, "behind" if behind else "up to date", behind)


def remove_unused_index_files(store: Store) -> list[str]:
    """Remove the files of recipes that the catalog doesn't have, and those of other formats; names of those removed.

    A file that can't be removed stays: it is a cache, and changes no answer.
    """
    held = {file_name(record.text) for record in store.recipes() if record.contents}
    removed = []
    for path in index_files_of(store):
        name = os.path.basename(path)
        with contextlib.suppress(OSError):
            remove_abandoned(path)
            if name not in held or is_of_another_format(path):
                os.unlink(path)
                removed.append(name)
    return removed + remove_unused_chance_files(store, {name.removesuffix(".idx") for name in held})


def remove_unused_chance_files(store: Store, held: set[str]) -> list[str]:
    """Remove what `chance_file` keeps of recipes not *held*, and unfinished files of its; names of those removed."""
    removed = []
    for path in files_beside(store, SUFFIX, PART_SUFFIX):
        name = os.path.basename(path)
        if name.removesuffix(SUFFIX) not in held and is_chance_file(path):
            with contextlib.suppress(OSError):
                if not name.endswith(PART_SUFFIX) or time.time() - os.stat(path).st_mtime > ABANDONED_S:
                    os.unlink(path)
                    removed.append(name)
    return removed


def is_of_another_format(path: str) -> bool:
    """Whether the file isn't one that this Lookalike reads: of another version, or damaged at its head."""
    try:
        read_source(path)
    except IndexFileDamaged:
        return True
    except IndexFileError:
        return False
    return False


def index_files_of(store: Store) -> Iterator[str]:
    """Paths of the catalog's index files: what ends and begins as they do."""
    for path in files_beside(store, ".idx"):
        with contextlib.suppress(OSError):
            with open(path, "rb") as file:
                ours = file.read(len(MAGIC)) == MAGIC
            if ours:
                yield path


def files_beside(store: Store, *suffixes: str) -> Iterator[str]:
    """Paths of the files in the index folder that end in one of *suffixes*, if it is a folder itself and no link."""
    folder = f"{store.path}{FOLDER_SUFFIX}"
    try:
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        with contextlib.suppress(OSError):
            if entry.name.endswith(suffixes) and entry.is_file(follow_symlinks=False):
                yield entry.path
