"""The nearest codes where the parts of a code don't weigh what their widths say: more shape or more colour.

All parts lie in one stored code, so that a catalog keeps one row a picture and any weights can be asked of it. Plain
search counts bits of the whole code, and an engine answers it. Weighed search is a scan over the same rows, since no
index knows the weights beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.fingerprints.code_parts import Part
from lookalike.search import Words

BLOCK = 65_536  # rows at a time: 8 MB of a code of 1,024 bits
WORD_BITS = 64


class Weighed(NamedTuple):
    """The nearest rows, by score, then row.

    Attributes:
        rows: int64 (n,): positions among the codes.
        distances: int64 (n, parts): bits that differ in each part.
        scores: float64 (n,): the sum of weight * distance / width over the parts.
    """

    rows: NDArray[np.int64]
    distances: NDArray[np.int64]
    scores: NDArray[np.float64]


def weigh_parts(
    words: Words,
    query: NDArray[np.uint64],
    parts: Sequence[Part],
    weights: Sequence[float],
    k: int,
    allow: NDArray[np.int64] | None = None,
) -> Weighed:
    """The *k* rows of *words* nearest to *query*, exactly.

    Args:
        words: uint64 (n, words of a code), as ``RecipeRows`` has them.
        query: uint64 (words of a code,).
        parts: what a code consists of.
        weights: of each part, at least 0, as ``check_weights`` gives them.
        k: how many; fewer come where there are fewer.
        allow: the only rows that may be answered, rising; None allows all.
    """
    rows = np.arange(len(words), dtype=np.int64) if allow is None else allow
    distances = np.empty((len(rows), len(parts)), np.int64)
    for begin in range(0, len(rows), BLOCK):
        some = words[begin : begin + BLOCK] if allow is None else words[rows[begin : begin + BLOCK]]
        for place, part in enumerate(parts):
            held = slice(part.begin_bits // WORD_BITS, (part.begin_bits + part.width_bits) // WORD_BITS)
            differing = np.bitwise_count(some[:, held] ^ query[held])
            distances[begin : begin + BLOCK, place] = differing.sum(axis=1, dtype=np.int64)
    scores = np.zeros(len(rows))
    for place, (part, weight) in enumerate(zip(parts, weights, strict=True)):
        scores += weight * distances[:, place] / part.width_bits
    near = np.arange(len(rows))
    if k < len(rows):
        near = np.flatnonzero(scores <= np.partition(scores, k - 1)[k - 1])  # with all that tie at the end
    order = near[np.lexsort((rows[near], scores[near]))][:k]
    return Weighed(rows[order], distances[order], scores[order])
