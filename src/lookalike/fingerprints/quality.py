"""How much there is to recognise in a picture: flat and two-tone pictures match each other by accident.

Quality follows the idea of PDQ (github.com/facebook/ThreatExchange, pdq/README.md): on a 64 x 64 luminance, add up
the differences of neighbours in hundredths of the range, cut to whole numbers, and divide. PDQ's first differences
give a plain gradient 44 of 100, though every gradient looks like every other; second differences give it 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.fingerprints.cells import average_cells
from lookalike.fingerprints.resampling import Pixels
from lookalike.fingerprints.survey import APART, NEAR, SAMPLES_A_SIDE, Sight, see

DIFFERENCES_A_POINT = 180  # PDQ's 90, doubled: an edge has two second differences for one first difference
# Measured: of 2,050 shop photos of clothing 99.5 % have 62 or more and the least has 24, eight large photos have 22 to
# 100; a blank page with scanner noise of 5 levels, a single bright pixel, radial and straight gradients have 0.
FLAT_BELOW = 10

LEAST_SHARE = 0.02  # of the samples in the rarer tone; half of what the one page of print tried has, 0.044
TWO_TONE_SHARE = 0.85
TWO_TONE_MOST = 19  # below 20 a match says little, as ``Match.quality`` has it

# A dark bag before a light wall has two tones as well, but light falls on both: the levels inside a printed tone are
# all alike, if not pixel by pixel then averaged over cells, which takes noise and JPEG's ringing away; those of a thing
# in the light are not.
CELL_NEAR = 12  # grey levels: NEAR, and half of it again, so that the ends of a shaded tone count
LEAST_CELLS = 40  # 1 % of all; strokes of letters have no cell with eight cells of the same tone around it
ALIKE = 2  # grey levels
PRINTED_SHARE = 0.9
# Measured: drawn logos, codes, words and pages have 0.99 or more of such cells alike, also as JPEG of quality 30 and
# under noise of standard deviation 4. Of 2,050 shop photos of clothing two passed for two-tone by their levels alone,
# of 900 drawn product pictures 296: none is struck now.


def judge_quality(grey: Pixels, sight: Sight | None = None) -> tuple[int, tuple[str, ...]]:
    """Quality, 0 (nothing to recognise) to 100, and marks of a picture, uint8 (height, width).

    ``flat``: quality below 10, so little detail that a fingerprint is rounding and noise. ``two-tone``: 85 % of the
    pixels lie within 8 grey levels of two levels at least 64 apart, the rarer of which has at least 2 %; icons, codes,
    logos and crisp text, but not a scan shrunk until its strokes are grey, nor a dark thing before a light wall, both
    shaded by the light. Its quality is at most 19. *sight* is the picture's, where somebody has it at hand.
    """
    sight = sight or see(grey)
    quality = min(100, sight.bends // DIFFERENCES_A_POINT)
    if quality < FLAT_BELOW:
        return quality, ("flat",)
    if _is_two_tone(grey, sight):
        return min(quality, TWO_TONE_MOST), ("two-tone",)
    return quality, ()


def _is_two_tone(grey: Pixels, sight: Sight) -> bool:
    samples = SAMPLES_A_SIDE * SAMPLES_A_SIDE
    if sight.rarer < LEAST_SHARE * samples or sight.common + sight.rarer < TWO_TONE_SHARE * samples:
        return False
    return not _is_shaded(grey, average_cells(grey)[0])


def _is_shaded(grey: Pixels, cells: Pixels) -> bool:
    """Whether light falls on a tone of *grey*, of which *cells* are the averages. Few pictures get here."""
    samples = np.asarray(Image.fromarray(grey).resize((SAMPLES_A_SIDE, SAMPLES_A_SIDE), Image.Resampling.NEAREST))
    within = _count_within(samples, NEAR)
    common = int(within.argmax())
    within[max(0, common - APART + 1) : common + APART] = 0
    second = int(within.argmax())
    return any(
        _differs(samples[_near(samples, tone, NEAR)]) and _differs(_inner_cells(cells, tone))
        for tone in (common, second)
    )


def _count_within(levels: Pixels, near: int) -> NDArray[np.int64]:
    """For each of the 256 levels, how many of *levels* lie at most *near* from it."""
    below = np.zeros(256 + 2 * near + 1, np.int64)
    below[near + 1 : near + 257] = np.cumsum(np.bincount(levels.ravel(), minlength=256))
    below[near + 257 :] = below[near + 256]
    return below[2 * near + 1 :] - below[:256]


def _differs(levels: Pixels) -> bool:
    """Whether *levels*, all of one tone, differ more than those of print do; too few say nothing."""
    return levels.size >= LEAST_CELLS and int(_count_within(levels, ALIKE).max()) < PRINTED_SHARE * levels.size


def _inner_cells(cells: Pixels, tone: int) -> Pixels:
    """The levels of the cells that have eight neighbours of *tone* as they are; what lies beyond the edge counts so."""
    inside = np.pad(_near(cells, tone, CELL_NEAR), 1, constant_values=True)
    inside = inside[:-2] & inside[1:-1] & inside[2:]
    inside = inside[:, :-2] & inside[:, 1:-1] & inside[:, 2:]
    return cells[inside]


def _near(levels: Pixels, tone: int, near: int) -> NDArray[np.bool_]:
    close: NDArray[np.bool_] = np.abs(levels.astype(np.int16) - tone) <= near
    return close
