# Spots of grey pictures; native/scale_space.hpp, spot_support.hpp and spot_alignment.hpp say what they promise.

import numpy as np
from numpy.typing import NDArray

class ScaleSpace:
    def __init__(self, plane: NDArray[np.uint8], octaves: int) -> None: ...
    def spots(
        self, most: int, in_middle: int, candidates: int, margin_percent: int, least_response: int
    ) -> NDArray[np.int32]: ...
    def codes(self, places: NDArray[np.int32]) -> NDArray[np.uint64]: ...

class Aligner:
    def __init__(
        self,
        places: NDArray[np.float32],
        codes: NDArray[np.uint64],
        space: ScaleSpace | None,
        width: float,
        height: float,
        longer_side: float,
    ) -> None: ...
    def align(
        self,
        asked: int,
        places: NDArray[np.float32],
        codes: NDArray[np.uint64],
        seed: int,
        most_alike: int,
        most_bits: int,
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]: ...

def weigh_support(
    query_places: NDArray[np.float32],
    query_codes: NDArray[np.uint64],
    words: NDArray[np.uint64],
    places: NDArray[np.uint32],
    owners: NDArray[np.int64],
    hypotheses: NDArray[np.int64],
    most_bits: int,
) -> NDArray[np.int64]: ...
