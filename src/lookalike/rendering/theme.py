"""Colours and measures of a sheet, in one place, so that nothing else holds a number that only taste can justify.

Measures are pixels at scale 1. Text colours keep a contrast of at least 4.5 to 1 on their ground (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from typing import Final

from lookalike.rendering.tile import Emphasis

PAPER: Final = "#f4f3ef"
CARD: Final = "#ffffff"
CARD_EDGE: Final = "#e4e1d9"
WELL: Final = "#faf9f6"  # behind a picture that doesn't fill its cell
INK: Final = "#1d1b19"
INK_SOFT: Final = "#625d57"
RULE: Final = "#dcd8cf"
TRACK: Final = "#e9e6de"
PROBLEM_INK: Final = "#7a5c44"
PROBLEM_WELL: Final = "#f3ece3"

EMPHASIS_INK: Final[dict[Emphasis, str]] = {"query": "#4338ca", "keeper": "#13795b", "copy": "#b4430f"}
"""Border, mark and badge of a tile that stands out."""

LIKENESS_STEPS: Final = ((0.9, "#13795b"), (0.6, "#4d7c0f"), (0.3, "#a16207"), (0.0, "#9a3412"))
"""From this likeness on, this colour: green is nearly equal, rust is chance."""

MARGIN: Final = 36
GAP: Final = 14
CARD_PADDING: Final = 9
CARD_RADIUS: Final = 10
WELL_RADIUS: Final = 6
SHADOW_BLUR: Final = 5
SHADOW_DROP: Final = 2
TITLE_SIZE: Final = 27
SUBTITLE_SIZE: Final = 14.5
HEADING_SIZE: Final = 18
FOOTER_SIZE: Final = 12
NARROWEST_CONTENT: Final = 420  # a title over a single tile still needs room


def likeness_ink(likeness: float) -> str:
    """The colour that says how much a distance is worth."""
    return next(colour for floor, colour in LIKENESS_STEPS if likeness >= floor)
