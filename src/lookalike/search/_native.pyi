# The Hamming kernel over rows of 64-bit words; native/hamming.hpp says what it promises.

import numpy as np
from numpy.typing import NDArray

def nearest(
    codes: NDArray[np.uint64],
    queries: NDArray[np.uint64],
    k: int,
    threads: int = 1,
    allowed: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.uint16]]: ...
def within(
    codes: NDArray[np.uint64],
    queries: NDArray[np.uint64],
    radius_bits: int,
    threads: int = 1,
    allowed: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]: ...
def pairs(
    codes: NDArray[np.uint64],
    radius_bits: int,
    begin: int,
    end: int,
    threads: int = 1,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]: ...
def level_in_use() -> str: ...
def supported_levels() -> tuple[str, ...]: ...
def use_level(name: str) -> None: ...

class MultiIndex:
    def __init__(self, codes: NDArray[np.uint64], threads: int = 1) -> None: ...
    def within(
        self,
        queries: NDArray[np.uint64],
        radius_bits: int,
        most_rows: float,
        rows_a_look: float,
        threads: int = 1,
        usable: NDArray[np.uint8] | None = None,
    ) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]: ...
    def nearest(
        self,
        queries: NDArray[np.uint64],
        k: int,
        most_rows: float,
        rows_a_look: float,
        threads: int = 1,
        usable: NDArray[np.uint8] | None = None,
    ) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]: ...
    @property
    def bytes(self) -> int: ...
    @property
    def widths(self) -> list[int]: ...

class CodeTails:
    def __init__(self, codes: NDArray[np.uint64]) -> None: ...
    def nearest(self, query: NDArray[np.uint64], k: int) -> tuple[NDArray[np.int64], NDArray[np.uint16]]: ...
    @property
    def bytes(self) -> int: ...

class PairsJoin:
    def __init__(
        self, left: NDArray[np.uint64], right: NDArray[np.uint64] | None, radius_bits: int, threads: int = 1
    ) -> None: ...
    def advance(
        self, most_pairs: int, seconds: float
    ) -> tuple[bool, NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]: ...
    @property
    def left_holders(self) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None: ...
    @property
    def right_holders(self) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None: ...
    @property
    def compared(self) -> int: ...
