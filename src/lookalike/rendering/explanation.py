"""Two pictures side by side, what differs between them, and each fingerprint's bits with the differing ones marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lookalike.errors import RenderingError
from lookalike.rendering import theme
from lookalike.rendering.card import CardPainter, rounded_mask, style_cards
from lookalike.rendering.lettering import Lettering
from lookalike.rendering.system_fonts import find_font
from lookalike.rendering.tile import Tile

SCALE = 2
PICTURE_SIDE = 300  # of a card, at scale 1
GRID_SIDE = 127  # of a grid of bits
PANEL_PADDING = 16
WORDS_HEIGHT = 62  # of the name and the two lines over the grids
DIFFERENCE_GAIN = 2.0  # half of the range is as different as it looks
SET, UNSET = "#57534e", "#ebe8e1"  # bits that both have alike
SET_APART, UNSET_APART = "#c2410c", "#fdba8c"  # bits that differ
DIFFERENCE_INK = (154, 52, 18)
PALER = 0.6  # what lies outside of the part that both show
OUTLINE_SHARE = 0.008  # of the longer side

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True, slots=True)
class BitPanel:
    """One fingerprint's part.

    Attributes:
        name: the recipe. lines: what is said of the distance, at most two.
        first, second: bool (rows, columns), of one shape.
    """

    name: str
    lines: tuple[str, ...]
    first: NDArray[np.bool_]
    second: NDArray[np.bool_]


def draw_explanation(
    first: Tile,
    second: Tile,
    panels: Sequence[BitPanel],
    *,
    title: str,
    subtitle: str = "",
    boxes: tuple[Box, Box] | None = None,
) -> Image.Image:
    """One page: both pictures and their difference above, below each fingerprint's two codes side by side.

    Args:
        first: with its picture, laid as the second lies.
        second: with its picture.
        panels: at least one.
        title: what the page says.
        subtitle: a sentence about it.
        boxes: the part of each that shows the same, outlined; the difference is that of these parts.

    Raises:
        RenderingError: no panels, or a tile without a picture.
    """
    if not panels or first.image is None or second.image is None:
        raise RenderingError("an explanation needs two pictures and at least one fingerprint")
    images = [first.image, second.image]
    parts = images if boxes is None else [one.crop(box) for one, box in zip(images, boxes, strict=True)]
    between = Tile(difference(*parts), ("the difference: the darker, the more",))
    if boxes is not None:
        images = [outline(one, box) for one, box in zip(images, boxes, strict=True)]
    tiles = [replace(first, image=images[0]), replace(second, image=images[1]), between]
    style = style_cards(tiles, PICTURE_SIDE, SCALE)
    lettering = Lettering(SCALE, find_font())
    gap, margin = theme.GAP * SCALE, theme.MARGIN * SCALE
    content = 3 * style.width + 2 * gap
    heads: list[tuple[str, float, str, float]] = [
        (line, theme.TITLE_SIZE, theme.INK, 0.4) for line in lettering.wrap(title, theme.TITLE_SIZE, content, 2)
    ]
    heads += [
        (line, theme.SUBTITLE_SIZE, theme.INK_SOFT, 0.0)
        for line in lettering.wrap(subtitle, theme.SUBTITLE_SIZE, content, 3)
    ]
    top = margin + sum(round(size * 1.36 * SCALE) for _, size, _, _ in heads) + gap
    panel = ((content - 2 * gap) // 3, (2 * PANEL_PADDING + WORDS_HEIGHT + GRID_SIDE) * SCALE)
    rows = -(-len(panels) // 3)
    height = top + style.height + gap + rows * (panel[1] + gap) - gap + margin
    page = Image.new("RGB", (content + 2 * margin, height), theme.PAPER)
    draw = ImageDraw.Draw(page)
    baseline = margin
    for line, size, ink, weight in heads:
        baseline += round(size * 1.36 * SCALE)
        place = (margin, baseline - round(size * 0.42 * SCALE))
        lettering.draw(draw, place, line, size, fill=ink, weight=weight)
    painter = CardPainter(style, lettering)
    for number, tile in enumerate(tiles):
        painter.paint(page, margin + number * (style.width + gap), top, tile)
    for number, one in enumerate(panels):
        place = (
            margin + number % 3 * (panel[0] + gap),
            top + style.height + gap + number // 3 * (panel[1] + gap),
        )
        paint_panel(page, lettering, place, panel, one)
    return page


def outline(image: Image.Image, box: Box) -> Image.Image:
    """A copy of *image* on which all but *box* is paler and *box* has a line around it."""
    shown = Image.blend(image.convert("RGB"), Image.new("RGB", image.size, theme.CARD), PALER)
    shown.paste(image.crop(box), box[:2])
    line = max(1, round(max(image.size) * OUTLINE_SHARE))
    ImageDraw.Draw(shown).rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline=SET_APART, width=line)
    return shown


def difference(first: Image.Image, second: Image.Image) -> Image.Image:
    """How far the two are apart, pixel by pixel, over the second's outline: white where they are equal, else rust."""
    laid = first.convert("RGB").resize(second.size, Image.Resampling.BILINEAR)
    apart = np.abs(np.asarray(laid, np.int16) - np.asarray(second.convert("RGB"), np.int16)).max(axis=2)
    share = np.minimum(apart * (DIFFERENCE_GAIN / 255.0), 1.0)[..., None]
    shown = 255.0 + share * (np.array(DIFFERENCE_INK, np.float64) - 255.0)
    return Image.fromarray(np.round(shown).astype(np.uint8))


