"""Contact sheets: many small pictures on one page, to look at instead of numbers.

``draw_sheet`` draws one grid (the nearest neighbours with the query first, or a random sample), ``draw_side_by_side``
draws several grids beside each other (the same query under several recipes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from lookalike.errors import RenderingError
from lookalike.rendering import theme
from lookalike.rendering.card import CardPainter, CardStyle, style_cards
from lookalike.rendering.lettering import Lettering
from lookalike.rendering.system_fonts import find_font
from lookalike.rendering.tile import Tile

MAX_SHEET_PIXELS = 80_000_000
"""240 MB while it is drawn, and below the 89 million pixels from which Pillow warns of a bomb when it opens one."""

# Up to so many tiles, cards of so many pixels: few are worth looking at closely, many must fit a screen.
_TILE_SIZES = ((4, 300), (12, 240), (30, 190), (100, 150))
_LEAST_TILE_SIZE = 120
_SMALLEST_TILE_SIZE, _LARGEST_TILE_SIZE = 64, 2000
_LARGEST_SCALE = 4
_SCALE = 2
_WANTED_SHAPE = 1.45  # width / height that grids aim at, between 4:3 and 16:10
_EMPTY_CELL_COST = 0.9  # how much a ragged last row weighs against a shape off the wanted one


def draw_sheet(
    tiles: Sequence[Tile],
    *,
    columns: int | None = None,
    tile_size: int | None = None,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    scale: int = _SCALE,
    font_path: str | None = None,
    max_pixels: int = MAX_SHEET_PIXELS,
) -> Image.Image:
    """One grid of cards, row by row, as an RGB picture.

    Args:
        tiles: at least one; a tile without a picture is drawn as a placeholder that says why.
        columns: cards a row; chosen by the number of tiles where None (9 tiles -> 3, 10 -> 5, 81 -> 9).
        tile_size: width of a card in pixels at scale 1, 64 to 2000; chosen by the number of tiles where None.
        title: what the sheet shows, at most two lines.
        subtitle: a sentence about it, at most three lines.
        footer: how it was made, at most two lines.
        scale: 1 to 4; 2 stays sharp on a dense screen.
        font_path: a font for what the embedded one can't draw, by default one of this machine; what neither draws is
            escaped.
        max_pixels: how large a sheet may get.

    Raises:
        RenderingError: no tiles, a number out of its range, more pixels than *max_pixels*, or an unreadable font.
    """
    columns = columns if columns is not None else _choose_columns(max(1, len(tiles)))
    page = _Page([_Grid("", list(tiles), columns)], tile_size, scale, font_path)
    return page.draw(title, subtitle, footer, max_pixels)


def split_into_sheets(
    tiles: Sequence[Tile], *, title: str = "", subtitle: str = "", max_pixels: int = MAX_SHEET_PIXELS
) -> list[list[Tile]]:
    """*tiles* as they can be drawn by ``draw_sheet`` without getting too large: on one sheet, or evenly on several.

    Only what is said of the tiles counts, so that they may come before their pictures are loaded.

    Raises:
        RenderingError: no tiles, or not even one fits.
    """
    sheets = 1
    while True:
        per_sheet = max(1, math.ceil(len(tiles) / sheets))
        parts = [list(tiles[start : start + per_sheet]) for start in range(0, max(1, len(tiles)), per_sheet)]
        pages = [_Page([_Grid("", part, _choose_columns(max(1, len(part))))], None, _SCALE, None) for part in parts]
        largest = max(math.prod(page.measure(title, subtitle, "")) for page in pages)
        if largest <= max_pixels or per_sheet == 1:
            return parts
        sheets = max(len(parts) + 1, math.ceil(len(parts) * largest / max_pixels))


def draw_side_by_side(
    panels: Sequence[tuple[str, Sequence[Tile]]],
    *,
    columns_per_panel: int = 3,
    tile_size: int | None = None,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    scale: int = _SCALE,
    font_path: str | None = None,
    max_pixels: int = MAX_SHEET_PIXELS,
) -> Image.Image:
    """Several grids beside each other, each under its heading: ``[("query", [q]), ("whash", nine), ("pdq", nine)]``.

    The other arguments and the errors are those of ``draw_sheet``; a panel of fewer tiles than *columns_per_panel* is
    narrower.
    """
    grids = [_Grid(heading, list(tiles), min(columns_per_panel, max(1, len(tiles)))) for heading, tiles in panels]
    return _Page(grids, tile_size, scale, font_path).draw(title, subtitle, footer, max_pixels)


@dataclass(frozen=True, slots=True)
class _Grid:
    heading: str
    tiles: list[Tile]
    columns: int

    @property
    def rows(self) -> int:
        return math.ceil(len(self.tiles) / self.columns)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the parts of a page lie, in its pixels: ``top`` and ``bottom`` of the grids, height of their headings."""

    width: int
    height: int
    top: int
    bottom: int
    headings: int
    header: list[tuple[str, float, str, float]]
    footer: list[str]


