from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

def mix_rows(
    plane: NDArray[np.uint8], starts: NDArray[np.int32], counts: NDArray[np.int32], weights: NDArray[np.int32]
) -> NDArray[np.uint8]: ...
def mix_columns(
    plane: NDArray[np.uint8], starts: NDArray[np.int32], counts: NDArray[np.int32], weights: NDArray[np.int32]
) -> NDArray[np.uint8]: ...
def average_boxes(plane: NDArray[np.uint8], box_rows: int, box_columns: int) -> NDArray[np.uint8]: ...
def average_cells(
    plane: NDArray[np.uint8],
    box_rows: int,
    box_columns: int,
    across_starts: NDArray[np.int32],
    across_counts: NDArray[np.int32],
    across_weights: NDArray[np.int32],
    down_starts: NDArray[np.int32],
    down_counts: NDArray[np.int32],
    down_weights: NDArray[np.int32],
    down_first: bool,
    /,
) -> tuple[NDArray[np.uint8], int]: ...
def count_bends(plane: NDArray[np.uint8]) -> int: ...
def count_two_tones(plane: NDArray[np.uint8], side: int, near: int, apart: int) -> tuple[int, int]: ...
def view_pixels(exported: object, height: int, width: int) -> NDArray[np.uint8]: ...
def first_channel(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]: ...
def count_stored_colors(pixels: NDArray[np.uint8]) -> NDArray[np.uint64]: ...
def count_colors(
    grey: NDArray[np.uint8], red: NDArray[np.uint8], green: NDArray[np.uint8], blue: NDArray[np.uint8]
) -> NDArray[np.uint64]: ...

_Taps: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]

class SurveyPlan:
    def __init__(
        self, rows: int, columns: int, box_rows: int, box_columns: int, across: _Taps, down: _Taps, down_first: bool
    ) -> None: ...
    def add_thumbnail(self, across: _Taps, down: _Taps, down_first: bool) -> None: ...
    def run(
        self, plane: NDArray[np.uint8], side: int, near: int, apart: int
    ) -> tuple[list[NDArray[np.uint8]], int, int, int]: ...
