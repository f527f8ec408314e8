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
