"""The paint: turns outlines into shaded pieces of material on a soft background.

Masks are drawn three times larger and averaged, which gives smooth edges; everything else works on whole pixels with
Pillow's own arithmetic, which keeps a picture under 12 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from lookalike.rendering.products.brands import Rgb
from lookalike.rendering.products.outlines import Outline, Point, dashes, inset
from lookalike.rendering.products.textures import TILE_PX, pattern_tile, surface_tile

_OVERSAMPLING = 3


@dataclass(frozen=True, slots=True)
class Cloth:
    """What a piece is made of: a material in a colour, and the second colour that patterns show."""

    material: str
    colour: Rgb
    second: Rgb


class Canvas:
    """One product shot in the making."""

    def __init__(self, size: tuple[int, int], backdrop: Rgb, light: float, random: Random) -> None:
        self._random = random
        self._light = light
        self.image = _backdrop(size, shade(backdrop, light))

    def ground_shadow(self, centre: Point, across: float, down: float) -> None:
        """A soft shadow on the floor, and a darker one right under the bag."""
        for width, height, strength in ((across * 1.25, down * 1.1, 105), (across * 1.02, down * 0.45, 150)):
            spot = _soft_spot().resize((max(1, round(2 * width)), max(1, round(2 * height))), Image.Resampling.BILINEAR)
            spot = spot.point(lambda value, strength=strength: value * strength // 255)
            self.image.paste((52, 44, 40), (round(centre[0] - width), round(centre[1] - height)), spot)

    def piece(self, outline: Outline, cloth: Cloth, *, roundness_px: float = 9.0, drop_px: float = 0.0) -> None:
        """A piece of *cloth* that curves away at its edges; with *drop_px* it throws a shadow on what is below."""
        mask, place = _mask([outline])
        if drop_px:
            soft = Image.new("L", (mask.width + 24, mask.height + 24))
            soft.paste(mask, (12, 12))
            soft = soft.filter(ImageFilter.BoxBlur(max(1.0, drop_px))).point(lambda value: value * 92 // 255)
            self.image.paste((24, 18, 16), (place[0] - 12, round(place[1] - 12 + drop_px)), soft)
        picture = self._cover(mask.size, cloth)
        picture = ImageChops.multiply(picture, _grey(self._volume(mask, roundness_px)))
        self.image.paste(picture, place, mask)

    def solid(self, outlines: Sequence[Outline], colour: Rgb) -> None:
        """Flat shapes of one colour: eyelets, letters, teeth of a zip."""
        mask, place = _mask(outlines)
        self.image.paste(shade(colour, self._light), place, mask)

    def metal(self, outline: Outline, colour: Rgb) -> None:
        """A polished piece: bright above, dark below, with a dark rim."""
        self.solid([inset(outline, -1.0)], shade(colour, 0.5))
        mask, place = _mask([outline])
        ramp = _ramp().resize(mask.size)
        self.image.paste(_colour_by_lightness(ramp, _tones(shade(colour, self._light))), place, mask)

    def stitches(self, path: Outline, colour: Rgb, *, closed: bool = True) -> None:
        """A seam of short stitches along *path*, darker or lighter than *colour*, whichever shows better."""
        thread = shade(colour, 1.5) if sum(colour) < 330 else shade(colour, 0.68)
        left, top = min(x for x, _ in path) - 2, min(y for _, y in path) - 2
        width = round(max(x for x, _ in path) - left) + 4
        height = round(max(y for _, y in path) - top) + 4
        large = Image.new("L", (width * 2, height * 2))
        draw = ImageDraw.Draw(large)
        x0, y0 = int(left), int(top)
        for (xa, ya), (xb, yb) in dashes(path, 4.2, 3.0, closed=closed):
            draw.line(((xa - x0) * 2, (ya - y0) * 2, (xb - x0) * 2, (yb - y0) * 2), fill=225, width=2)
        self.image.paste(shade(thread, self._light), (x0, y0), large.reduce(2))

    def _cover(self, size: tuple[int, int], cloth: Cloth) -> Image.Image:
        """A cut of the material in the cloth's colours."""
        x = self._random.randrange(max(1, TILE_PX - size[0]))
        y = self._random.randrange(max(1, TILE_PX - size[1]))
        cut = (x, y, x + size[0], y + size[1])
        tile = surface_tile(cloth.material).crop(cut)
        picture = self._dye(tile, cloth.colour)
        pattern = pattern_tile(cloth.material)
        if pattern is not None:
            picture.paste(self._dye(tile, cloth.second), mask=pattern.crop(cut))
        return picture

    def _dye(self, tile: Image.Image, colour: Rgb) -> Image.Image:
        return _colour_by_lightness(tile, _tones(shade(colour, self._light)))

    @staticmethod
    def _volume(mask: Image.Image, roundness_px: float) -> Image.Image:
        """How much light each point gets: less towards the edges and towards the lower right."""
        padded = Image.new("L", (mask.width + 8, mask.height + 8))
        padded.paste(mask, (4, 4))
        padded = padded.filter(ImageFilter.BoxBlur(roundness_px))
        edge = padded.crop((4, 4, 4 + mask.width, 4 + mask.height)).point(_EDGE_LIGHT)
        return ImageChops.multiply(edge, _slope().resize(mask.size, Image.Resampling.BILINEAR))


