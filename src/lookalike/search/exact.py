"""The engine that Lookalike uses: an exact scan by the native kernel.

A scan looks at every code, and is still faster than a tree up to many millions: a million 64-bit codes are 8 MB, and
the kernel reads them as fast as memory delivers them.
"""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import SearchError
from lookalike.model import Distances
from lookalike.search import _native
from lookalike.search.base import Engine
from lookalike.search.rows import Positions, Rows, Words

# How many words one call of the kernel compares, so that Ctrl-C is heard between calls: a tenth of a
# second with AVX-512, about one with the portable level (measured with 64-bit codes on Zen 4).
WORDS_A_CALL = 1 << 30


@final
class HammingIndex(Engine):
    """Exact neighbours by a scan with the fastest instructions that this processor has.

    ``LOOKALIKE_KERNEL`` (portable, avx2, avx512, neon) forces others, to compare or to rule out a fault.
    """

    def __init__(self, width_bits: int = 64, threads: int = 1) -> None:
        """See ``Engine``.

        Raises:
            SearchError: a number out of range, or ``LOOKALIKE_KERNEL`` names what this processor can't do.
        """
        super().__init__(width_bits, threads)
        try:
            _native.level_in_use()
        except ValueError as error:
            raise SearchError(str(error)) from error

    def _nearest(
        self, rows: Rows, queries: Words, count: int, allowed: Positions | None
    ) -> tuple[Positions, Distances]:
        parts = [
            _native.nearest(rows.words, part, count, self.threads, allowed)
            for part in _portions(queries, rows.words.size if allowed is None else allowed.size * rows.words.shape[1])
        ]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([positions for positions, _ in parts]), np.concatenate([bits for _, bits in parts])

    def _within(
        self, rows: Rows, queries: Words, radius_bits: int, allowed: Positions | None
    ) -> tuple[NDArray[np.int64], Positions, Distances]:
        parts = [
            _native.within(rows.words, part, radius_bits, self.threads, allowed)
            for part in _portions(queries, rows.words.size if allowed is None else allowed.size * rows.words.shape[1])
        ]
        if len(parts) == 1:
            return parts[0]
        counts = np.concatenate([np.diff(offsets) for offsets, _, _ in parts])
        return (
            np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
            np.concatenate([positions for _, positions, _ in parts]),
            np.concatenate([distances for _, _, distances in parts]),
        )

    def _pairs(self, rows: Rows, radius_bits: int) -> tuple[Positions, Positions, Distances]:
        step = max(1, WORDS_A_CALL // max(1, rows.words.size))
        parts = [
            _native.pairs(rows.words, radius_bits, begin, begin + step, self.threads)
            for begin in range(0, len(rows), step)
        ]
        return (
            np.concatenate([firsts for firsts, _, _ in parts]),
            np.concatenate([seconds for _, seconds, _ in parts]),
            np.concatenate([distances for _, _, distances in parts]),
        )


def _portions(queries: Words, words_a_query: int) -> list[Words]:
    """Queries in portions that keep each call of the kernel short."""
    size = max(1, WORDS_A_CALL // max(1, words_a_query))
    return [queries[begin : begin + size] for begin in range(0, len(queries), size)]
