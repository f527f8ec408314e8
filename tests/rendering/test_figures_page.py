"""A page of figures: safe text, well-formed, curves where their points lie."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from lookalike.rendering import Chapter, Curve, HeatCell, HeatTable, Plot, decades_axis, render_figures, share_axis
from lookalike.rendering.plots import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, draw_plot, steps_axis

BAD = "<script>alert('x')</script>"


def points_of(svg):
    line = ET.fromstring(svg).find("polyline")
    return [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]


def test_points_lie_where_their_values_are():
    svg = draw_plot("p", share_axis("x"), share_axis("y"), [Curve("a", ((0, 0), (1, 1), (0.5, 0.25)), 0)])
    low, high, middle = points_of(svg)
    assert low == (LEFT, HEIGHT - BOTTOM)
    assert high == (WIDTH - RIGHT, TOP)
    assert middle == ((LEFT + WIDTH - RIGHT) / 2, TOP + (HEIGHT - BOTTOM - TOP) * 0.75)


def test_decades_are_as_far_apart_as_each_other_and_zero_is_at_the_end():
    curve = Curve("a", ((1e-4, 0), (1e-2, 0), (1, 0), (0, 0)), 0)
    first, second, third, zero = [
        x for x, _ in points_of(draw_plot("p", decades_axis("x", -4), share_axis("y"), [curve]))
    ]
    assert second - first == pytest.approx(third - second, abs=0.11)
    assert zero == first == LEFT


def test_steps_stand_at_equal_distances_with_their_words():
    svg = draw_plot("p", steps_axis("x", ["1", "10", "500"]), share_axis("y"), [])
    places = {word: float(x) for x, word in re.findall(r'<text x="([\d.]+)"[^>]*>(1|10|500)</text>', svg)}
    assert places["10"] - places["1"] == places["500"] - places["10"] > 50


def test_text_from_outside_is_escaped_everywhere_and_the_page_allows_no_script():
    table = HeatTable(BAD, (BAD,), ((BAD, BAD, (HeatCell(BAD, 0.5, BAD),)),), ((BAD, "", ()),))
    plot = Plot(BAD, steps_axis(BAD, [BAD, "b"]), share_axis(BAD), (Curve(BAD, ((0, 1),), 0),))
    page = render_figures(BAD, [Chapter(BAD, BAD, (table,), (plot,), (BAD,))], introduction=BAD, footer=BAD)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=\"(?!#)", page)


class Balance(HTMLParser):
    VOID = frozenset({"meta", "br", "path", "rect", "circle"})

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("folded", [True, False])
def test_every_element_is_closed_and_cells_tell_their_worth(folded):
    table = HeatTable("t", ("a", "b"), (("row", "", (HeatCell("83 %", 0.83), HeatCell("plain"))),))
    plot = Plot("p", share_axis("x"), share_axis("y"), (Curve("c", ((0, 0), (1, 1)), 9),), small=True)
    page = render_figures("t", [Chapter("one", "words", (table,), (plot,), ("c",), folded), Chapter("two")])
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert '<td class="worth" style="--v:0.830">83 %</td><td>plain</td>' in page
    assert ("<details>" in page) == folded
    assert 'href="#chapter-2"' in page
    assert "curve-1 dash-1" in page  # the tenth colour is the second again, dashed