def paint_panel(
    page: Image.Image, lettering: Lettering, place: tuple[int, int], size: tuple[int, int], panel: BitPanel
) -> None:
    """A card with the fingerprint's name, what its distance says, and the two grids."""
    x, y = place
    edge = SCALE
    page.paste(theme.CARD_EDGE, place, rounded_mask(size, theme.CARD_RADIUS * SCALE))
    inner = (size[0] - 2 * edge, size[1] - 2 * edge)
    page.paste(theme.CARD, (x + edge, y + edge), rounded_mask(inner, theme.CARD_RADIUS * SCALE - edge))
    draw = ImageDraw.Draw(page)
    pad = PANEL_PADDING * SCALE
    room = size[0] - 2 * pad
    baseline = y + pad + round(15 * SCALE)
    lettering.draw(
        draw, (x + pad, baseline), lettering.cut_middle(panel.name, 16, room), 16, fill=theme.INK, weight=0.3
    )
    for line in panel.lines[:2]:
        baseline += round(17 * SCALE)
        lettering.draw(draw, (x + pad, baseline), lettering.cut_middle(line, 12.5, room), 12.5, fill=theme.INK_SOFT)
    top = y + pad + WORDS_HEIGHT * SCALE
    side = min(GRID_SIDE * SCALE, (room - theme.GAP * SCALE) // 2)
    rows, columns = panel.first.shape
    gap = theme.GAP * SCALE
    wide = columns > 2 * rows  # such grids lie one over the other
    cell = max(1, min(room // columns, (side - gap) // (2 * rows)) if wide else side // max(rows, columns))
    for number, bits in enumerate((panel.first, panel.second)):
        left, down = (0, number * (rows * cell + gap)) if wide else (number * (side + gap), 0)
        page.paste(draw_bits(bits, panel.first != panel.second, cell), (x + pad + left, top + down))


def draw_bits(bits: NDArray[np.bool_], apart: NDArray[np.bool_], cell: int) -> Image.Image:
    """A grid with a cell of *cell* pixels a bit: dark where it is set, in another colour where the codes differ."""
    rows, columns = bits.shape
    line = max(1, cell // 10) if cell >= 4 else 0
    grid = Image.new("RGB", (columns * cell, rows * cell), theme.CARD)
    draw = ImageDraw.Draw(grid)
    for row in range(rows):
        for column in range(columns):
            inks = (SET_APART, UNSET_APART) if apart[row, column] else (SET, UNSET)
            ink = inks[0] if bits[row, column] else inks[1]
            box = (column * cell, row * cell, (column + 1) * cell - 1 - line, (row + 1) * cell - 1 - line)
            draw.rectangle(box, fill=ink)
    return grid
