"""The directories of a TIFF and of what is built like one, read by our own hand: no loop, no runaway count.

TIFF 6.0, section 2; BigTIFF has 8-byte offsets and counts; tag 330 (SubIFDs) is from TIFF Technical Note 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

SUB_DIRECTORIES = 330
# Cameras write under 20 directories of under 200 entries; what has more is not from a camera.
_MOST_DIRECTORIES = 64
_MOST_ENTRIES = 512
_MOST_VALUES = 64  # of one tag; the tags asked for here have one or a few
_VALUE_BYTES = {1: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8, 18: 8}  # the whole numbers, and type 7: bytes of any meaning


class Entry(NamedTuple):
    """One entry of a directory.

    Attributes:
        values: the first whole numbers of it. start, size: where its bytes lie in the file.
    """

    values: tuple[int, ...]
    start: int
    size: int


Directory = dict[int, Entry]


def read_directories(data: bytes) -> Iterator[Directory]:
    """Every directory in the chain, each followed by its sub-directories; entries of no whole numbers left out."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    big = data[2:4] in {b"\x2b\x00", b"\x00\x2b"}
    word, first = (8, 8) if big else (4, 4)
    waiting = [int.from_bytes(data[first : first + word], order)]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        offset = waiting.pop()
        if offset in seen or not 0 < offset < len(data):
            continue
        seen.add(offset)
        directory, following = _read_one(data, offset, order, word)
        yield directory
        subs = directory.get(SUB_DIRECTORIES)
        waiting += [following, *(reversed(subs.values) if subs else ())]


def _read_one(data: bytes, offset: int, order: Literal["little", "big"], word: int) -> tuple[Directory, int]:
    count_bytes, entry_bytes = (8, 20) if word == 8 else (2, 12)
    count = int.from_bytes(data[offset : offset + count_bytes], order)
    at = offset + count_bytes
    directory: Directory = {}
    for entry in range(at, at + min(count, _MOST_ENTRIES) * entry_bytes, entry_bytes):
        if entry + entry_bytes > len(data):
            break
        tag, kind = int.from_bytes(data[entry : entry + 2], order), int.from_bytes(data[entry + 2 : entry + 4], order)
        one = _VALUE_BYTES.get(kind)
        if one is None:
            continue
        size = one * int.from_bytes(data[entry + 4 : entry + 4 + word], order)
        place = entry + 4 + word
        start = place if size <= word else int.from_bytes(data[place : place + word], order)
        read = range(start, start + min(size, one * _MOST_VALUES), one)
        directory[tag] = Entry(tuple(int.from_bytes(data[each : each + one], order) for each in read), start, size)
    end = at + count * entry_bytes
    return directory, int.from_bytes(data[end : end + word], order)
