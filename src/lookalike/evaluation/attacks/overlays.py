"""Attacks that lay something over, under or around a picture: borders, words, logos, frames, transparency."""

from __future__ import annotations

from typing import cast

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WORDS = ("SALE", "NEW", "BEST", "SUMMER", "STYLE", "OFFER", "FREE", "TODAY", "ONLY", "LOOK", "LOVE", "THIS", "WHEN")
LEAST_LETTER_PX = 8


def add_border(picture: Image.Image, percent: float, random: np.random.Generator) -> Image.Image:
    """A plain border all around, *percent* of the longer side thick, white, black or a colour by chance."""
    colours = ((255, 255, 255), (0, 0, 0), any_colour(random))
    thick = thickness(picture, percent)
    return framed(picture, (thick,) * 4, colours[random.integers(len(colours))])


def add_letterbox(picture: Image.Image, percent: float, random: np.random.Generator) -> Image.Image:
    """Black bars above and below, or left and right by chance, *percent* of that side each."""
    if random.random() < 0.5:
        bar = max(1, round(picture.height * percent / 100))
        return framed(picture, (0, bar, 0, bar), (0, 0, 0))
    bar = max(1, round(picture.width * percent / 100))
    return framed(picture, (bar, 0, bar, 0), (0, 0, 0))


def add_text(picture: Image.Image, percent: float, random: np.random.Generator) -> Image.Image:
    """Two outlined words across it, letters *percent* of the height tall, somewhere."""
    changed = picture.copy()
    size = max(LEAST_LETTER_PX, round(picture.height * percent / 100))
    place = (round(picture.width * random.uniform(0.02, 0.3)), round((picture.height - size) * random.uniform(0, 0.9)))
    draw_words(ImageDraw.Draw(changed), place, two_words(random), size, any_colour(random), outline=max(1, size // 12))
    return changed


def add_logo(picture: Image.Image, percent: float, random: np.random.Generator) -> Image.Image:
    """A round badge in one corner, *percent* of the shorter side wide."""
    changed = picture.copy()
    side = max(LEAST_LETTER_PX, round(min(picture.size) * percent / 100))
    margin = max(1, side // 10)
    left = int(random.choice([margin, max(margin, picture.width - side - margin)]))
    top = int(random.choice([margin, max(margin, picture.height - side - margin)]))
    draw = ImageDraw.Draw(changed)
    draw.ellipse(
        (left, top, left + side, top + side), fill=any_colour(random), outline="white", width=max(1, side // 14)
    )
    draw.ellipse(
        (left + side // 4, top + side // 4, left + 3 * side // 4, top + 3 * side // 4), fill=any_colour(random)
    )
    return changed


def add_caption_bars(picture: Image.Image, percent: float, random: np.random.Generator) -> Image.Image:
    """White bars with black words above and below, each *percent* of the height: the picture gets taller."""
    bar = max(LEAST_LETTER_PX + 2, round(picture.height * percent / 100))
    changed = framed(picture, (0, bar, 0, bar), (255, 255, 255))
    draw = ImageDraw.Draw(changed)
    for top in (0, changed.height - bar):
        draw_words(draw, (bar // 4, top + bar // 6), two_words(random), round(bar * 0.6), (0, 0, 0))
    return changed


def add_meme_text(picture: Image.Image, percent: float, random: np.random.Generator) -> Image.Image:
    """White words with black edges on top of the picture, above and below, letters *percent* of the height."""
    changed = picture.copy()
    size = max(LEAST_LETTER_PX, round(picture.height * percent / 100))
    draw = ImageDraw.Draw(changed)
    for top in (round(size * 0.2), picture.height - round(size * 1.4)):
        draw_words(draw, (size // 3, top), two_words(random), size, (255, 255, 255), outline=max(1, size // 10))
    return changed


def add_screenshot_frame(picture: Image.Image, percent: float, random: np.random.Generator) -> Image.Image:
    """As a phone shows it: a status bar and a bar with buttons, *percent* of the height each, and thin margins."""
    bar = max(LEAST_LETTER_PX + 4, round(picture.height * percent / 100))
    side = max(1, round(picture.width * percent / 400))
    dark = bool(random.random() < 0.5)
    ground, ink = ((24, 24, 26), (235, 235, 235)) if dark else ((250, 250, 250), (40, 40, 40))
    changed = framed(picture, (side, bar, side, bar), ground)
    draw = ImageDraw.Draw(changed)
    minutes = int(random.integers(60 * 24))
    draw_words(draw, (side + 2, bar // 5), f"{minutes // 60:02}:{minutes % 60:02}", round(bar * 0.5), ink)
    draw.rectangle((changed.width - side - bar, bar // 3, changed.width - side - 4, bar * 2 // 3), fill=ink)
    for number in range(4):
        middle = changed.width * (2 * number + 1) // 8
        draw.ellipse(
            (middle - bar // 5, changed.height - bar * 7 // 10, middle + bar // 5, changed.height - bar * 3 // 10),
            fill=ink,
        )
    return changed


def make_edges_transparent(picture: Image.Image, percent: float, _random: np.random.Generator) -> Image.Image:
    """An opaque middle that fades out over *percent* of each side; RGBA."""
    width, height = picture.size
    ramps = []
    for side in (width, height):
        reach = max(1.0, side * percent / 100)
        from_edge = np.minimum(np.arange(side), np.arange(side)[::-1]) + 0.5
        ramps.append(np.clip(from_edge / reach, 0, 1))
    alpha = np.rint(255 * np.minimum(ramps[1][:, None], ramps[0][None, :])).astype(np.uint8)
    changed = picture.convert("RGBA")
    changed.putalpha(Image.fromarray(alpha))
    return changed


def framed(picture: Image.Image, sides: tuple[int, int, int, int], colour: tuple[int, int, int]) -> Image.Image:
    """*picture* on a larger ground: so many pixels more left, top, right and bottom."""
    left, top, right, bottom = sides
    ground = Image.new("RGB", (picture.width + left + right, picture.height + top + bottom), colour)
    ground.paste(picture, (left, top))
    return ground


def thickness(picture: Image.Image, percent: float) -> int:
    """*percent* of the longer side, at least a pixel."""
    return max(1, round(max(picture.size) * percent / 100))


def any_colour(random: np.random.Generator) -> tuple[int, int, int]:
    """Red, green, blue."""
    red, green, blue = random.integers(0, 256, 3).tolist()
    return red, green, blue


def two_words(random: np.random.Generator) -> str:
    """Two words."""
    return " ".join(random.choice(WORDS, 2))


def draw_words(
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    words: str,
    size: int,
    colour: tuple[int, int, int],
    *,
    outline: int = 0,
) -> None:
    """Write with the font that Pillow brings along: the same letters on every machine."""
    font = ImageFont.load_default(size)
    draw.text(
        place,
        words,
        fill=colour,
        font=cast("ImageFont.FreeTypeFont", font),
        stroke_width=outline,
        stroke_fill=(0, 0, 0),
    )
