import numpy as np
from numpy.typing import NDArray

def transpose(plane: NDArray[np.uint8]) -> NDArray[np.uint8]: ...
def mix_rows(
    plane: NDArray[np.uint8], starts: NDArray[np.int32], counts: NDArray[np.int32], weights: NDArray[np.int32]
) -> NDArray[np.uint8]: ...
def count_colors(
    grey: NDArray[np.uint8], red: NDArray[np.uint8], green: NDArray[np.uint8], blue: NDArray[np.uint8]
) -> NDArray[np.uint64]: ...
