"""An engine's rows in a file that is opened in milliseconds: written beside and renamed, never changed in place.

A file is read into memory, not mapped: a mapped file that somebody cuts off kills the process (SIGBUS), and since every
byte is proved by its checksum before the first answer, a map would save one copy and no more. The checksums are those
of chunks, each computed right behind its read, by several threads where there are several chunks. Measured on an AMD
EPYC with 2 cores: 1,000,000 codes of 64 bits in 4 to 7 ms, 100,000,000 in 0.2 s (`benchmarks/hundred_million.py`).
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import IndexFileStale, IndexFileUnreadable, SearchError
from lookalike.model import Ids
from lookalike.search.id_range import IdRange, compact
from lookalike.search.index_format import (
    CHUNK_BYTES,
    EACH,
    FIXED_BYTES,
    RANGE,
    SOURCE_BYTES,
    Header,
    chunk_digest,
    damaged,
    pack_header,
    unpack_digests,
    unpack_fields,
)
from lookalike.search.rows import Words

NO_SOURCE = bytes(SOURCE_BYTES)
"""The source of rows that were made from nothing that changes."""

MOST_THREADS = 4
"""Reading and hashing keep up with memory by then: BLAKE3 does 2.5 GB/s a core, measured on an AMD EPYC."""

ABANDONED_S = 3600.0
"""An unfinished file that nobody wrote to for an hour has lost its writer."""


class IndexRows(NamedTuple):
    """What an index file holds: ids of whole numbers, rising, and for each its code as whole words."""

    width_bits: int
    ids: Ids | IdRange
    words: Words


def write_index(
    path: str | os.PathLike[str],
    rows: IndexRows,
    *,
    source: bytes = NO_SOURCE,
    permissions: int = 0o666,
    chunk_bytes: int = CHUNK_BYTES,
) -> None:
    """Write *rows* to *path*, in place of any file there, all or nothing.

    Args:
        path: the file's name; its folder must be there.
        rows: ids may come several times, in rising order.
        source: 32 bytes that name what the rows were made from; ``read_index`` asks for them again.
        permissions: of the file, less the process's umask.
        chunk_bytes: how much one checksum covers.

    Raises:
        SearchError: ids and words that don't belong together, or a source of another length.
        OSError: as the system refuses it; then the file that was there is as it was.
    """
    ids = rows.ids if isinstance(rows.ids, IdRange) else compact(rows.ids)
    if len(source) != SOURCE_BYTES:
        raise SearchError(f"the source of an index file has {SOURCE_BYTES} bytes, {len(source)} came")
    is_range = isinstance(ids, IdRange)
    header = Header(
        rows.width_bits, RANGE if is_range else EACH, len(ids), int(ids[0]) if is_range else 0, source, chunk_bytes
    )
    if rows.words.shape != (header.rows, header.words_a_row) or rows.words.dtype != np.uint64:
        raise SearchError(
            f"{header.rows} codes of {header.width_bits} bits are uint64 of shape {(header.rows, header.words_a_row)}; "
            f"{rows.words.dtype} of shape {rows.words.shape} came"
        )
    sections = [_bytes_of(rows.words)]
    if not isinstance(ids, IdRange):
        sections.insert(0, _bytes_of(ids.astype("<i8", copy=False)))
    name = os.fspath(path)
    remove_abandoned(name)
    unfinished = f"{name}.{os.getpid()}-{threading.get_ident()}.part"
    try:
        _write_whole(unfinished, header, sections, permissions)
        os.replace(unfinished, name)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise
    _sync_folder(os.path.dirname(os.path.abspath(name)))


def _bytes_of(array: NDArray[np.generic]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _write_whole(name: str, header: Header, sections: list[memoryview], permissions: int) -> None:
    """The payload first and its header last, each chunk hashed right before it is written."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(name, flags, permissions), "wb", buffering=0) as file:
        file.seek(header.length)
        digests = []
        for at in range(0, header.payload_bytes, header.chunk_bytes):
            chunk = _slice(sections, at, min(at + header.chunk_bytes, header.payload_bytes))
            digests.append(chunk_digest(chunk))
            _write_all(file.fileno(), chunk)
        file.seek(0)
        _write_all(file.fileno(), memoryview(pack_header(header, b"".join(digests))))
        os.fsync(file.fileno())


def _slice(sections: list[memoryview], begin: int, end: int) -> memoryview:
    """Bytes *begin* to *end* of the sections laid end to end; copied only where they cross a border."""
    parts = []
    for section in sections:
        if begin < len(section) and end > 0:
            parts.append(section[max(begin, 0) : end])
        begin, end = begin - len(section), end - len(section)
    return parts[0] if len(parts) == 1 else memoryview(b"".join(parts))


def _write_all(descriptor: int, part: memoryview) -> None:
    while len(part):
        part = part[os.write(descriptor, part) :]


