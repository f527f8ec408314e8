"""How much there is to recognise in a picture: flat and two-tone pictures match each other by accident.

Quality follows the idea of PDQ (github.com/facebook/ThreatExchange, pdq/README.md): on a 64 x 64 luminance, add up
the differences of neighbours in hundredths of the range, cut to whole numbers, and divide. PDQ's first differences
give a plain gradient 44 of 100, though every gradient looks like every other; second differences give it 0.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from lookalike.fingerprints import _pixels
from lookalike.fingerprints.resampling import Pixels

SIDE = 64  # PDQ's
DIFFERENCES_A_POINT = 180  # PDQ's 90, doubled: an edge has two second differences for one first difference
# Measured: of 2,050 shop photos of clothing 99.5 % have 62 or more and the least has 24, eight large photos have 22 to
# 100; a blank page with scanner noise of 5 levels, a single bright pixel, radial and straight gradients have 0.
FLAT_BELOW = 10

SAMPLES_A_SIDE = 128  # single pixels, since averages would turn black and white into grey
NEAR = 8  # grey levels: JPEG and scanner noise around one tone
APART = 64  # grey levels: a quarter of the range, or the two tones are one tone and its noise
LEAST_SHARE = 0.02  # of the samples in the rarer tone; half of what the one page of print tried has, 0.044
# Measured at these numbers: codes and logos have 1.0, one drawn page of small print 0.89; of the 2,050 shop photos,
# whose white backgrounds come nearest, two have 0.85 or more, and no large photo has more than 0.5.
TWO_TONE_SHARE = 0.85
TWO_TONE_MOST = 19  # below 20 a match says little, as ``Match.quality`` has it


def judge_quality(grey: Pixels) -> tuple[int, tuple[str, ...]]:
    """Quality, 0 (nothing to recognise) to 100, and marks of a picture, uint8 (height, width).

    ``flat``: quality below 10, so little detail that a fingerprint is rounding and noise. ``two-tone``: 85 % of the
    pixels lie within 8 grey levels of two levels at least 64 apart, the rarer of which has at least 2 %; icons, codes,
    logos and crisp text, but not a scan shrunk until its strokes are grey. Its quality is at most 19.
    """
    quality = min(100, _pixels.count_bends(shrink(grey)) // DIFFERENCES_A_POINT)
    if quality < FLAT_BELOW:
        return quality, ("flat",)
    if _is_two_tone(grey):
        return min(quality, TWO_TONE_MOST), ("two-tone",)
    return quality, ()


def shrink(grey: Pixels) -> Pixels:
    """uint8 (64, 64): what Pillow's ``resize((64, 64), BOX, reducing_gap=1.0)`` gives, which averages whole boxes
    before it resizes what is left.
    """
    height, width = grey.shape
    down, across = max(1, height // SIDE), max(1, width // SIDE)
    small = grey if down == across == 1 else _pixels.average_boxes(grey, down, across)
    box = (0.0, 0.0, width / across, height / down)
    return np.asarray(Image.fromarray(small).resize((SIDE, SIDE), Image.Resampling.BOX, box))


def _is_two_tone(grey: Pixels) -> bool:
    common, rarer = _pixels.count_two_tones(grey, SAMPLES_A_SIDE, NEAR, APART)
    samples = SAMPLES_A_SIDE * SAMPLES_A_SIDE
    return rarer >= LEAST_SHARE * samples and common + rarer >= TWO_TONE_SHARE * samples
