"""Attacks that leave pixels where they are and change what they say: focus, noise, light, colour."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

# The matrix that photo editors share for sepia, after Microsoft's sample code of 2004; rows give red, green, blue.
SEPIA = (0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0)


def blur(picture: Image.Image, permille: float, _random: np.random.Generator) -> Image.Image:
    """A Gaussian whose standard deviation is *permille* thousandths of the longer side."""
    return picture.filter(ImageFilter.GaussianBlur(max(picture.size) * permille / 1000))


def sharpen(picture: Image.Image, percent: float, _random: np.random.Generator) -> Image.Image:
    """An unsharp mask of radius 2 that adds *percent* of what it finds."""
    return picture.filter(ImageFilter.UnsharpMask(radius=2, percent=round(percent), threshold=0))


def add_noise(picture: Image.Image, levels: float, random: np.random.Generator) -> Image.Image:
    """Normal noise with a standard deviation of *levels* of 256 on every channel of every pixel."""
    pixels = np.asarray(picture, np.float32)
    noise = random.standard_normal(pixels.shape, np.float32) * np.float32(levels)
    return Image.fromarray(np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8))


def change_gamma(picture: Image.Image, gamma: float, _random: np.random.Generator) -> Image.Image:
    """Every level to the power of *gamma*: below 1 lighter, above 1 darker."""
    curve = [round(255 * (level / 255) ** gamma) for level in range(256)]
    return picture.point(curve * len(picture.getbands()))


def change_contrast(picture: Image.Image, percent: float, _random: np.random.Generator) -> Image.Image:
    """Distances from the mean grey to *percent* of what they were."""
    return ImageEnhance.Contrast(picture).enhance(percent / 100)


def change_brightness(picture: Image.Image, percent: float, _random: np.random.Generator) -> Image.Image:
    """Every level to *percent* of what it was."""
    return ImageEnhance.Brightness(picture).enhance(percent / 100)


def change_saturation(picture: Image.Image, percent: float, _random: np.random.Generator) -> Image.Image:
    """Distances from grey to *percent* of what they were."""
    return ImageEnhance.Color(picture).enhance(percent / 100)


def make_grey(picture: Image.Image, _step: float, _random: np.random.Generator) -> Image.Image:
    """Luminance alone."""
    return ImageOps.grayscale(picture).convert("RGB")


def turn_hue(picture: Image.Image, degrees: float, _random: np.random.Generator) -> Image.Image:
    """Every hue *degrees* further round the colour wheel."""
    hue, saturation, value = picture.convert("HSV").split()
    turned = hue.point([(level + round(degrees / 360 * 256)) % 256 for level in range(256)])
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


def make_sepia(picture: Image.Image, _step: float, _random: np.random.Generator) -> Image.Image:
    """Brown, as old prints are."""
    return picture.convert("RGB", SEPIA)
