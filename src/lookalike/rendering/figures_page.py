"""A page of figures: tables whose cells are coloured by worth, and plots; one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from string import Template

from lookalike.rendering.plots import Axis, Curve, curve_class, draw_plot
from lookalike.rendering.text import visible_text


@dataclass(frozen=True, slots=True)
class HeatCell:
    """*words* on a ground that tells *worth*, 0 to 1; None for a plain one. *more* is said in small letters below."""

    words: str
    worth: float | None = None
    more: str = ""


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Rows of cells.

    Attributes:
        caption: what is read out. columns: heads, the first over the names of the rows.
        rows: (name, what it means in small letters, cells). ends: rows below a line, such as totals.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[HeatCell, ...]], ...]
    ends: tuple[tuple[str, str, tuple[HeatCell, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves over two axes; *small* ones stand several in a row."""

    title: str
    across: Axis
    up: Axis
    curves: tuple[Curve, ...]
    small: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading, paragraphs, tables and plots; *folded* ones open on a click."""

    heading: str
    description: str = ""
    tables: tuple[HeatTable, ...] = ()
    plots: tuple[Plot, ...] = ()
    legend: tuple[str, ...] = ()
    folded: bool = False


def render_figures(title: str, chapters: Sequence[Chapter], *, introduction: str = "", footer: str = "") -> str:
    """The whole page as text; write it with ``save_report``. Blank lines separate paragraphs."""
    return Template(_resource("figures.html")).substitute(
        title=_text(title),
        style=_resource("report.css") + _resource("figures.css"),
        introduction=_paragraphs(introduction),
        contents=_contents(chapters),
        chapters="".join(_chapter(number, chapter) for number, chapter in enumerate(chapters, start=1)),
        footer=_paragraphs(footer),
    )


def _contents(chapters: Sequence[Chapter]) -> str:
    links = "".join(
        f'<li><a href="#chapter-{number}">{_text(chapter.heading)}</a></li>\n'
        for number, chapter in enumerate(chapters, start=1)
    )
    return f'<nav aria-label="Chapters"><ul>\n{links}</ul></nav>\n'


def _chapter(number: int, chapter: Chapter) -> str:
    legend = "".join(
        f'<li><svg viewBox="0 0 26 8" aria-hidden="true"><path class="{curve_class(place)}" d="M1 4H25"/></svg>'
        f"{_text(name)}</li>"
        for place, name in enumerate(chapter.legend)
    )
    parts = [f'<ul class="legend">{legend}</ul>\n'] if legend else []
    plots = "".join(
        f'<figure class="{"small" if plot.small else "large"}"><figcaption>{_text(plot.title)}</figcaption>\n'
        f"{draw_plot(plot.title, plot.across, plot.up, plot.curves)}</figure>\n"
        for plot in chapter.plots
    )
    parts += [f'<div class="plots">\n{plots}</div>\n'] if plots else []
    parts += [_table(table) for table in chapter.tables]
    body = "".join(parts)
    if chapter.folded:
        body = f"<details><summary>Show</summary>\n{body}</details>\n"
    return (
        f'<section id="chapter-{number}" aria-labelledby="heading-{number}">\n'
        f'<h2 id="heading-{number}">{_text(chapter.heading)}</h2>\n{_paragraphs(chapter.description)}{body}</section>\n'
    )


def _table(table: HeatTable) -> str:
    heads = "".join(f'<th scope="col"><bdi>{_text(word)}</bdi></th>' for word in table.columns)
    bodies = "".join(
        f"<tbody{mark}>{''.join(map(_row, rows))}</tbody>"
        for rows, mark in ((table.rows, ""), (table.ends, ' class="ends"'))
        if rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{_text(table.caption)}"><table class="heat">'
        f"<caption>{_text(table.caption)}</caption><thead><tr>{heads}</tr></thead>{bodies}</table></div>\n"
    )


def _row(row: tuple[str, str, tuple[HeatCell, ...]]) -> str:
    name, meaning, cells = row
    small = f"<small>{_text(meaning)}</small>" if meaning else ""
    return f'<tr><th scope="row"><bdi>{_text(name)}</bdi>{small}</th>{"".join(map(_cell, cells))}</tr>\n'


def _cell(cell: HeatCell) -> str:
    worth = "" if cell.worth is None else f' class="worth" style="--v:{min(1.0, max(0.0, cell.worth)):.3f}"'
    more = f"<small>{_text(cell.more)}</small>" if cell.more else ""
    return f"<td{worth}>{_text(cell.words)}{more}</td>"


def _text(text: str) -> str:
    return escape(visible_text(text), quote=True)


def _paragraphs(text: str) -> str:
    parts = (part.strip() for part in text.split("\n\n"))
    return "".join(f"<p>{_text(' '.join(part.split()))}</p>\n" for part in parts if part)


def _resource(name: str) -> str:
    return resources.files("lookalike.rendering").joinpath(name).read_text(encoding="utf-8")
