"""A report: sections of pictures as one HTML file that needs nothing else, no network and no script.

Every text that comes from outside (names, paths, attributes, titles) is escaped here; the page's own content security
policy forbids scripts and remote addresses besides, so that a name that slipped through still couldn't run.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import resources
from string import Template

from PIL import Image

from lookalike.errors import LookalikeError, RenderingError
from lookalike.rendering.text import visible_text
from lookalike.rendering.thumbnails import ThumbnailFormat, data_uri, encode_thumbnail
from lookalike.rendering.tile import RecipeDistance, Section, Tile

_SMALLEST_THUMBNAIL, _LARGEST_THUMBNAIL = 16, 2000
# From this likeness on, this class of bar: the same steps as on a sheet.
_WORTH = ((0.9, "near"), (0.6, "close"), (0.3, "far"), (0.0, "chance"))


def render_report(
    title: str,
    sections: Sequence[Section],
    *,
    query: Tile | None = None,
    introduction: str = "",
    footer: str = "",
    thumbnail_side: int = 384,
    image_format: ThumbnailFormat = "webp",
) -> str:
    """The whole page as text; write it with ``save_report``.

    Args:
        title: the page's heading.
        sections: chapters in order; with more than one, the page starts with links to them.
        query: the picture that was asked, shown beside the title.
        introduction: a sentence or more under the title; blank lines separate paragraphs.
        footer: what made the page, and when.
        thumbnail_side: longest side of the pictures inside, in pixels, 16 to 2000; 384 is sharp in a 220-pixel card.
        image_format: ``webp`` is about a third smaller, ``jpeg`` opens everywhere.

    Raises:
        RenderingError: *thumbnail_side* is out of its range.
    """
    if not _SMALLEST_THUMBNAIL <= thumbnail_side <= _LARGEST_THUMBNAIL:
        raise RenderingError(
            f"thumbnails have {_SMALLEST_THUMBNAIL} to {_LARGEST_THUMBNAIL} pixels a side, {thumbnail_side} came"
        )
    writer = _Writer(thumbnail_side, image_format)
    return _template("report.html").substitute(
        title=_text(title),
        style=_resource("report.css"),
        introduction=_paragraphs(introduction),
        query=f'<div class="query">{writer.card(query, "div")}</div>\n' if query else "",
        contents=_contents(sections),
        sections="".join(writer.section(number, section) for number, section in enumerate(sections, start=1)),
        footer=_paragraphs(footer),
    )


class _Writer:
    """Writes tiles; a picture that stands in several sections is encoded once."""

    def __init__(self, thumbnail_side: int, image_format: ThumbnailFormat) -> None:
        self._side = thumbnail_side
        self._format: ThumbnailFormat = image_format
        self._encoded: dict[int, tuple[Image.Image, str]] = {}

    def section(self, number: int, section: Section) -> str:
        tiles = "".join(self.card(tile, "li") for tile in section.tiles)
        grid = f'<ul class="tiles">\n{tiles}</ul>\n' if tiles else ""
        return (
            f'<section id="section-{number}" aria-labelledby="heading-{number}">\n'
            f'<h2 id="heading-{number}">{_text(section.heading)}</h2>\n'
            f"{_paragraphs(section.description)}{grid}</section>\n"
        )

    def card(self, tile: Tile, element: str) -> str:
        name = f"card marked {tile.emphasis}-mark" if tile.emphasis else "card"
        mark = f'<span class="mark">{tile.emphasis}</span>' if tile.emphasis else ""
        words = [f'<div class="badge">{_text(tile.badge_words)}</div>'] if tile.badge_words else []
        words += [f'<div class="line"><bdi>{_text(line)}</bdi></div>' for line in tile.caption]
        words += [_distances(tile.distances), _attributes(tile)]
        words += [f'<div class="path"><bdi>{_text(tile.path)}</bdi></div>'] if tile.path else []
        return (
            f'<{element} class="{name}"><div class="well">{self._picture(tile)}{mark}</div>'
            f'<div class="say">{"".join(words)}</div></{element}>\n'
        )

    def _picture(self, tile: Tile) -> str:
        if tile.image is None:
            return f'<div class="problem">{_text(tile.problem or "no picture")}</div>'
        try:
            source = self._source(tile.image)
        except (OSError, SyntaxError, ValueError, LookalikeError) as error:
            # Pillow decodes on first use: a damaged file shows only here, and must not cost the whole report.
            return f'<div class="problem">{_text(tile.problem or f"this picture could not be drawn: {error}")}</div>'
        return f'<img {source} alt="{_text(_alternative(tile))}" loading="lazy" decoding="async">'

    def _source(self, image: Image.Image) -> str:
        """The attributes that hold the picture; kept by identity, with the picture so that its id stays taken."""
        if id(image) not in self._encoded:
            content, width, height = encode_thumbnail(image, self._side, image_format=self._format)
            source = f'src="{data_uri(content, self._format)}" width="{width}" height="{height}"'
            self._encoded[id(image)] = (image, source)
        return self._encoded[id(image)][1]


def _text(text: str) -> str:
    """*text* for an element's content or a quoted attribute: visible, and without any character that HTML reads."""
    return escape(visible_text(text), quote=True)


def _paragraphs(text: str) -> str:
    parts = (part.strip() for part in text.split("\n\n"))
    return "".join(f"<p>{_text(' '.join(part.split()))}</p>\n" for part in parts if part)


def _alternative(tile: Tile) -> str:
    """What somebody who can't see the picture is told instead."""
    said = [tile.caption[0] if tile.caption else tile.path or "picture", tile.emphasis or "", tile.badge_words]
    return ", ".join(part for part in said if part)


def _contents(sections: Sequence[Section]) -> str:
    if len(sections) < 2:
        return ""
    links = "".join(
        f'<li><a href="#section-{number}">{_text(section.heading)}</a></li>\n'
        for number, section in enumerate(sections, start=1)
    )
    return f'<nav aria-label="Sections"><ul>\n{links}</ul></nav>\n'


def _distances(distances: Sequence[RecipeDistance]) -> str:
    if not distances:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{_text(distance.recipe)}</th>'
        f'<td><span class="bar {_worth(distance.likeness)}">'
        f'<span style="width:{distance.likeness:.0%}"></span></span></td>'
        f'<td class="bits">{distance.bits} of {distance.width_bits}</td></tr>'
        for distance in distances
    )
    return f'<table class="distances"><caption>Bits that differ, by recipe</caption>{rows}</table>'


def _attributes(tile: Tile) -> str:
    if not tile.attributes:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{_text(str(name))}</th><td><bdi>{_text(_value(value))}</bdi></td></tr>'
        for name, value in tile.attributes.items()
    )
    return f'<table class="attributes"><caption>Attributes</caption>{rows}</table>'


def _value(value: object) -> str:
    """An attribute as people write it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _worth(likeness: float) -> str:
    return next(name for floor, name in _WORTH if likeness >= floor)


def _resource(name: str) -> str:
    return resources.files("lookalike.rendering").joinpath(name).read_text(encoding="utf-8")


def _template(name: str) -> Template:
    return Template(_resource(name))
