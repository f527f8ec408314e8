"""What every engine checks first, so that all engines refuse the same things in the same words."""

from __future__ import annotations

import operator
from collections.abc import Collection

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.errors import SearchError, WidthMismatch
from lookalike.model import Ids
from lookalike.search.rows import Words

# Distances are uint16 and NO_NEIGHBOR takes the highest value; 1,023 whole words of 64 bits fit below it.
MAX_WIDTH_BITS = 65_472

# More than any machine has cores: a join starts as many as it is told.
MAX_THREADS = 4096

# The largest int64: beyond it neither numpy nor the kernel takes a number.
LARGEST = 2**63 - 1


def whole_number(value: object, name: str, *, least: int, most: int = LARGEST) -> int:
    """*value* as an int, if it is a whole number from *least* to *most*.

    Raises:
        SearchError: it isn't.
    """
    number = None
    if not isinstance(value, bool | np.bool_):
        try:
            number = operator.index(value)  # type: ignore[arg-type]  # whether it has an index is the question
        except TypeError:
            number = None
    if number is None or not least <= number <= most:
        too_large = number is not None and number > most
        span = f"from {least} to {most}" if most < LARGEST or too_large else f"of at least {least}"
        raise SearchError(f"{name} must be a whole number {span}; {value!r} came")
    return number


def packed(codes: ArrayLike, width_bits: int, name: str) -> Words:
    """Codes of packed bytes as whole words, shape (n, words), filled up with zeros.

    Raises:
        WidthMismatch: another number of bytes a code.
        SearchError: not uint8 of two dimensions, or a padding bit isn't zero.
    """
    array = np.asarray(codes)
    bytes_per_code = (width_bits + 7) // 8
    if array.dtype != np.uint8 or array.ndim != 2:
        raise SearchError(
            f"{name} must be packed bits, uint8 of shape (n, {bytes_per_code}); {array.dtype} of shape {array.shape} "
            "came: pack bits with numpy.packbits(bits, axis=1)"
        )
    if array.shape[1] != bytes_per_code:
        raise WidthMismatch(
            f"codes of {width_bits} bits have {bytes_per_code} bytes; {name} of {array.shape[1]} bytes came: "
            "ask an engine of their own width"
        )
    padding = bytes_per_code * 8 - width_bits
    if padding and np.any(array[:, -1] & ((1 << padding) - 1)):
        raise SearchError(
            f"the last {padding} bits of each of the {name} pad {width_bits} bits to whole bytes and must be zero: "
            "set them to zero, or use an engine as wide as the codes"
        )
    words_per_code = (width_bits + 63) // 64
    if bytes_per_code == words_per_code * 8:
        contiguous = np.ascontiguousarray(array)
        if contiguous.ctypes.data % 8 == 0:
            return contiguous.view(np.uint64)
    filled = np.zeros((len(array), words_per_code * 8), np.uint8)
    filled[:, :bytes_per_code] = array
    return filled.view(np.uint64)


def pack_words(codes: ArrayLike, width_bits: int) -> Words:
    """Codes uint8 (n, bytes_per_code) as an engine keeps them: uint64 (n, words of a code), filled up with zeros.

    Raises:
        WidthMismatch, SearchError: as ``Engine.add`` does.
    """
    return packed(codes, width_bits, "codes")


def unpacked(words: Words, width_bits: int) -> NDArray[np.uint8]:
    """The bits behind words, first bit first: uint8 of zeros and ones, shape (n, width_bits)."""
    return np.unpackbits(words.view(np.uint8), axis=1, count=width_bits)


def integer_ids(ids: ArrayLike | Collection[int], name: str) -> Ids:
    """Ids as int64, shape (n,).

    Raises:
        SearchError: not whole numbers of 0 to 2^63 - 1 in one dimension.
    """
    array = np.asarray(ids)
    if array.ndim == 0 and isinstance(ids, Collection) and not isinstance(ids, str | bytes):
        array = np.asarray(list(ids))  # a set or a view of keys, which numpy takes for a single thing
    if array.ndim == 1 and array.size == 0:
        return np.empty(0, np.int64)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer) or array.dtype == np.uint64:
        raise SearchError(
            f"{name} must be whole numbers in one dimension, int64 of shape (n,); "
            f"{array.dtype} of shape {array.shape} came"
        )
    if array.min() < 0:
        raise SearchError(f"{name} must not be negative, since -1 means 'no neighbour'; {array.min()} came")
    return array.astype(np.int64, copy=False)
