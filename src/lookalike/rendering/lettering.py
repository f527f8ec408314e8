"""Letters on a sheet, on a machine that may have no fonts at all.

Pillow brings one font along, a part of Aileron: printable ASCII and a few marks. Whatever neither it nor a font that
the caller names can draw is written as an escape: two different names never look the same, as empty boxes would.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from PIL import ImageFont

from lookalike.errors import RenderingError
from lookalike.rendering.text import escape_character, visible_text

if TYPE_CHECKING:
    from PIL import ImageDraw

ELLIPSIS = "…"  # the embedded font has it

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
# A code point for private use that no font should draw: what comes out is the font's mark for "missing".
_NOBODYS_CHARACTER = "\U0010fffd"
# Large enough to tell a glyph from the mark for missing.
_PROBE_SIZE_PX = 24
# Signs that prices and titles use and the embedded font lacks; letters are never replaced, only escaped.
_STAND_INS = {
    "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-",
    "\u2022": "·", "\u00d7": "x", "\u2192": "->", "\u2264": "<=", "\u2265": ">=", "€": "EUR", "£": "GBP",
}  # fmt: skip
# No caption is wider than a few hundred letters; cutting longer texts first keeps measuring cheap.
_LONGEST_MEASURED = 600


class Lettering:
    """Measures, cuts and draws single lines of text at one scale.

    Args:
        scale: every size is multiplied by it.
        font_path: a TrueType or OpenType file that is asked for what the embedded font lacks.

    Raises:
        RenderingError: the font file can't be read, or this Pillow was built without FreeType.
    """

    def __init__(self, scale: float = 1.0, font_path: str | None = None) -> None:
        self._scale = scale
        self._font_path = font_path
        self._fonts: dict[tuple[bool, float], _Font] = {}
        self._missing: dict[bool, tuple[tuple[int, int], bytes]] = {}
        self._known: dict[str, tuple[str, bool]] = {}
        for extra in (False, True) if font_path else (False,):
            self._missing[extra] = self._probe(_NOBODYS_CHARACTER, extra)

    def width(self, text: str, size: float) -> float:
        """Pixels from the first letter's start to the last one's end."""
        return sum(self._font(size, extra).getlength(run) for run, extra in self._runs(self._units(text)))

    def draw(
        self,
        draw: ImageDraw.ImageDraw,
        place: tuple[float, float],
        text: str,
        size: float,
        *,
        fill: str,
        weight: float = 0.0,
    ) -> float:
        """Write *text* with its baseline starting at *place*; *weight* thickens it -> pixels written."""
        x, y = place
        for run, extra in self._runs(self._units(text)):
            font = self._font(size, extra)
            draw.text((x, y), run, fill=fill, font=font, anchor="ls", stroke_width=weight * self._scale)
            x += font.getlength(run)
        return x - place[0]

    def cut_middle(self, text: str, size: float, max_width: float) -> str:
        """*text* as it will be drawn, at most *max_width* pixels wide: its middle gives way to an ellipsis.

        The end keeps as much as the beginning, since that's where a file name's number and ending are.
        """
        units = self._units(text)
        if len(units) > 2 * _LONGEST_MEASURED:
            units = [*units[:_LONGEST_MEASURED], *units[-_LONGEST_MEASURED:]]
            whole = False
        else:
            whole = self._measure(units, size) <= max_width
        if whole:
            return "".join(units)
        low, high = 0, len(units) - 1
        while low < high:  # the largest number of units kept that still fits
            kept = (low + high + 1) // 2
            if self._measure(self._without_middle(units, kept), size) <= max_width:
                low = kept
            else:
                high = kept - 1
        return "".join(self._without_middle(units, low))

    def wrap(self, text: str, size: float, max_width: float, max_lines: int) -> list[str]:
        """*text* broken at spaces into at most *max_lines* lines; what doesn't fit is cut in the last one."""
        words = text.split()
        lines: list[str] = []
        while words:
            count = len(words)
            if len(lines) < max_lines - 1:
                while count > 1 and self.width(" ".join(words[:count]), size) > max_width:
                    count -= 1
            lines.append(self.cut_middle(" ".join(words[:count]), size, max_width))
            words = words[count:]
        return lines

    @staticmethod
    def _without_middle(units: list[str], kept: int) -> list[str]:
        head = (kept + 1) // 2
        return [*units[:head], ELLIPSIS, *units[len(units) - (kept - head) :]]

    def _measure(self, units: list[str], size: float) -> float:
        return sum(self._font(size, extra).getlength(run) for run, extra in self._runs(units))

    def _units(self, text: str) -> list[str]:
        """What may not be torn apart: one drawable letter with its marks, or one whole escape."""
        units: list[str] = []
        for character in visible_text(text):
            drawn, _ = self._drawable(character)
            if units and unicodedata.combining(character) and drawn == character:
                units[-1] += drawn
            else:
                units.append(drawn)
        return units

    def _runs(self, units: list[str]) -> list[tuple[str, bool]]:
        """Neighbours that the same font draws, joined -> (text, whether the caller's font draws it)."""
        runs: list[tuple[str, bool]] = []
        for unit in units:
            extra = self._drawable(unit[0])[1]
            if runs and runs[-1][1] == extra:
                runs[-1] = (runs[-1][0] + unit, extra)
            else:
                runs.append((unit, extra))
        return runs

    def _drawable(self, character: str) -> tuple[str, bool]:
        """What to draw for *character*, and whether the caller's font does it."""
        if character not in self._known:
            self._known[character] = self._find(character)
        return self._known[character]

    def _find(self, character: str) -> tuple[str, bool]:
        if character == " ":
            return character, False
        for extra, missing in self._missing.items():
            if self._probe(character, extra) != missing:
                return character, extra
        return _STAND_INS.get(character) or escape_character(character), False

    def _probe(self, character: str, extra: bool) -> tuple[tuple[int, int], bytes]:
        mask = self._font(_PROBE_SIZE_PX / self._scale, extra).getmask(character, mode="L")
        return mask.size, bytes(mask)

    def _font(self, size: float, extra: bool) -> _Font:
        key = (extra, size)
        if key not in self._fonts:
            self._fonts[key] = self._open(size * self._scale, extra)
        return self._fonts[key]

    def _open(self, size_px: float, extra: bool) -> _Font:
        if not extra:
            try:
                return ImageFont.load_default(size_px)
            except ImportError as error:
                raise RenderingError(
                    "this Pillow was built without FreeType, which draws letters: install Pillow's own wheel"
                ) from error
        try:
            return ImageFont.truetype(self._font_path or "", size_px)
        except OSError as error:
            raise RenderingError(
                f"the font {self._font_path!r} can't be read ({error}): name a TrueType or OpenType file"
            ) from error
