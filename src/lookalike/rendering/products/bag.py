"""The parts that bags share: bodies, flaps, handles, buckles, zips, signs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lookalike.rendering.products.brands import Logo, Rgb
from lookalike.rendering.products.canvas import Canvas, Cloth, mix, shade
from lookalike.rendering.products.outlines import Outline, Point, box, ellipse, inset, ribbon, round_corners


@dataclass(frozen=True, slots=True)
class Bag:
    """One bag being drawn: where it stands, how large it is, what it is made of.

    Attributes:
        canvas: what it is drawn on.
        middle: x of its middle, in pixels.
        floor: y of what it stands on.
        width, height: of its body in pixels.
        cloth: the body's material.
        trim: straps, edges and corners.
        metal: buckles and plates.
        logo, sign: how its maker signs.
    """

    canvas: Canvas
    middle: float
    floor: float
    width: float
    height: float
    cloth: Cloth
    trim: Cloth
    metal: Rgb
    logo: Logo
    sign: int

    def at(self, across: float, up: float) -> Point:
        """A place in the body's own measures: -1 to 1 from left to right, 0 to 1 from floor to top."""
        return self.middle + across * self.width / 2, self.floor - up * self.height

    def outline(self, corners: Sequence[Point], radii: Sequence[float] | float) -> Outline:
        """A polygon with rounded corners, in the body's own measures; *radii* are shares of the body's height."""
        sizes = radii * self.height if isinstance(radii, (int, float)) else [r * self.height for r in radii]
        return round_corners([self.at(*corner) for corner in corners], sizes)

    def stand(self, share: float = 1.0) -> None:
        """The shadow under a bag whose foot takes *share* of its width."""
        self.canvas.ground_shadow((self.middle, self.floor - 2), self.width / 2 * share, max(12.0, self.height * 0.085))

    def body(self, outline: Outline, *, seam: bool = True, roundness_px: float = 12.0) -> None:
        self.canvas.piece(outline, self.cloth, roundness_px=roundness_px)
        if seam:
            self.canvas.stitches(inset(outline, 6.5), self.cloth.colour)

    def flap(self, outline: Outline) -> None:
        """A part that lies on the body and throws a shadow on it."""
        self.canvas.piece(outline, self.cloth, roundness_px=8.0, drop_px=5.0)
        self.canvas.stitches(inset(outline, 5.5), self.cloth.colour)

    def patch(self, outline: Outline, *, drop_px: float = 1.5) -> None:
        """A piece of trim with a seam."""
        self.canvas.piece(outline, self.trim, roundness_px=4.0, drop_px=drop_px)
        self.canvas.stitches(inset(outline, 4.0), self.trim.colour)

    def strap(self, path: Outline, width: float, *, behind: bool = False) -> None:
        """A band of trim; *behind* the bag it lies in the shade."""
        trim = self.trim
        if behind:
            trim = Cloth(trim.material, shade(trim.colour, 0.72), shade(trim.second, 0.72))
        self.canvas.piece(ribbon(path, width), trim, roundness_px=2.4, drop_px=0.0 if behind else 2.0)
        if width >= 9 and not behind:
            self.canvas.stitches(path, trim.colour, closed=False)

    def chain(self, path: Outline) -> None:
        """Links of metal along *path*."""
        links: list[Outline] = []
        travelled, next_at, flat = 0.0, 0.0, False
        for (xa, ya), (xb, yb) in pairwise(path):
            length = math.hypot(xb - xa, yb - ya)
            while next_at < travelled + length and length > 0:
                share = (next_at - travelled) / length
                centre = (xa + (xb - xa) * share, ya + (yb - ya) * share)
                links.append(_turned(centre, 4.6, 1.7 if flat else 3.0, math.atan2(yb - ya, xb - xa)))
                flat = not flat
                next_at += 6.4
            travelled += length
        self.canvas.solid([inset(link, -0.8) for link in links], shade(self.metal, 0.55))
        self.canvas.solid(links, self.metal)
        self.canvas.solid([inset(link, 1.2) for link in links[::2]], shade(self.metal, 0.62))

    def ring(self, centre: Point, radius: float, inside: Rgb | None = None) -> None:
        """A metal ring through which *inside* (the trim) shows."""
        self.canvas.metal(ellipse(centre, radius, radius), self.metal)
        self.canvas.solid([ellipse(centre, radius * 0.55, radius * 0.55, 20)], inside or shade(self.trim.colour, 0.7))

    def stud(self, centre: Point, radius: float = 3.4) -> None:
        self.canvas.metal(ellipse(centre, radius, radius, 18), self.metal)

    def buckle(self, centre: Point, width: float, height: float) -> None:
        """A frame with a pin over a strap of trim."""
        self.canvas.metal(box(centre, width, height, 3.0), self.metal)
        self.canvas.solid([box(centre, width - 7, height - 7, 1.5)], shade(self.trim.colour, 0.8))
        self.canvas.metal(box((centre[0], centre[1] - 1), 3.0, height, 1.2), self.metal)

    def turn_lock(self, centre: Point, size: float) -> None:
        """A plate with a knob, as on flaps."""
        self.canvas.metal(box(centre, size * 1.5, size, size * 0.3), self.metal)
        self.canvas.metal(box(centre, size * 0.24, size * 0.72, 1.2), shade(self.metal, 0.86))

    def zip(self, start: Point, end: Point) -> None:
        """A closed zip from *start* to *end* with its puller at *start*."""
        self.canvas.solid([ribbon([start, end], 6.5)], shade(self.cloth.colour, 0.45))
        length = math.dist(start, end)
        count = max(2, int(length / 4))
        teeth = []
        for tooth in range(count):
            share = (tooth + 0.5) / count
            place = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            teeth.append(box(place, 2.0, 3.8, 0.4))
        self.canvas.solid(teeth, self.metal)
        self.canvas.metal(box((start[0] + 5, start[1] + 8), 5, 15, 2.2), self.metal)

    def sign_at(self, centre: Point, size: float) -> None:
        """The maker's sign, on a plate, a medal, a sewn tag, or pressed into the surface."""
        dark = shade(self.metal, 0.36)
        pressed = (
            shade(self.cloth.colour, 0.6) if sum(self.cloth.colour) > 240 else mix(self.cloth.colour, self.metal, 0.6)
        )
        if self.logo == "plate":
            self.canvas.metal(box(centre, size * 2.5, size * 1.05, 3.0), self.metal)
            self.canvas.solid(_sign((centre[0] - size * 0.72, centre[1]), size * 0.32, self.sign), dark)
            letters = [
                box((centre[0] + size * step, centre[1]), size * 0.2, size * 0.34, 0.5)
                for step in (-0.1, 0.24, 0.58, 0.9)
            ]
            self.canvas.solid(letters, dark)
        elif self.logo == "round":
            self.canvas.metal(ellipse(centre, size * 0.78, size * 0.78), self.metal)
            self.canvas.solid(_sign(centre, size * 0.46, self.sign), dark)
        elif self.logo == "tag":
            self.canvas.piece(
                box(centre, size * 2.0, size * 1.3, 2.0),
                Cloth("canvas", (238, 234, 224), (238, 234, 224)),
                roundness_px=1.0,
            )
            self.canvas.solid(_sign(centre, size * 0.42, self.sign), (58, 56, 58))
        else:
            self.canvas.solid(_sign(centre, size * 0.62, self.sign), pressed)


