"""Matches made visible: contact sheets (PNG), reports (one HTML file), and the demo's product pictures."""

from lookalike.rendering.explanation import BitPanel, Box, draw_explanation
from lookalike.rendering.figures_page import Chapter, HeatCell, HeatTable, Plot, render_figures
from lookalike.rendering.plots import Curve, decades_axis, share_axis, steps_axis
from lookalike.rendering.report import render_report
from lookalike.rendering.saving import save_report, save_sheet
from lookalike.rendering.sheet import MAX_SHEET_PIXELS, draw_sheet, draw_side_by_side, split_into_sheets
from lookalike.rendering.thumbnails import ThumbnailFormat, encode_thumbnail, thumbnail
from lookalike.rendering.tile import Emphasis, RecipeDistance, Section, Tile

__all__ = [
    "MAX_SHEET_PIXELS",
    "BitPanel",
    "Box",
    "Chapter",
    "Curve",
    "Emphasis",
    "HeatCell",
    "HeatTable",
    "Plot",
    "RecipeDistance",
    "Section",
    "ThumbnailFormat",
    "Tile",
    "decades_axis",
    "draw_explanation",
    "draw_sheet",
    "draw_side_by_side",
    "encode_thumbnail",
    "render_figures",
    "render_report",
    "save_report",
    "save_sheet",
    "share_axis",
    "split_into_sheets",
    "steps_axis",
    "thumbnail",
]
