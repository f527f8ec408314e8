# Spots of grey pictures; native/scale_space.hpp and native/spot_support.hpp say what they promise.

import numpy as np
from numpy.typing import NDArray

class ScaleSpace:
    def __init__(self, plane: NDArray[np.uint8], octaves: int) -> None: ...
    def spots(self, most: int, margin_percent: int, least_response: int) -> NDArray[np.int32]: ...
    def codes(self, places: NDArray[np.int32]) -> NDArray[np.uint64]: ...

def weigh_support(
    query_places: NDArray[np.float32],
    query_codes: NDArray[np.uint64],
    held_places: NDArray[np.float32],
    held_codes: NDArray[np.uint64],
    hypotheses: NDArray[np.int64],
    most_bits: int,
) -> NDArray[np.uint32]: ...
