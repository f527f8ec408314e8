"""The promise of every engine: questions about neighbours over fingerprints of one width.

An engine is a cache: whatever it holds can be filled in again from the catalog. Public methods are final; they check
what comes, take the current rows once and hand both to the backend, so that all engines refuse the same things, number
rows alike and go on reading while somebody writes. A backend fills in ``_nearest``, ``_within`` and ``_pairs``, which
speak of positions of rows, never of ids; an index of its own it makes through ``rows.index``.
"""

from __future__ import annotations

import operator
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar, Self, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import SearchError
from lookalike.model import Distances, Ids
from lookalike.optional import Extra
from lookalike.search.checks import MAX_THREADS, MAX_WIDTH_BITS, integer_ids, packed, whole_number
from lookalike.search.id_range import IdRange
from lookalike.search.index_file import IndexRows, read_index, write_index
from lookalike.search.neighbors import Neighbors
from lookalike.search.rows import Positions, Rows, Words

NO_ID = -1
NO_NEIGHBOR = 65_535
AllowedIds = NDArray[np.int64] | Collection[int]


class Engine(ABC):
    """Neighbours by Hamming distance, in whole bits.

    Codes are packed bits, first bit highest, as ``numpy.packbits`` makes them, padded with zero bits to whole bytes.
    Answers are ordered by distance, then id. *allow* names the only ids that may be answered, exactly, at a cost in
    proportion to them; ids in it that aren't held don't matter.

        index = HammingIndex(width_bits=64)
        index.add(np.array([7, 8]), np.array([[0] * 8, [255] * 8], dtype=np.uint8))
        ids, distances = index.nearest(np.zeros((1, 8), np.uint8), k=2)      # [[7, 8]], [[0, 64]]

    One engine may be asked from several threads while another thread adds or removes: a question sees the rows that
    were there when it was asked.
    """

    exact: ClassVar[bool] = True
    """Whether every answer is the true one. Approximate engines may answer fewer neighbours than were asked for:
    places left over have id -1 and distance 65535."""

    needs: ClassVar[Extra | None] = None
    """The extra that must be installed to make one; None where the core suffices."""

    def __init__(self, width_bits: int, threads: int = 1) -> None:
        """An empty engine for codes of *width_bits* bits, 1 to 65,472, that may use 1 to 4,096 *threads* a question.

        Raises:
            SearchError: a number out of range.
        """
        self._width_bits = whole_number(width_bits, "width_bits", least=1, most=MAX_WIDTH_BITS)
        self._threads = whole_number(threads, "threads", least=1, most=MAX_THREADS)
        self._rows = Rows.empty((self._width_bits + 63) // 64)
        self._writing = threading.Lock()

    @final
    @property
    def width_bits(self) -> int:
        return self._width_bits

    @final
    @property
    def bytes_per_code(self) -> int:
        return (self._width_bits + 7) // 8

    @final
    @property
    def threads(self) -> int:
        return self._threads

    @final
    @property
    def bytes_used(self) -> int:
        """Memory of the rows and of the backend's own index, as far as that has been built."""
        rows = self._rows
        return rows.bytes_used + self._bytes_besides(rows)

    @final
    def __len__(self) -> int:
        return len(self._rows)

    @final
    def __contains__(self, id_: object) -> bool:
        try:
            number = operator.index(id_)  # type: ignore[arg-type]  # whether it has an index is the question
        except TypeError:  # as in a set: what can't be an id isn't held
            return False
        return 0 <= number < 2**63 and len(self._rows.positions_of(np.array([number], np.int64))[0]) == 1

    @final
    def add(self, ids: ArrayLike, codes: ArrayLike) -> None:
        """Hold more codes: int64 (n,) and uint8 (n, bytes_per_code). All of them, or none where one is refused.

        Cheapest in order of id, behind the last one held; otherwise everything held is copied once a call.

        Raises:
            DuplicateId: an id came twice or is held already.
            WidthMismatch: codes of another width.
            SearchError: anything else about the arrays.
        """
        new_ids = integer_ids(ids, "ids")
        words = packed(codes, self._width_bits, "codes")
        if len(new_ids) != len(words):
            raise SearchError(f"each code needs one id: {len(new_ids)} ids and {len(words)} codes came")
        if len(new_ids):
            with self._writing:
                self._rows = self._rows.added(new_ids, words)

    @final
    def adopt(self, ids: Ids | IdRange, words: Words) -> None:
        """Hold rows that are already as an engine keeps them, without a copy; nobody may write to the arrays after.

        Args:
            ids: rising, each once.
            words: uint64, shape (n, words of a code): codes filled up with zero bits to whole words.

        Raises:
            SearchError: the engine holds rows already, or the arrays aren't of this kind.
        """
        words_a_code = (self._width_bits + 63) // 64
        if words.dtype != np.uint64 or words.shape != (len(ids), words_a_code):
            raise SearchError(
                f"{len(ids)} codes of {self._width_bits} bits are uint64 of shape {(len(ids), words_a_code)}; "
                f"{words.dtype} of shape {words.shape} came"
            )
        if not isinstance(ids, IdRange) and not (np.all(ids[1:] > ids[:-1]) and (not len(ids) or ids[0] >= 0)):
            raise SearchError("rows are adopted in rising order of id, each id once, none negative: add them instead")
        with self._writing:
            if len(self._rows):
                raise SearchError(f"an engine that holds {len(self._rows)} rows can't adopt others: add them instead")
            self._rows = Rows.over(ids, np.ascontiguousarray(words))

    @final
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the rows to an index file, which any engine opens; a backend builds its own index again.

        Raises:
            OSError: as the system refuses it.
        """
        rows = self._rows
        write_index(path, IndexRows(self._width_bits, rows.ids, rows.words))

    @final
    @classmethod
    def open(cls, path: str | os.PathLike[str], threads: int = 1) -> Self:
        """An engine over the rows of an index file that ``save`` wrote, every byte of it proved by its checksum.

        Raises:
            IndexFileError: there is no such file, or it isn't as it was written.
        """
        content = read_index(path)
        engine = cls(content.width_bits, threads)
        engine.adopt(content.ids, content.words)
        return engine

    @final
    def remove(self, ids: ArrayLike | Collection[int]) -> int:
        """Forget some ids; returns how many were held. Ids that aren't held don't matter: the catalog is the truth, and
        an engine may have missed some of it.
        """
        gone = integer_ids(ids, "ids")
        with self._writing:
            before = self._rows
            self._rows = before.without(np.unique(gone))
            return len(before) - len(self._rows)

    @final
    def nearest(self, queries: ArrayLike, k: int, allow: AllowedIds | None = None) -> tuple[Ids, Distances]:
        """The *k* nearest of each query.

        Args:
            queries: uint8 (q, bytes_per_code).
            k: at least 1.
            allow: the ids that may be answered; None means all.

        Returns:
            ids int64 and distances uint16, both (q, min(k, number held and allowed)), by distance, then id.

        Raises:
            WidthMismatch: queries of another width.
            SearchError: anything else about them, or about *k*.
        """
        words = packed(queries, self._width_bits, "queries")
        wanted = whole_number(k, "k", least=1)
        rows = self._rows
        allowed = _allowed_positions(rows, allow)
        count = min(wanted, len(rows) if allowed is None else len(allowed))
        if count == 0 or len(words) == 0:
            return np.empty((len(words), count), np.int64), np.empty((len(words), count), np.uint16)
        positions, distances = self._nearest(rows, words, count, allowed)
        ids = rows.ids[positions]
        if not self.exact:
            ids[positions < 0] = NO_ID
        return ids, distances

    @final
    def within(self, queries: ArrayLike, radius_bits: int, allow: AllowedIds | None = None) -> Neighbors:
        """Everything at most *radius_bits* bits from each query, the radius itself included.

        Raises:
            WidthMismatch: queries of another width.
            SearchError: anything else about them, or a negative radius.
        """
        words = packed(queries, self._width_bits, "queries")
        radius = min(whole_number(radius_bits, "radius_bits", least=0), self._width_bits)
        rows = self._rows
        allowed = _allowed_positions(rows, allow)
        if len(words) == 0 or (len(rows) if allowed is None else len(allowed)) == 0:
            return Neighbors(np.zeros(len(words) + 1, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16))
        offsets, positions, distances = self._within(rows, words, radius, allowed)
        return Neighbors(offsets, rows.ids[positions], distances)

    @final
    def pairs(self, radius_bits: int) -> tuple[Ids, Ids, Distances]:
        """Every two codes held that are at most *radius_bits* bits apart, each pair once.

        Returns:
            ids_a, ids_b (int64) and distances (uint16), each (number of pairs,); ids_a < ids_b, ordered by both.

        Raises:
            SearchError: a negative radius.
        """
        radius = min(whole_number(radius_bits, "radius_bits", least=0), self._width_bits)
        rows = self._rows
        if len(rows) < 2:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16)
        first, second, distances = self._pairs(rows, radius)
        return rows.ids[first], rows.ids[second], distances

    def measured_recall(self, sample: ArrayLike, k: int = 9) -> float:
        """The share of the *k* places that hold a true neighbour, 0 to 1, over queries uint8 (q, bytes_per_code).

        1 for an exact engine; an approximate one measures it against a scan.
        """
        packed(sample, self._width_bits, "queries")
        whole_number(k, "k", least=1)
        if not self.exact:
            raise NotImplementedError(f"{type(self).__name__} is approximate and doesn't say how good it is")
        return 1.0

    def _bytes_besides(self, rows: Rows) -> int:
        """Memory of what the backend keeps besides the rows."""
        index = rows.index_if_built
        return 0 if index is None else self._index_bytes(index)

    def _index_bytes(self, index: Any) -> int:
        """Memory of what the backend built through ``rows.index``; a backend that builds must say."""
        raise NotImplementedError(f"{type(self).__name__} builds an index and doesn't say how large it is")

    @abstractmethod
    def _nearest(
        self, rows: Rows, queries: Words, count: int, allowed: Positions | None
    ) -> tuple[Positions, Distances]:
        """Positions and distances, both (q, count), by distance, then position; rows and count are at least 1 and
        count is at most the rows allowed. Position -1 and distance 65535 where an approximate engine found no more.
        """

    @abstractmethod
    def _within(
        self, rows: Rows, queries: Words, radius_bits: int, allowed: Positions | None
    ) -> tuple[NDArray[np.int64], Positions, Distances]:
        """Offsets (q + 1,), positions and distances (total,), by distance, then position, within each query."""

    @abstractmethod
    def _pairs(self, rows: Rows, radius_bits: int) -> tuple[Positions, Positions, Distances]:
        """Positions first < second and distances, in rising order of both positions."""


def _allowed_positions(rows: Rows, allow: AllowedIds | None) -> Positions | None:
    """Rising positions of the ids allowed, each once; None where every row is."""
    if allow is None:
        return None
    ids = integer_ids(allow, "allow")
    if len(ids) > 1 and not np.all(ids[1:] > ids[:-1]):
        ids = np.unique(ids)
    positions, _ = rows.positions_of(ids)
    return None if len(positions) == len(rows) else positions
