"""Libraries that are measured and aren't engines of Lookalike, with as much of an engine as measuring needs."""

from __future__ import annotations

import numpy as np


class PynearTree:
    """pynear's vantage-point tree over binary codes: exact. https://github.com/pablocael/pynear"""

    bytes_used = None  # it doesn't say

    def __init__(self, width_bits):
        import pynear

        self._index = getattr(pynear, f"VPTreeBinaryIndex{width_bits}")()

    def add(self, _ids, codes):
        self._index.set(codes)

    def nearest(self, queries, k):
        ids, distances = self._index.searchKNN(queries, k)
        return np.array(ids), np.array(distances)


class PynearHashing(PynearTree):
    """pynear's multi-index hashing: looks only within a radius, 8 bits by default, so it may miss neighbours."""

    def __init__(self, width_bits):
        import pynear

        self._index = pynear.MIHBinaryIndex(width_bits // 16)  # substrings of 16 bits, about log2 of the codes

    def nearest(self, queries, k):
        ids, distances = self._index.searchKNN(queries, k)
        filled = np.full((len(queries), k), -1)
        for row, found in enumerate(ids):
            filled[row, : len(found)] = found
        return filled, distances


PEERS = {"pynear_tree": PynearTree, "pynear_mih": PynearHashing}
