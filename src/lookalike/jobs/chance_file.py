"""The small file beside the index files that keeps counted distances between unrelated pictures, one a recipe.

It is a cache like them: JSON with a checksum, written beside and renamed; whatever is off with it, pairs are counted
again.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from functools import lru_cache
from typing import NamedTuple

import blake3

from lookalike.catalog import Store
from lookalike.jobs.recipe_rows import index_path
from lookalike.model import Recipe

KIND = "lookalike chance 1"
SUFFIX = ".chance"
PART_SUFFIX = ".part"


class ChanceCount(NamedTuple):
    """Pairs counted.

    Attributes:
        counts: at each distance from 0 to the width.
        pictures: from how many pairs were drawn.
        highest_id: the youngest of them.
        left_out: pairs that are copies.
    """

    counts: tuple[int, ...]
    pictures: int
    highest_id: int
    left_out: int


def chance_path(store: Store, recipe: Recipe) -> str:
    """The file of *recipe*."""
    return index_path(store.path, recipe).removesuffix(".idx") + SUFFIX


def read_chance(store: Store, recipe: Recipe) -> ChanceCount | None:
    """What was counted; None where there is no such file, or it is of another version, damaged or made up."""
    path = chance_path(store, recipe)
    try:
        seen = os.stat(path)
    except OSError:
        return None
    # Files are never written over, only replaced: another count is another file.
    return _read(path, (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns), recipe)


@lru_cache(maxsize=64)  # a server asks with every search, and reading takes a millisecond
def _read(path: str, _seen: tuple[int, ...], recipe: Recipe) -> ChanceCount | None:
    try:
        with open(path, encoding="ascii") as file:
            told = json.load(file)
        count = ChanceCount(tuple(told["counts"]), told["pictures"], told["highest_id"], told["left_out"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = told == describe(recipe, count) and len(count.counts) == recipe.distance_bits + 1
    return count if whole and sum(count.counts) > 0 else None


def write_chance(store: Store, recipe: Recipe, count: ChanceCount) -> None:
    """Keep *count*, where that can be written; pairs are just counted again elsewhere."""
    path = chance_path(store, recipe)
    beside = f"{path}.{secrets.token_hex(8)}{PART_SUFFIX}"
    with contextlib.suppress(OSError):
        permissions = os.stat(store.path).st_mode & 0o666  # as private as the catalog that it is from
        os.makedirs(os.path.dirname(path), mode=0o777 if permissions & 0o077 else 0o700, exist_ok=True)
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, permissions)
            with open(descriptor, "w", encoding="ascii") as file:
                json.dump(describe(recipe, count), file)
            os.replace(beside, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(beside)
            raise


def describe(recipe: Recipe, count: ChanceCount) -> dict[str, object]:
    """The file's content: what it is of, the count, and the checksum of both."""
    told: dict[str, object] = {
        "kind": KIND,
        "recipe": str(recipe),
        "version": recipe.version,
        **count._asdict(),
        "counts": list(count.counts),
    }
    return {**told, "checksum": blake3.blake3(json.dumps(told).encode()).hexdigest()}


def is_chance_file(path: str) -> bool:
    """Whether *path* is one of these, whole or not: it begins as they do."""
    beginning = json.dumps({"kind": KIND})[:-1].encode()
    try:
        with open(path, "rb") as file:
            return file.read(len(beginning)) == beginning
    except OSError:
        return False
