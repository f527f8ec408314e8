"""One tile drawn as a card: the picture in its well, the badge under it, then the caption."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from lookalike.errors import LookalikeError
from lookalike.rendering import theme
from lookalike.rendering.lettering import Lettering
from lookalike.rendering.thumbnails import fit
from lookalike.rendering.tile import Emphasis, Tile

# Rounded corners are drawn this many times larger and then averaged: ImageDraw itself leaves stairs.
_OVERSAMPLING = 4

# What a badge of several distances may shrink to before it is cut.
_SMALLEST_BADGE = 0.7


@dataclass(frozen=True, slots=True)
class CardStyle:
    """The measures of every card of one sheet, in pixels of the sheet.

    Attributes:
        width: of the card; the picture's well is a square inside it.
        badge_size, caption_size: heights of letters, at scale 1.
        badge_line, caption_line: pixels from one baseline to the next.
        caption_lines: lines that every card keeps room for.
        has_badges: whether room is kept for a badge.
        scale: pixels of the sheet per pixel of the theme's measures.
    """

    width: int
    badge_size: float
    caption_size: float
    badge_line: int
    caption_line: int
    caption_lines: int
    has_badges: bool
    scale: int

    @property
    def padding(self) -> int:
        return theme.CARD_PADDING * self.scale

    @property
    def well(self) -> int:
        return self.width - 2 * self.padding

    @property
    def height(self) -> int:
        below = (self.badge_line if self.has_badges else 0) + self.caption_lines * self.caption_line
        return self.padding + self.well + self.padding + (below + self.padding // 2 if below else 0)


def style_cards(tiles: list[Tile], tile_size: int, scale: int) -> CardStyle:
    """The measures that suit all *tiles* at *tile_size* pixels (at scale 1) a card."""
    caption_size = min(13.0, max(9.0, tile_size / 15))
    badge_size = caption_size * 1.22
    return CardStyle(
        width=tile_size * scale,
        badge_size=badge_size,
        caption_size=caption_size,
        badge_line=round(badge_size * 1.55 * scale),
        caption_line=round(caption_size * 1.4 * scale),
        caption_lines=max((len(tile.caption) for tile in tiles), default=0),
        has_badges=any(tile.badge_words for tile in tiles),
        scale=scale,
    )


class CardPainter:
    """Draws cards of one style; keeps the shapes that all of them share."""

    def __init__(self, style: CardStyle, lettering: Lettering) -> None:
        self._style = style
        self._lettering = lettering
        self._shadow = self._draw_shadow()
        self._card_mask = rounded_mask((style.width, style.height), theme.CARD_RADIUS * style.scale)

    def paint(self, sheet: Image.Image, x: int, y: int, tile: Tile) -> None:
        """Draw *tile* with the card's upper left corner at *x*, *y* of *sheet*."""
        style = self._style
        spread = 2 * theme.SHADOW_BLUR * style.scale
        sheet.paste(theme.INK, (x - spread, y - spread + theme.SHADOW_DROP * style.scale), self._shadow)
        self._paint_ground(sheet, x, y, tile)
        self._paint_picture(sheet, x + style.padding, y + style.padding, tile)
        draw = ImageDraw.Draw(sheet)
        if tile.emphasis:
            self._paint_mark(sheet, x + style.padding, y + style.padding, tile.emphasis)
        self._paint_words(draw, x + style.padding, y + style.padding + style.well, tile)

    def _draw_shadow(self) -> Image.Image:
        style = self._style
        blur = theme.SHADOW_BLUR * style.scale
        shadow = Image.new("L", (style.width + 4 * blur, style.height + 4 * blur))
        ImageDraw.Draw(shadow).rounded_rectangle(
            (2 * blur, 2 * blur, 2 * blur + style.width, 2 * blur + style.height),
            theme.CARD_RADIUS * style.scale,
            fill=26,
        )
        return shadow.filter(ImageFilter.GaussianBlur(blur))

    def _paint_ground(self, sheet: Image.Image, x: int, y: int, tile: Tile) -> None:
        style = self._style
        edge = style.scale
        sheet.paste(theme.CARD_EDGE, (x, y), self._card_mask)
        if tile.emphasis:
            sheet.paste(theme.EMPHASIS_INK[tile.emphasis], (x, y), self._card_mask)
            edge = 3 * style.scale
        inner = rounded_mask(
            (style.width - 2 * edge, style.height - 2 * edge), max(1, theme.CARD_RADIUS * style.scale - edge)
        )
        sheet.paste(theme.CARD, (x + edge, y + edge), inner)

    def _paint_picture(self, sheet: Image.Image, x: int, y: int, tile: Tile) -> None:
        style = self._style
        radius = theme.WELL_RADIUS * style.scale
        picture, problem = _picture_or_problem(tile, style.well)
        well = rounded_mask((style.well, style.well), radius)
        sheet.paste(theme.WELL if picture else theme.PROBLEM_WELL, (x, y), well)
        if picture is None:
            self._paint_problem(sheet, x, y, problem)
            return
        left = x + (style.well - picture.width) // 2
        top = y + (style.well - picture.height) // 2
        round_enough = min(picture.size) > 4 * radius  # a thin strip keeps its corners, they are most of it
        sheet.paste(picture, (left, top), rounded_mask(picture.size, radius if round_enough else 0))

    def _paint_problem(self, sheet: Image.Image, x: int, y: int, problem: str) -> None:
        """A crossed-out frame, and under it why there is no picture."""
        style = self._style
        draw = ImageDraw.Draw(sheet)
        side = style.well * 0.26
        left, top = x + (style.well - side) / 2, y + style.well * 0.22
        pen = max(1, round(1.6 * style.scale))
        draw.rounded_rectangle(
            (left, top, left + side, top + side * 0.8), pen * 3, outline=theme.PROBLEM_INK, width=pen
        )
        draw.line(
            (left - side * 0.15, top + side * 0.95, left + side * 1.15, top - side * 0.15), theme.PROBLEM_INK, pen
        )
        size = style.caption_size
        room = style.well - 4 * style.scale
        for number, line in enumerate(self._lettering.wrap(problem, size, room, max_lines=3)):
            width = self._lettering.width(line, size)
            baseline = y + style.well * 0.62 + number * style.caption_line
            self._lettering.draw(draw, (x + (style.well - width) / 2, baseline), line, size, fill=theme.PROBLEM_INK)

    def _paint_mark(self, sheet: Image.Image, x: int, y: int, emphasis: Emphasis) -> None:
        """A pill with the word in the picture's upper left corner."""
        style = self._style
        size = style.caption_size * 0.92
        word = emphasis.upper()
        pad = round(size * 0.62 * style.scale)
        width = round(self._lettering.width(word, size)) + 2 * pad
        height = round(size * 1.75 * style.scale)
        gap = 5 * style.scale
        sheet.paste(theme.EMPHASIS_INK[emphasis], (x + gap, y + gap), rounded_mask((width, height), height // 2))
        baseline = y + gap + height / 2 + size * 0.36 * style.scale
        self._lettering.draw(ImageDraw.Draw(sheet), (x + gap + pad, baseline), word, size, fill=theme.CARD, weight=0.2)

    def _paint_words(self, draw: ImageDraw.ImageDraw, x: int, y: int, tile: Tile) -> None:
        style = self._style
        baseline = y + style.padding // 3
        if style.has_badges:
            baseline += style.badge_line
            self._paint_badge(draw, x, baseline, tile)
        for number, line in enumerate(tile.caption):
            baseline += style.caption_line
            cut = self._lettering.cut_middle(line, style.caption_size, style.well)
            ink = theme.INK if number == 0 else theme.INK_SOFT
            self._lettering.draw(draw, (x, baseline), cut, style.caption_size, fill=ink)

    def _paint_badge(self, draw: ImageDraw.ImageDraw, x: int, baseline: int, tile: Tile) -> None:
        """The distance in words at the left, its worth as a bar at the right where the words leave room for it."""
        style = self._style
        ink = theme.EMPHASIS_INK[tile.emphasis] if tile.emphasis else theme.INK
        needed = self._lettering.width(tile.badge_words, style.badge_size)
        bar = round(style.well * 0.3) if tile.distances else 0
        if needed > style.well - bar * 1.15:
            bar = 0
        size = style.badge_size * min(1.0, max(_SMALLEST_BADGE, style.well / max(needed, 1.0)))
        words = self._lettering.cut_middle(tile.badge_words, size, style.well - bar * 1.15)
        self._lettering.draw(draw, (x, baseline), words, size, fill=ink, weight=0.25)
        if bar:
            likeness = tile.distances[0].likeness
            thick = max(2, round(3.5 * style.scale))
            left, top = x + style.well - bar, baseline - round(style.badge_size * 0.36 * style.scale) - thick // 2
            draw.rounded_rectangle((left, top, left + bar, top + thick), thick // 2, fill=theme.TRACK)
            if likeness > 0:
                end = left + max(thick, round(bar * likeness))
                draw.rounded_rectangle((left, top, end, top + thick), thick // 2, fill=theme.likeness_ink(likeness))


def rounded_mask(size: tuple[int, int], radius: int) -> Image.Image:
    """An L mask of a rectangle with smooth rounded corners; *radius* 0 is the whole rectangle."""
    width, height = size
    mask = Image.new("L", size, 255)
    radius = min(radius, width // 2, height // 2)
    if radius < 1:
        return mask
    corner = Image.new("L", (radius * _OVERSAMPLING, radius * _OVERSAMPLING))
    ImageDraw.Draw(corner).ellipse((0, 0, 2 * radius * _OVERSAMPLING, 2 * radius * _OVERSAMPLING), fill=255)
    corner = corner.reduce(_OVERSAMPLING)
    for flips, place in (
        ((), (0, 0)),
        ((Image.Transpose.FLIP_LEFT_RIGHT,), (width - radius, 0)),
        ((Image.Transpose.FLIP_TOP_BOTTOM,), (0, height - radius)),
        ((Image.Transpose.ROTATE_180,), (width - radius, height - radius)),
    ):
        piece = corner
        for flip in flips:
            piece = piece.transpose(flip)
        mask.paste(piece, place)
    return mask


def _picture_or_problem(tile: Tile, side: int) -> tuple[Image.Image | None, str]:
    """The picture fitted into its well, or why there is none."""
    if tile.image is None:
        return None, tile.problem or "no picture"
    try:
        return fit(tile.image, side, side), ""
    except (OSError, SyntaxError, ValueError, LookalikeError) as error:
        # Pillow decodes on first use: a damaged file shows only here, and must not cost the whole sheet.
        return None, tile.problem or f"can't be drawn: {error}"
