"""A font of this machine for the letters that Pillow's embedded one lacks: accents, Greek, Cyrillic, often more."""

from __future__ import annotations

import os
from functools import cache

# Where the systems put fonts that cover most of Latin, Greek and Cyrillic; the widest first.
CANDIDATES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "C:\\Windows\\Fonts\\arial.ttf",
)


@cache
def find_font() -> str | None:
    """The path of a font to ask for what the embedded one lacks, None where none is known on this machine."""
    return next((path for path in CANDIDATES if os.path.isfile(path)), None)