class _Page:
    """The layout of grids on one page; every measure is in pixels of the page."""

    def __init__(self, grids: list[_Grid], tile_size: int | None, scale: int, font_path: str | None) -> None:
        count = sum(len(grid.tiles) for grid in grids)
        if count == 0:
            raise RenderingError("a sheet needs at least one tile, none came")
        if not 1 <= scale <= _LARGEST_SCALE:
            raise RenderingError(f"the scale is a whole number from 1 to {_LARGEST_SCALE}, {scale} came")
        for grid in grids:
            if grid.columns < 1:
                raise RenderingError(f"a grid needs at least one column, {grid.columns} came")
        tile_size = tile_size if tile_size is not None else _choose_tile_size(count)
        if not _SMALLEST_TILE_SIZE <= tile_size <= _LARGEST_TILE_SIZE:
            raise RenderingError(
                f"a tile is {_SMALLEST_TILE_SIZE} to {_LARGEST_TILE_SIZE} pixels wide, {tile_size} came"
            )
        self._grids = grids
        self._scale = scale
        self._lettering = Lettering(scale, font_path or find_font())
        self._style: CardStyle = style_cards([tile for grid in grids for tile in grid.tiles], tile_size, scale)
        self._gap = theme.GAP * scale
        self._panel_gap = 3 * self._gap
        self._margin = theme.MARGIN * scale

    def measure(self, title: str, subtitle: str, footer: str) -> tuple[int, int]:
        """Width and height of the whole page."""
        layout = self._lay_out(title, subtitle, footer)
        return layout.width, layout.height

    def _lay_out(self, title: str, subtitle: str, footer: str) -> _Layout:
        content = max(self._grids_width(), theme.NARROWEST_CONTENT * self._scale)
        header = self._wrap_header(title, subtitle, content)
        footer_lines = self._lettering.wrap(footer, theme.FOOTER_SIZE, content, max_lines=2)
        headings = round(theme.HEADING_SIZE * 2.1 * self._scale) if any(grid.heading for grid in self._grids) else 0
        top = self._margin + sum(round(size * 1.36 * self._scale) for _, size, _, _ in header)
        top += self._gap if header else 0
        bottom = top + headings + self._grids_height()
        width = content + 2 * self._margin
        height = bottom + self._margin + (len(footer_lines) * self._footer_line + self._gap if footer_lines else 0)
        return _Layout(width, height, top, bottom, headings, header, footer_lines)

    def draw(self, title: str, subtitle: str, footer: str, max_pixels: int) -> Image.Image:
        layout = self._lay_out(title, subtitle, footer)
        width, bottom = layout.width, layout.bottom
        if width * layout.height > max_pixels:
            raise RenderingError(
                f"the sheet would have {width} x {layout.height} pixels, more than {max_pixels}: "
                "show fewer tiles, or use a smaller tile_size or scale"
            )
        sheet = Image.new("RGB", (width, layout.height), theme.PAPER)
        draw = ImageDraw.Draw(sheet)
        self._write_header(draw, layout.header)
        left = self._margin
        for grid in self._grids:
            self._draw_grid(sheet, draw, grid, left, layout.top, layout.headings)
            left += self._grid_width(grid) + self._panel_gap
        if layout.footer:
            draw.line(
                (self._margin, bottom + self._gap, width - self._margin, bottom + self._gap), theme.RULE, self._scale
            )
            footer_line = self._footer_line
            for number, line in enumerate(layout.footer, start=1):
                place = (self._margin, bottom + self._gap + round(0.35 * footer_line) + number * footer_line)
                self._lettering.draw(draw, place, line, theme.FOOTER_SIZE, fill=theme.INK_SOFT)
        return sheet

    @property
    def _footer_line(self) -> int:
        return round(theme.FOOTER_SIZE * 1.5 * self._scale)

    def _wrap_header(self, title: str, subtitle: str, content: int) -> list[tuple[str, float, str, float]]:
        """Lines of title and subtitle -> (text, size, colour, weight)."""
        titles = self._lettering.wrap(title, theme.TITLE_SIZE, content, max_lines=2)
        subtitles = self._lettering.wrap(subtitle, theme.SUBTITLE_SIZE, content, max_lines=3)
        return [
            *((line, theme.TITLE_SIZE, theme.INK, 0.4) for line in titles),
            *((line, theme.SUBTITLE_SIZE, theme.INK_SOFT, 0.0) for line in subtitles),
        ]

    def _write_header(self, draw: ImageDraw.ImageDraw, header: list[tuple[str, float, str, float]]) -> None:
        bottom = self._margin
        for line, size, ink, weight in header:
            bottom += round(size * 1.36 * self._scale)
            baseline = bottom - round(size * 0.42 * self._scale)
            self._lettering.draw(draw, (self._margin, baseline), line, size, fill=ink, weight=weight)

    def _draw_grid(
        self, sheet: Image.Image, draw: ImageDraw.ImageDraw, grid: _Grid, left: int, top: int, headings: int
    ) -> None:
        if grid.heading:
            heading = self._lettering.cut_middle(grid.heading, theme.HEADING_SIZE, self._grid_width(grid))
            baseline = top + round(theme.HEADING_SIZE * self._scale)
            place = (left, baseline)
            self._lettering.draw(draw, place, heading, theme.HEADING_SIZE, fill=theme.INK, weight=0.3)
        painter = CardPainter(self._style, self._lettering)
        for number, tile in enumerate(grid.tiles):
            row, column = divmod(number, grid.columns)
            x = left + column * (self._style.width + self._gap)
            y = top + headings + row * (self._style.height + self._gap)
            painter.paint(sheet, x, y, tile)

    def _grid_width(self, grid: _Grid) -> int:
        return grid.columns * (self._style.width + self._gap) - self._gap

    def _grids_width(self) -> int:
        return sum(map(self._grid_width, self._grids)) + self._panel_gap * (len(self._grids) - 1)

    def _grids_height(self) -> int:
        rows = max(grid.rows for grid in self._grids)
        return rows * (self._style.height + self._gap) - self._gap


def _choose_tile_size(count: int) -> int:
    return next((size for most, size in _TILE_SIZES if count <= most), _LEAST_TILE_SIZE)


def _choose_columns(count: int) -> int:
    """A square for 9 and 81; else the number whose grid is nearest to the wanted shape with the fewest empty cells."""
    root = math.isqrt(count)
    if root > 1 and root * root == count:
        return root

    def cost(columns: int) -> float:
        rows = math.ceil(count / columns)
        off_shape = abs(math.log(columns / (rows * 1.2) / _WANTED_SHAPE))  # a card is about 1.2 times as high as wide
        return off_shape + _EMPTY_CELL_COST * (rows * columns - count) / columns

    return min(range(1, count + 1), key=cost)