def _turned(centre: Point, across: float, down: float, angle: float) -> Outline:
    cos, sin = math.cos(angle), math.sin(angle)
    return [
        (centre[0] + (x * cos - y * sin), centre[1] + (x * sin + y * cos))
        for x, y in ellipse((0.0, 0.0), across, down, 14)
    ]


def _sign(centre: Point, size: float, sign: int) -> list[Outline]:
    """Six signs made of simple shapes: two bars, a leaf, a mountain, a wave of dots, a star, a lozenge."""
    x, y = centre
    if sign == 0:
        return [
            box((x - size * 0.4, y), size * 0.42, size * 1.8, 1),
            box((x + size * 0.4, y), size * 0.42, size * 1.8, 1),
        ]
    if sign == 1:
        return [[(x, y - size), (x + size * 0.7, y), (x, y + size), (x - size * 0.7, y)]]
    if sign == 2:
        return [
            [(x - size, y + size * 0.7), (x - size * 0.2, y - size * 0.8), (x + size * 0.5, y + size * 0.7)],
            [(x + size * 0.1, y + size * 0.7), (x + size * 0.5, y - size * 0.2), (x + size, y + size * 0.7)],
        ]
    if sign == 3:
        return [
            ellipse((x + size * step, y + size * rise), size * 0.33, size * 0.33, 14)
            for step, rise in ((-0.7, 0.3), (0, -0.4), (0.7, 0.3))
        ]
    if sign == 4:
        turn = math.pi / 5
        return [
            [
                (
                    x + math.sin(turn * k) * size * (0.44 if k % 2 else 1.05),
                    y - math.cos(turn * k) * size * (0.44 if k % 2 else 1.05),
                )
                for k in range(10)
            ]
        ]
    return [
        [(x - size, y), (x - size * 0.2, y - size * 0.7), (x - size * 0.2, y + size * 0.7)],
        [(x + size, y), (x + size * 0.2, y - size * 0.7), (x + size * 0.2, y + size * 0.7)],
    ]
