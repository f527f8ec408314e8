"""The layout of an index file, version 1: a header that says and proves everything, then the payload.

| bytes | what |
|---|---|
| 8 | magic ``LKAKIDX`` and a line feed, which betrays transfers that rewrite line ends |
| 4 | version, 1 |
| 4 | width of the codes in bits |
| 4 | kind of the ids: 0 a range, 1 one int64 each |
| 4 | bytes a chunk |
| 8 | number of rows |
| 8 | first id of a range, otherwise 0 |
| 8 | length of the ids in bytes, 0 for a range |
| 8 | length of the codes in bytes: rows x whole words of 8 bytes |
| 32 | source: what the rows were made from; only its owner knows what it means |
| 16 each | BLAKE3 of each chunk of the payload |
| 32 | BLAKE3 of everything before |
| | the payload: ids, then codes |

Integers are little-endian. Codes are bytes, filled up with zeros to whole words, so they have no order of bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import blake3

from lookalike.errors import IndexFileDamaged
from lookalike.search.checks import MAX_WIDTH_BITS

MAGIC = b"LKAKIDX\n"
VERSION = 1
SOURCE_BYTES = 32
CHUNK_BYTES = 1 << 22
"""4 MiB: a chunk is hashed while the cache still holds what was just read, and 800 MB have 191 digests."""

CHUNK_DIGEST_BYTES = 16
HEADER_DIGEST_BYTES = 32
RANGE, EACH = 0, 1
_FIELDS = struct.Struct(f"<8sIIIIQqQQ{SOURCE_BYTES}s")
FIXED_BYTES = _FIELDS.size


@dataclass(frozen=True, slots=True)
class Header:
    """What an index file says of itself; lengths in bytes, digests by chunk."""

    width_bits: int
    ids_kind: int
    rows: int
    first_id: int
    source: bytes
    chunk_bytes: int

    @property
    def words_a_row(self) -> int:
        return (self.width_bits + 63) // 64

    @property
    def ids_bytes(self) -> int:
        return 0 if self.ids_kind == RANGE else self.rows * 8

    @property
    def codes_bytes(self) -> int:
        return self.rows * self.words_a_row * 8

    @property
    def payload_bytes(self) -> int:
        return self.ids_bytes + self.codes_bytes

    @property
    def chunks(self) -> int:
        return -(-self.payload_bytes // self.chunk_bytes)

    @property
    def length(self) -> int:
        """Bytes before the payload."""
        return FIXED_BYTES + self.chunks * CHUNK_DIGEST_BYTES + HEADER_DIGEST_BYTES


def pack_header(header: Header, digests: bytes) -> bytes:
    """The header's bytes; *digests* are those of the chunks, one after another."""
    fields = _FIELDS.pack(
        MAGIC,
        VERSION,
        header.width_bits,
        header.ids_kind,
        header.chunk_bytes,
        header.rows,
        header.first_id,
        header.ids_bytes,
        header.codes_bytes,
        header.source,
    )
    return fields + digests + blake3.blake3(fields + digests).digest()


def unpack_fields(fields: bytes, name: str, file_bytes: int) -> Header:
    """The header behind its first ``FIXED_BYTES`` bytes, as far as it can be told without the digests.

    Lengths are compared with the file's, so that nothing larger than the file is ever made room for.

    Raises:
        IndexFileDamaged: not an index file, of another version, or its numbers contradict each other.
    """
    if len(fields) < FIXED_BYTES:
        raise damaged(name, f"it ends after {file_bytes} bytes, within its header")
    magic, version, width_bits, kind, chunk_bytes, rows, first_id, ids_bytes, codes_bytes, source = _FIELDS.unpack(
        fields
    )
    if magic != MAGIC:
        raise damaged(name, f"it begins with {magic!r}, an index file with {MAGIC!r}")
    if version != VERSION:
        raise damaged(name, f"it has version {version}, this Lookalike reads version {VERSION}")
    if not 1 <= width_bits <= MAX_WIDTH_BITS or kind not in {RANGE, EACH} or chunk_bytes < 1:
        raise damaged(name, f"codes of {width_bits} bits, ids of kind {kind}, chunks of {chunk_bytes} bytes can't be")
    header = Header(width_bits, kind, rows, first_id, source, chunk_bytes)
    if (ids_bytes, codes_bytes) != (header.ids_bytes, header.codes_bytes):
        raise damaged(name, f"{rows} rows don't have {ids_bytes} bytes of ids and {codes_bytes} bytes of codes")
    if header.length + header.payload_bytes != file_bytes:
        raise damaged(
            name, f"it has {file_bytes} bytes, its header tells of {header.length + header.payload_bytes} bytes"
        )
    return header


def unpack_digests(header: Header, fields: bytes, rest: bytes, name: str) -> list[bytes]:
    """The digests of the chunks, out of the header's bytes behind *fields*, once the header has proved itself.

    Raises:
        IndexFileDamaged: the header isn't the one that was written.
    """
    table, digest = rest[:-HEADER_DIGEST_BYTES], rest[-HEADER_DIGEST_BYTES:]
    if len(table) != header.chunks * CHUNK_DIGEST_BYTES or blake3.blake3(fields + table).digest() != digest:
        raise damaged(name, "the checksum of its header is wrong")
    return [table[at : at + CHUNK_DIGEST_BYTES] for at in range(0, len(table), CHUNK_DIGEST_BYTES)]


def chunk_digest(chunk: memoryview) -> bytes:
    """What proves one chunk: 128 bits of BLAKE3."""
    return blake3.blake3(chunk).digest(length=CHUNK_DIGEST_BYTES)


def damaged(name: str, what: str) -> IndexFileDamaged:
    """The error for the index file *name* that is broken in the way *what* tells."""
    return IndexFileDamaged(f"the index file {name!r} can't be used: {what}; delete it, and it is made anew")
