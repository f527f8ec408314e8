"""Outlines of bags: polygons with rounded corners, smooth curves, ribbons. Points are (x, y) in pixels, y downwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Outline = list[Point]

_CORNER_STEPS = 7
_CURVE_STEPS = 9


def round_corners(corners: Sequence[Point], radii: Sequence[float] | float) -> Outline:
    """A polygon whose corners are replaced by curves that start *radius* pixels away from them."""
    count = len(corners)
    sizes = [radii] * count if isinstance(radii, (int, float)) else list(radii)
    outline: Outline = []
    for number, corner in enumerate(corners):
        before, after = corners[number - 1], corners[(number + 1) % count]
        start, end = _towards(corner, before, sizes[number]), _towards(corner, after, sizes[number])
        outline += [_bend(start, corner, end, step / _CORNER_STEPS) for step in range(_CORNER_STEPS + 1)]
    return outline


def smooth_curve(points: Sequence[Point], *, closed: bool = False) -> Outline:
    """A curve through all *points* (uniform Catmull-Rom)."""
    count = len(points)
    spans = count if closed else count - 1

    def point(index: int) -> Point:
        return points[index % count] if closed else points[min(max(index, 0), count - 1)]

    curve: Outline = []
    for span in range(spans):
        knots = [point(span + shift) for shift in (-1, 0, 1, 2)]
        curve += [_spline(knots, step / _CURVE_STEPS) for step in range(_CURVE_STEPS)]
    return curve if closed else [*curve, points[-1]]


def ribbon(path: Sequence[Point], width: float) -> Outline:
    """The outline of a band of *width* pixels along *path*."""
    left: Outline = []
    right: Outline = []
    for number, (x, y) in enumerate(path):
        ahead, behind = path[min(number + 1, len(path) - 1)], path[max(number - 1, 0)]
        dx, dy = ahead[0] - behind[0], ahead[1] - behind[1]
        length = math.hypot(dx, dy) or 1.0
        nx, ny = -dy / length * width / 2, dx / length * width / 2
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def arch(left: Point, right: Point, rise: float, fullness: float = 0.86) -> Outline:
    """A handle's path from *left* up over *rise* pixels to *right*; *fullness* 1 is nearly a rectangle."""
    (x0, y0), (x1, y1) = left, right
    top = min(y0, y1) - rise
    middle = (x0 + x1) / 2
    half = (x1 - x0) / 2
    return smooth_curve(
        [
            (x0, y0),
            (middle - half * 0.98, y0 - rise * 0.5),
            (middle - half * fullness * 0.82, top + rise * 0.13),
            (middle, top),
            (middle + half * fullness * 0.82, top + rise * 0.13),
            (middle + half * 0.98, y1 - rise * 0.5),
            (x1, y1),
        ]
    )


def inset(outline: Sequence[Point], distance: float) -> Outline:
    """*outline* moved inwards by *distance* pixels along its normals; right for shapes without narrow places."""
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(outline, [*outline[1:], outline[0]], strict=True))
    inwards = distance if area > 0 else -distance
    points = [p for number, p in enumerate(outline) if math.dist(p, outline[number - 1]) > 0.01]
    moved: Outline = []
    for number, (x, y) in enumerate(points):
        (xa, ya), (xb, yb) = points[number - 1], points[(number + 1) % len(points)]
        length = math.hypot(xb - xa, yb - ya) or 1.0
        moved.append((x - (yb - ya) / length * inwards, y + (xb - xa) / length * inwards))
    return moved


def dashes(path: Sequence[Point], dash: float, gap: float, *, closed: bool = True) -> list[tuple[Point, Point]]:
    """Stitches along *path*: pieces of *dash* pixels with *gap* between them."""
    nodes = [*path, path[0]] if closed else list(path)
    pieces: list[tuple[Point, Point]] = []
    start_at = 0.0
    travelled = 0.0
    for (xa, ya), (xb, yb) in pairwise(nodes):
        length = math.hypot(xb - xa, yb - ya)
        while length > 0 and start_at < travelled + length:
            begin = max(0.0, start_at - travelled) / length
            end = min(1.0, (start_at + dash - travelled) / length)
            pieces.append(
                ((xa + (xb - xa) * begin, ya + (yb - ya) * begin), (xa + (xb - xa) * end, ya + (yb - ya) * end))
            )
            start_at += dash + gap
        travelled += length
    return pieces


def ellipse(centre: Point, across: float, down: float, points: int = 32) -> Outline:
    """An ellipse of the half axes *across* and *down*."""
    turn = 2 * math.pi / points
    return [(centre[0] + across * math.cos(turn * k), centre[1] + down * math.sin(turn * k)) for k in range(points)]


def box(centre: Point, width: float, height: float, radius: float) -> Outline:
    """A rectangle with rounded corners around *centre*."""
    x, y = centre
    w, h = width / 2, height / 2
    return round_corners([(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)], radius)


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = math.dist(start, end) or 1.0
    share = min(distance, length / 2) / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _bend(start: Point, control: Point, end: Point, t: float) -> Point:
    """A point of the quadratic Bézier curve."""
    a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
    return a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1]


def _spline(knots: Sequence[Point], t: float) -> Point:
    """A point between the second and third of four knots."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = knots

    def blend(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t)

    return blend(x0, x1, x2, x3), blend(y0, y1, y2, y3)
