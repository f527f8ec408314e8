"""What recipes and the quality read of a picture's luminance, all by one native call.

The steps are those of ``resampling.py`` and ``cells.py``, under their guards: what one of them leaves to Pillow isn't
surveyed. Between pictures a decoder has filled the caches, and a step of Python costs three times what it takes alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lookalike.fingerprints import _pixels, cells, resampling

if TYPE_CHECKING:
    from lookalike.fingerprints.resampling import Pixels

SAMPLES_A_SIDE = 128  # single pixels, since averages would turn black and white into grey
NEAR = 8  # grey levels: JPEG and scanner noise around one tone
APART = 64  # grey levels: a quarter of the range, or the two tones are one tone and its noise


class Sight(NamedTuple):
    """What the quality is judged by.

    Attributes:
        bends: the sum of second differences of the 64 x 64 cells, in whole hundredths of the range.
        common, rarer: of 128 x 128 samples, how many lie around each of the two commonest levels.
    """

    bends: int
    common: int
    rarer: int


def see(grey: Pixels) -> Sight:
    """The sight of a picture, uint8 (height, width), step by step."""
    _, bends = cells.average_cells(grey)
    return Sight(bends, *_pixels.count_two_tones(grey, SAMPLES_A_SIDE, NEAR, APART))


def survey(pixels: Pixels, sizes: tuple[tuple[int, int], ...]) -> tuple[dict[tuple[int, int], Pixels], Sight] | None:
    """The thumbnails of all *sizes* (width, height) of a picture, uint8 (height, width), and its sight.

    None where a step is Pillow's.
    """
    plan = plan_survey(pixels.shape[0], pixels.shape[1], sizes) if pixels.flags.c_contiguous else None
    if plan is None:
        return None
    thumbnails, bends, common, rarer = plan.run(pixels, SAMPLES_A_SIDE, NEAR, APART)
    return dict(zip(sizes, thumbnails, strict=True)), Sight(bends, common, rarer)


@lru_cache(maxsize=resampling.PLANS_KEPT)
def plan_survey(rows: int, columns: int, sizes: tuple[tuple[int, int], ...]) -> _pixels.SurveyPlan | None:
    """How pictures of one size are surveyed; None where Pillow must do a part of it."""
    cell_plan = cells.find_plan(rows, columns)
    if cell_plan is None or not all(resampling.is_planned(rows, columns, *size) for size in sizes):
        return None
    box_rows, box_columns, across, down, down_first = cell_plan
    plan = _pixels.SurveyPlan(rows, columns, box_rows, box_columns, across, down, down_first)
    for width, height in sizes:
        down_first = resampling.is_vertical_first((rows, columns), (width, height))
        plan.add_thumbnail(resampling.taps_for(columns, width), resampling.taps_for(rows, height), down_first)
    return plan
