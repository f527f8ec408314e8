"""Attacks that move pixels: sizes, crops, turns, mirrors."""

from __future__ import annotations

import numpy as np
from PIL import Image

LEAST_SIDE = 8  # pixels; smaller pictures say nothing about an attack
QUARTERS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


def resize(picture: Image.Image, percent: float, _random: np.random.Generator) -> Image.Image:
    """Both sides to *percent* of what they were."""
    return picture.resize(scaled(picture.size, percent / 100), Image.Resampling.LANCZOS)


def scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    """A size times *factor*, whole pixels."""
    width, height = (max(LEAST_SIDE, round(side * factor)) for side in size)
    return width, height


def shrink_and_enlarge(picture: Image.Image, side: float, _random: np.random.Generator) -> Image.Image:
    """A thumbnail of *side* pixels on its longer side, blown up to the old size again."""
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def crop(picture: Image.Image, percent: float, _random: np.random.Generator) -> Image.Image:
    """Half of *percent* of the width and height off each of the four sides: so much is gone of each side's length."""
    return cut_off(picture, (percent / 200,) * 4)


def crop_unevenly(picture: Image.Image, percent: float, random: np.random.Generator) -> Image.Image:
    """*percent* of the width and of the height off, shared between opposite sides by chance."""
    across, down = random.uniform(0, 1, 2)
    share = percent / 100
    return cut_off(picture, (share * across, share * down, share * (1 - across), share * (1 - down)))


def cut_off(picture: Image.Image, shares: tuple[float, float, float, float]) -> Image.Image:
    """Without these shares of the left, top, right and bottom; at least `LEAST_SIDE` pixels a side stay."""
    width, height = picture.size
    left, top = round(width * shares[0]), round(height * shares[1])
    right = max(left + LEAST_SIDE, width - round(width * shares[2]))
    bottom = max(top + LEAST_SIDE, height - round(height * shares[3]))
    return picture.crop((min(left, width - LEAST_SIDE), min(top, height - LEAST_SIDE), right, bottom))


def change_aspect(picture: Image.Image, percent: float, _random: np.random.Generator) -> Image.Image:
    """The width alone to *percent* of what it was."""
    return picture.resize(
        (max(LEAST_SIDE, round(picture.width * percent / 100)), picture.height), Image.Resampling.LANCZOS
    )


def rotate_on_black(picture: Image.Image, degrees: float, _random: np.random.Generator) -> Image.Image:
    """Counterclockwise by *degrees*, the whole picture kept, black corners; exact at 90, 180 and 270."""
    return rotate(picture, degrees, "black")


def rotate_on_white(picture: Image.Image, degrees: float, _random: np.random.Generator) -> Image.Image:
    """The same with white corners."""
    return rotate(picture, degrees, "white")


def rotate(picture: Image.Image, degrees: float, corners: str) -> Image.Image:
    """Counterclockwise by *degrees*; quarter turns move pixels and change none."""
    if degrees in QUARTERS:
        return picture.transpose(QUARTERS[int(degrees)])
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=corners)


def mirror(picture: Image.Image, _step: float, _random: np.random.Generator) -> Image.Image:
    """Left and right swapped."""
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def flip(picture: Image.Image, _step: float, _random: np.random.Generator) -> Image.Image:
    """Top and bottom swapped."""
    return picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