# A blurred mask is about 128 on a straight edge and 255 inside: light falls from all of it to about 80 % there.
_EDGE_LIGHT = [
    min(255, round(255 * (0.50 + 0.50 * min(1.0, max(0.0, (value / 255 - 0.12) / 0.80)) ** 0.7)))
    for value in range(256)
]


def shade(colour: Rgb, factor: float) -> Rgb:
    """*colour* with every channel multiplied, within 0 to 255."""
    red, green, blue = (max(0, min(255, round(part * factor))) for part in colour)
    return red, green, blue


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """*share* of *second* in *first*."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _colour_by_lightness(grey: Image.Image, palette: bytes) -> Image.Image:
    """The RGB picture that has colour number *v* of *palette* where *grey* is *v*; faster than three point() tables."""
    picture = grey.copy()
    picture.putpalette(palette)
    return picture.convert("RGB")


@lru_cache(maxsize=256)
def _tones(colour: Rgb) -> bytes:
    """A palette from lightness to colour: 128 is *colour* itself, 0 black, 255 halfway to white."""
    values = np.arange(256)[:, None]
    plain = np.array(colour, dtype=np.float64)[None, :]
    lit = plain + (255 - plain) * (values - 128) / 127 * 0.5
    return np.where(values <= 128, plain * values / 128, lit).round().clip(0, 255).astype(np.uint8).tobytes()


def _mask(outlines: Sequence[Outline]) -> tuple[Image.Image, tuple[int, int]]:
    """Smooth-edged shapes -> (L mask, where its upper left corner lies)."""
    left = int(min(x for outline in outlines for x, _ in outline)) - 1
    top = int(min(y for outline in outlines for _, y in outline)) - 1
    right = int(max(x for outline in outlines for x, _ in outline)) + 2
    bottom = int(max(y for outline in outlines for _, y in outline)) + 2
    large = Image.new("L", ((right - left) * _OVERSAMPLING, (bottom - top) * _OVERSAMPLING))
    draw = ImageDraw.Draw(large)
    for outline in outlines:
        draw.polygon([((x - left) * _OVERSAMPLING, (y - top) * _OVERSAMPLING) for x, y in outline], fill=255)
    return large.reduce(_OVERSAMPLING), (left, top)


def _grey(light: Image.Image) -> Image.Image:
    return Image.merge("RGB", (light, light, light))


@lru_cache(maxsize=16)
def _backdrop_light(size: tuple[int, int]) -> Image.Image:
    """A wall and a floor that meet without a line: brightest in the upper middle, a little darker at the corners."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    away = np.hypot((x / width - 0.46) / 0.9, (y / height - 0.38) / 0.95)
    floor = 1 / (1 + np.exp(-(y / height - 0.80) * 38))
    return Image.fromarray(np.round(255 * (1.02 - 0.075 * away**2 - 0.03 * floor)).clip(0, 255).astype(np.uint8))


def _backdrop(size: tuple[int, int], colour: Rgb) -> Image.Image:
    light = _backdrop_light(size)
    palette = np.arange(256)[:, None] * np.array(colour, dtype=np.float64)[None, :] / 255
    return _colour_by_lightness(light, palette.round().astype(np.uint8).tobytes())


@lru_cache(maxsize=1)
def _soft_spot() -> Image.Image:
    y, x = np.mgrid[-1:1:128j, -1:1:128j]
    return Image.fromarray(np.round(255 * np.clip(1 - np.hypot(x, y), 0, 1) ** 1.5).astype(np.uint8))


@lru_cache(maxsize=1)
def _slope() -> Image.Image:
    """Light from the upper left."""
    y, x = np.mgrid[0:1:64j, 0:1:64j]
    return Image.fromarray(np.round(255 * (1.0 - 0.13 * x**1.5 - 0.15 * y**1.6)).astype(np.uint8))


@lru_cache(maxsize=1)
def _ramp() -> Image.Image:
    """Lightness of polished metal from top to bottom."""
    y, x = np.mgrid[0:1:32j, 0:1:32j]
    return Image.fromarray(np.round(128 + 95 * np.cos(y * 4.2 + x * 0.9)).clip(40, 235).astype(np.uint8))