def _sync_folder(folder: str) -> None:
    """So that the new name outlasts a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_abandoned(name: str) -> None:
    """Remove unfinished files for *name* whose writers were killed."""
    folder, begin = os.path.split(os.path.abspath(name))
    for entry in os.scandir(folder):
        if entry.name.startswith(f"{begin}.") and entry.name.endswith(".part"):
            with contextlib.suppress(OSError):  # its writer, or another remover, was quicker
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > ABANDONED_S:
                    os.unlink(entry.path)


def read_index(path: str | os.PathLike[str], *, width_bits: int | None = None, source: bytes = NO_SOURCE) -> IndexRows:
    """The rows of the file at *path*, every byte of them proved by its checksum.

    Args:
        path: the file's name.
        width_bits: the width that the codes must have; None takes any.
        source: what the rows must have been made from.

    Raises:
        IndexFileUnreadable, IndexFileDamaged, IndexFileStale: as ``read_index_of`` says.
    """
    return read_index_of(path, [source], width_bits=width_bits)[1]


def read_index_of(
    path: str | os.PathLike[str], sources: Sequence[bytes], *, width_bits: int | None = None
) -> tuple[int, IndexRows]:
    """Which of *sources* the file at *path* was made from, and its rows; as ``read_index`` otherwise.

    Raises:
        IndexFileUnreadable: there is no file, or the system refuses to read it.
        IndexFileDamaged: it isn't an index file, or not as it was written.
        IndexFileStale: it is sound, and made from something else or of another width.
    """
    name = os.fspath(path)
    try:
        with open(name, "rb", buffering=0) as file:
            length = os.fstat(file.fileno()).st_size
            header, digests = _read_header(file, name, length)
            if header.source not in sources:
                raise IndexFileStale(f"the index file {name!r} was made from another state: make it anew")
            if width_bits is not None and header.width_bits != width_bits:
                raise IndexFileStale(
                    f"the index file {name!r} holds codes of {header.width_bits} bits, {width_bits} are asked: "
                    "make it anew"
                )
            payload = _Payload(file.fileno(), header, digests, name)
            payload.read()
    except OSError as error:
        raise IndexFileUnreadable(f"the index file {name!r} can't be read: {error}; it is made anew") from error
    return sources.index(header.source), payload.rows()


def read_source(path: str | os.PathLike[str]) -> bytes:
    """What the file at *path* says it was made from: its header is proved, its rows aren't looked at.

    Raises:
        IndexFileUnreadable, IndexFileDamaged: as for ``read_index``.
    """
    name = os.fspath(path)
    try:
        with open(name, "rb", buffering=0) as file:
            return _read_header(file, name, os.fstat(file.fileno()).st_size)[0].source
    except OSError as error:
        raise IndexFileUnreadable(f"the index file {name!r} can't be read: {error}; it is made anew") from error


def _read_header(file: BinaryIO, name: str, length: int) -> tuple[Header, list[bytes]]:
    fields = file.read(FIXED_BYTES)
    header = unpack_fields(fields, name, length)
    return header, unpack_digests(header, fields, file.read(header.length - FIXED_BYTES), name)


class _Payload:
    """Ids and codes on their way from a file into memory of their own."""

    def __init__(self, descriptor: int, header: Header, digests: list[bytes], name: str) -> None:
        self._descriptor = descriptor
        self._header = header
        self._digests = digests
        self._name = name
        # As whole words, so that codes and ids lie where a processor likes them.
        self._memory = np.empty(header.payload_bytes // 8, np.uint64)
        self._bytes = self._memory.view(np.uint8).data
        self._failed: list[Exception] = []

    def read(self) -> None:
        """Read and prove every chunk, by as many threads as there are cores and chunks."""
        threads = max(1, min(MOST_THREADS, os.cpu_count() or 1, self._header.chunks))
        others = [threading.Thread(target=self._read_chunks, args=(turn, threads)) for turn in range(1, threads)]
        for thread in others:
            thread.start()
        self._read_chunks(0, threads)
        for thread in others:
            thread.join()
        if self._failed:
            raise self._failed[0]

    def _read_chunks(self, first: int, step: int) -> None:
        try:
            for number in range(first, self._header.chunks, step):
                if self._failed:
                    return
                self._read_chunk(number)
        except Exception as error:  # noqa: BLE001  # raised again by read(), in the caller's thread
            self._failed.append(error)

    def _read_chunk(self, number: int) -> None:
        begin = number * self._header.chunk_bytes
        chunk = self._bytes[begin : begin + self._header.chunk_bytes]
        filled = 0
        while filled < len(chunk):
            came = os.preadv(self._descriptor, [chunk[filled:]], self._header.length + begin + filled)
            if not came:
                raise damaged(self._name, "it was cut off while it was read")
            filled += came
        if chunk_digest(chunk) != self._digests[number]:
            raise damaged(self._name, f"the checksum of its bytes from {self._header.length + begin} is wrong")

    def rows(self) -> IndexRows:
        header = self._header
        border = header.ids_bytes // 8
        words = self._memory[border:].reshape(header.rows, header.words_a_row)
        if header.ids_kind == RANGE:
            return IndexRows(header.width_bits, IdRange(header.first_id, header.rows), words)
        ids = self._memory[:border].view("<i8").astype(np.int64, copy=False)
        return IndexRows(header.width_bits, ids, words)
