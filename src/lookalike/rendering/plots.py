"""Line plots as SVG text: a few curves, axes with round numbers, colours that the page's style sheet gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lookalike.rendering.text import visible_text

COLOURS = 8  # classes curve-0 to curve-7; dashes tell further curves apart
WIDTH, HEIGHT = 460, 304
LEFT, RIGHT, TOP, BOTTOM = 54, 20, 12, 52  # room for the axes' words, in the same pixels
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through *points*, (x, y); *place* is its colour, the same on every plot of a page."""

    name: str
    points: tuple[tuple[float, float], ...]
    place: int


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis says, from *low* to *high*; *ticks* are (value, word). A logarithmic one needs *low* above 0."""

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Where *value* lies between both ends, 0 to 1; what lies outside is moved to the end."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, low))
        return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5


def share_axis(label: str) -> Axis:
    """From 0 to 100 %."""
    return Axis(label, 0, 1, tuple((value, f"{value:.0%}") for value in QUARTERS))


def decades_axis(label: str, low_exponent: int) -> Axis:
    """From 10 to the power of *low_exponent* to 1."""
    step = 1 if low_exponent > -5 else 2
    exponents = range(0, low_exponent - 1, -step)
    ticks = tuple((10.0**exponent, "1" if exponent == 0 else f"1e{exponent}") for exponent in exponents)
    return Axis(label, 10.0**low_exponent, 1, ticks, logarithmic=True)


def steps_axis(label: str, steps: Sequence[str]) -> Axis:
    """The steps at equal distances, whatever they measure."""
    return Axis(label, 0, max(1, len(steps) - 1), tuple((float(place), word) for place, word in enumerate(steps)))


def draw_plot(title: str, across: Axis, up: Axis, curves: Sequence[Curve]) -> str:
    """An ``<svg>`` element that scales with its place; *title* is what is read out."""
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    parts = [
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{_text(title)}">',
        f'<rect class="ground" x="{LEFT}" y="{TOP}" width="{wide}" height="{tall}" rx="4"/>',
    ]
    for value, word in up.ticks:
        y = TOP + tall * (1 - up.share(value))
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{LEFT + wide}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{_text(word)}</text>')
    for value, word in across.ticks:
        x = LEFT + wide * across.share(value)
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{TOP + tall}"/>')
        parts.append(f'<text x="{x:.1f}" y="{TOP + tall + 20}" text-anchor="middle">{_text(word)}</text>')
    parts.append(
        f'<text class="axis" x="{LEFT + wide / 2}" y="{HEIGHT - 8}" text-anchor="middle">{_text(across.label)}</text>'
    )
    for curve in curves:
        places = [(LEFT + wide * across.share(x), TOP + tall * (1 - up.share(y))) for x, y in curve.points]
        if places:
            parts.append(_line(curve, places))
    return "".join(parts) + "</svg>\n"


def _line(curve: Curve, places: Sequence[tuple[float, float]]) -> str:
    words = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    line = (
        f'<polyline class="{curve_class(curve.place)}" points="{words}"><title>{_text(curve.name)}</title></polyline>'
    )
    if len(places) <= 12:
        line += "".join(
            f'<circle class="{curve_class(curve.place)}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places
        )
    return line


def curve_class(place: int) -> str:
    """The class of a curve and of its mark in the legend."""
    return f"curve curve-{place % COLOURS}" + (f" dash-{min(3, place // COLOURS)}" if place >= COLOURS else "")


def _text(text: str) -> str:
    return escape(visible_text(text), quote=True)
