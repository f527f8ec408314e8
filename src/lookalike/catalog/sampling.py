"""A random sample of the contents, the same for the same pictures and seed, without reading them all.

A content's rank hangs on its hash and the seed alone. In a large catalog the ranks begin with the order in which the
seed visits slices of all hashes: hashes come in no order, so the pictures of a slice have nothing in common, and the
index over hashes gives a slice without looking at any other.
"""

from __future__ import annotations

from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

from lookalike.catalog.codes import PRESENT
from lookalike.catalog.contents import contents_where
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.errors import CatalogError
from lookalike.model import Ids

IS_PRESENT = f"EXISTS (SELECT 1 FROM files WHERE content_id = contents.id AND {PRESENT})"

SLICE_BITS = 20
"""Of a million pictures a slice holds one, so that those of a sample are drawn nearly one by one."""

# A catalog is large where so many contents have a hash that begins with so many zero bits: some 65,000 in all. The
# pictures alone say so: numbers of contents that were removed, or a count of all, would say it otherwise or slowly.
SIGN_BITS = 10
SIGN_CONTENTS = 64

MOST_SLICES = 8192
"""Looked at one by one; for more, reading all contents of a catalog that is just large takes no longer."""


def random_contents(db: Database, count: int, seed: int, where: str | None = None) -> Ids:
    """int64 (up to *count*,): present contents drawn by *seed*, of those with a file that satisfies *where*.

    The same pictures give the same sample whatever the order they came in, on every machine, and one picture more
    changes at most one place, except for the one by which a catalog becomes large.

    Raises:
        CatalogError: a negative *count*. WhereError: *where* can't be understood.
    """
    if count < 0:
        raise CatalogError(f"a sample of {count} contents was asked for, at least 0 was expected")
    with db.reading(), rows_understood(db.path):
        slice_bits = SLICE_BITS if is_large(db) else 0
        if where is not None:
            rows = db.rows(
                "SELECT id, substr(hash, 1, 8) FROM contents WHERE id IN (SELECT value FROM carray(?)) ORDER BY hash",
                (apsw.carray(np.ascontiguousarray(contents_where(db, where))),),
            )
        elif (found := first_slices(db, count, seed, slice_bits)) is not None:
            rows = found
        else:
            rows = db.rows(f"SELECT id, substr(hash, 1, 8) FROM contents WHERE {IS_PRESENT} ORDER BY hash")
        ids = np.array([content_id for content_id, _ in rows], dtype=np.int64)
        digests = np.frombuffer(b"".join(digest for _, digest in rows), dtype=">u8").astype(np.uint64)
        if len(digests) != len(ids):
            raise ValueError("a hash is too short")
    return ids[ranking(digests, seed, slice_bits)[:count]]


def is_large(db: Database) -> bool:
    """Whether the catalog holds so many contents that not all are read."""
    bound = (2**32 >> SIGN_BITS).to_bytes(4, "big")
    sql = f"SELECT count(*) FROM (SELECT 1 FROM contents WHERE hash < ? AND {IS_PRESENT} LIMIT ?)"
    return bool(db.value(sql, (bound, SIGN_CONTENTS)) == SIGN_CONTENTS)


def first_slices(db: Database, count: int, seed: int, slice_bits: int) -> list[Any] | None:
    """Ids and beginnings of the hashes in the slices that the seed visits first, until they are *count*; None where
    reading all is better.
    """
    if not slice_bits:
        return None
    step, start = visiting(seed, slice_bits)
    sql = f"SELECT id, substr(hash, 1, 8) FROM contents WHERE hash >= ? AND hash < ? AND {IS_PRESENT} ORDER BY hash"
    found: list[Any] = []
    for turn in range(min(MOST_SLICES, 2**slice_bits)):
        if len(found) >= count:
            return found
        place = (start + turn * step) % 2**slice_bits
        found += db.rows(sql, (bound_of(place, slice_bits), bound_of(place + 1, slice_bits)))
    return None


def bound_of(place: int, slice_bits: int) -> bytes:
    """The least hash of a slice; behind the last one, what is above all hashes."""
    first = place << (32 - slice_bits)
    return first.to_bytes(4, "big") if first < 2**32 else b"\xff" * 33


def visiting(seed: int, slice_bits: int) -> tuple[int, int]:
    """The order in which *seed* visits the slices: turn t is at (start + t * step), step odd, so that it meets all."""
    drawn: NDArray[np.uint64] = mix(np.array([seed % 2**64], dtype=np.uint64)) + np.array([1, 2], dtype=np.uint64)
    step, start = mix(drawn).tolist()
    return step % 2**slice_bits | 1, start % 2**slice_bits


def ranking(digests: NDArray[np.uint64], seed: int, slice_bits: int) -> NDArray[np.int64]:
    """The places of *digests*, the first 8 bytes of hashes, in the order of the sample."""
    mixed = mix(digests ^ mix(np.array([seed % 2**64], dtype=np.uint64)))
    if not slice_bits:
        return np.argsort(mixed, kind="stable")
    step, start = visiting(seed, slice_bits)
    places = digests >> np.uint64(64 - slice_bits)
    back = np.uint64(pow(step, -1, 2**slice_bits))
    turns = ((places - np.uint64(start)) * back) % np.uint64(2**slice_bits)  # wraps at 2^64, a multiple of the slices
    return np.lexsort((mixed, turns))


def mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's output function (Steele, Lea and Flood 2014, https://doi.org/10.1145/2660193.2660195); wraps at
    2^64.
    """
    mixed = words + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
