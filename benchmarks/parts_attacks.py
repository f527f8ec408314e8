"""What is done to copies: cut, written on, framed, turned a little. Each is saved as JPEG of quality 75 afterwards."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Attack = Callable[[Image.Image, np.random.Generator], Image.Image]


def cut(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = image.size
    return image.crop(
        (round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom)))
    )


def uneven(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    left, top = rng.uniform(0, 0.4, 2)
    return cut(image, left, top, rng.uniform(0, 0.4 - left * 0.75), rng.uniform(0, 0.4 - top * 0.75))


def cut_and_shrunk(image: Image.Image, _: np.random.Generator) -> Image.Image:
    inner = cut(image, 0.15, 0.15, 0.15, 0.15)
    return inner.resize((inner.width * 6 // 10, inner.height * 6 // 10), Image.Resampling.LANCZOS)


def meme(image: Image.Image, _: np.random.Generator) -> Image.Image:
    image = image.copy()
    draw, (width, height) = ImageDraw.Draw(image), image.size
    size = max(12, width // 9)
    for top, text in ((height * 0.02, "WHEN YOU SEE IT"), (height * 0.98 - size * 1.2, "AND IT FITS YOU")):
        edge = max(1, size // 10)
        draw.text(
            (width * 0.03, top), text, "white", ImageFont.load_default(size), stroke_width=edge, stroke_fill="black"
        )
    return image


def logo(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    image = image.copy()
    draw, (width, height) = ImageDraw.Draw(image), image.size
    size = int(0.3 * min(width, height))
    x, y = int(rng.uniform(0, width - size)), int(rng.uniform(0, height - size))
    draw.ellipse((x, y, x + size, y + size), fill=(220, 30, 60))
    draw.text((x + size * 0.2, y + size * 0.35), "SALE", "white", ImageFont.load_default(max(8, size // 4)))
    return image


def watermark(image: Image.Image, _: np.random.Generator) -> Image.Image:
    layer = Image.new("RGBA", image.size)
    draw, (width, height) = ImageDraw.Draw(layer), image.size
    font = ImageFont.load_default(max(10, width // 12))
    for row in range(5):
        for x in range(-width // 6 * (row % 2), width, width // 2):
            draw.text((x, row * height // 5), "stock photo", (255, 255, 255, 140), font)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def border(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    edge = max(image.size) // 10
    red, green, blue = (int(level) for level in rng.integers(0, 255, 3))
    framed = Image.new("RGB", (image.width + 2 * edge, image.height + 2 * edge), (red, green, blue))
    framed.paste(image, (edge, edge))
    return framed


def letterbox(image: Image.Image, _: np.random.Generator) -> Image.Image:
    width, height = image.size
    size = (height * 16 // 9, height) if height > width else (width, width * 4 // 3)
    framed = Image.new("RGB", (max(size[0], width), max(size[1], height)))
    framed.paste(image, ((framed.width - width) // 2, (framed.height - height) // 2))
    return framed


def screenshot(image: Image.Image, _: np.random.Generator) -> Image.Image:
    screen = Image.new("RGB", (540, 1080), (250, 250, 250))
    draw = ImageDraw.Draw(screen)
    zoom = min(520 / image.width, 620 / image.height)
    shown = image.resize((int(image.width * zoom), int(image.height * zoom)), Image.Resampling.LANCZOS)
    draw.text((20, 10), "9:41        shop.example        84%", "black", ImageFont.load_default(22))
    draw.ellipse((20, 60, 90, 130), fill=(80, 120, 200))
    draw.text((105, 75), "fashion_daily", "black", ImageFont.load_default(28))
    screen.paste(shown, ((540 - shown.width) // 2, 160))
    for line, text in enumerate(("1,204 likes", "new in store today only", "View all 32 comments", "where to buy?")):
        draw.text((20, 170 + shown.height + 40 * line), text, (30, 30, 30), ImageFont.load_default(24))
    draw.rectangle((0, 1010, 540, 1080), fill=(230, 230, 235))
    for button in range(5):
        draw.rectangle((30 + button * 105, 1025, 75 + button * 105, 1065), outline=(60, 60, 60), width=4)
    return screen


def turned(degrees: float) -> Attack:
    return lambda image, rng: image.rotate(degrees * (1 if rng.random() < 0.5 else -1), Image.Resampling.BICUBIC)


ATTACKS: dict[str, Attack] = {
    "as it is": lambda image, _: image,
    "crop10": lambda image, _: cut(image, 0.1, 0.1, 0.1, 0.1),
    "crop25": lambda image, _: cut(image, 0.25, 0.25, 0.25, 0.25),
    "uneven": uneven,
    "cut, shrunk": cut_and_shrunk,
    "meme": meme,
    "logo": logo,
    "watermark": watermark,
    "border": border,
    "letterbox": letterbox,
    "screenshot": screenshot,
    "turned 3": turned(3),
    "turned 6": turned(6),
    "stretched": lambda image, _: image.resize((image.width * 115 // 100, image.height), Image.Resampling.LANCZOS),
}


def attack(image: Image.Image, name: str, seed: int) -> Image.Image:
    """*image* after the attack, always the same for the same seed."""
    saved = io.BytesIO()
    ATTACKS[name](image, np.random.default_rng(seed)).save(saved, "JPEG", quality=75)
    return Image.open(saved).convert("L")
