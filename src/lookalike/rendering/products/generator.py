"""Product pictures out of nothing: a shop's catalogue of bags to try Lookalike on, drawn anew wherever it is needed.

Every picture follows from the seed and its number alone, so any one of them can be drawn without the others, and the
first hundred of nine hundred are the same as a hundred.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final, NamedTuple

from PIL import Image

from lookalike.errors import RenderingError
from lookalike.rendering.products.bag import Bag
from lookalike.rendering.products.brands import BRANDS, COLOURS, MATERIAL_PRICE, METALS, TYPE_PRICE, Brand
from lookalike.rendering.products.canvas import Canvas, Cloth, mix, shade
from lookalike.rendering.products.copies import TRANSFORMS
from lookalike.rendering.products.shapes import body_size, draw_bag

_SIZES: Final = ((440, 520), (440, 440), (400, 480), (480, 480))
# Two of every 25 pictures are copies: 8 %.
_BLOCK = 25
_COPIES_AT: Final = (12, 24)


class Planted(NamedTuple):
    """Of which picture a copy was made, and how."""

    source: str
    transform: str


class Product(NamedTuple):
    """One picture of the catalogue.

    Attributes:
        name: a file name, unique within the catalogue.
        image: RGB, 400 to 480 pixels wide and 440 to 520 high; copies differ.
        attributes: brand, title, type, material, colour (texts) and price (euros, a float).
        planted: None for an original.
    """

    name: str
    image: Image.Image
    attributes: dict[str, Any]
    planted: Planted | None


def make_products(count: int = 900, *, seed: int = 7) -> Iterator[Product]:
    """Draw *count* product pictures, one after the other; 8 % are changed copies of earlier ones.

    The same seed gives the same pixels (with the same Pillow). About 12 ms a picture.

    Raises:
        RenderingError: *count* is negative.
    """
    if count < 0:
        raise RenderingError(f"the number of products can't be negative, {count} came")
    return (_make_product(number, seed) for number in range(count))


def _make_product(number: int, seed: int) -> Product:
    if number % _BLOCK not in _COPIES_AT:
        image, attributes = _draw_original(number, seed)
        return Product(_name(number), image, attributes, None)
    random = Random(f"{seed} copy {number}")  # noqa: S311 - a picture, not a secret
    source = random.choice([earlier for earlier in range(number) if earlier % _BLOCK not in _COPIES_AT])
    image, attributes = _draw_original(source, seed)
    copies_before = 2 * (number // _BLOCK) + _COPIES_AT.index(number % _BLOCK)
    transform = tuple(TRANSFORMS)[copies_before % len(TRANSFORMS)]
    return Product(_name(number), TRANSFORMS[transform](image), attributes, Planted(_name(source), transform))


def _name(number: int) -> str:
    return f"bag-{number + 1:04d}.jpg"


def _draw_original(number: int, seed: int) -> tuple[Image.Image, dict[str, Any]]:
    random = Random(f"{seed} product {number}")  # noqa: S311 - a picture, not a secret
    brand = random.choice(BRANDS)
    bag_type = _prefer(brand.types, random)
    material = _prefer(brand.materials, random)
    colour = _prefer(brand.colours, random)
    image = _shoot(brand, bag_type, material, colour, random)
    price = brand.price_eur * TYPE_PRICE[bag_type] * MATERIAL_PRICE[material] * random.uniform(0.9, 1.15)
    attributes = {
        "brand": brand.name,
        "title": f"{brand.name} {bag_type} in {colour} {material}",
        "type": bag_type,
        "material": material,
        "colour": colour,
        "price": _price_tag(price),
    }
    return image, attributes


def _prefer(choices: tuple[str, ...], random: Random) -> str:
    """One of *choices*; each earlier one about a quarter more often than the next."""
    return random.choices(choices, [0.8**place for place in range(len(choices))])[0]


def _price_tag(price: float) -> float:
    """As shops print prices: x9.90 below 100 euros, whole tens less one above."""
    return round(round(price / 10) * 10 - 0.10, 2) if price < 100 else float(round(price / 10) * 10 - 1)


def _shoot(brand: Brand, bag_type: str, material: str, colour: str, random: Random) -> Image.Image:
    """The product shot: one bag in its maker's usual light."""
    size = random.choice(_SIZES)
    light = random.uniform(0.95, 1.03)
    warm = random.uniform(-3, 3)
    backdrop = tuple(
        round(part + random.uniform(-4, 3) + tint) for part, tint in zip(brand.backdrop, (warm, 0, -warm), strict=True)
    )
    canvas = Canvas(size, (backdrop[0], backdrop[1], backdrop[2]), light, random)
    base = COLOURS[colour]
    base = shade(base, random.uniform(0.94, 1.06))
    second = mix(base, (246, 240, 228), 0.82) if sum(base) < 520 else mix(base, (60, 64, 84), 0.72)
    cloth = Cloth(material, base, second)
    trim = _trim(cloth, random)
    fill = random.uniform(0.70, 0.80)
    width, height, above = body_size(bag_type, size[0] * fill, size[1] * fill)
    width *= random.uniform(0.95, 1.04)
    height *= random.uniform(0.95, 1.04)
    bag = Bag(
        canvas=canvas,
        middle=size[0] / 2 + random.uniform(-0.02, 0.02) * size[0],
        floor=(size[1] + height + above) / 2 + random.uniform(0.0, 0.03) * size[1],
        width=width,
        height=height,
        cloth=cloth,
        trim=trim,
        metal=METALS[brand.metal],
        logo=brand.logo,
        sign=brand.sign,
    )
    draw_bag(bag_type, bag, random)
    return canvas.image


def _trim(cloth: Cloth, random: Random) -> Cloth:
    """Straps of the bag's own leather; on canvas and nylon, of brown or black leather."""
    if cloth.material.endswith("leather") or cloth.material == "suede":
        colour = shade(cloth.colour, 0.86)
    else:
        colour = COLOURS[random.choice(("cognac", "chocolate", "black", "tan"))]
    return Cloth("smooth leather", colour, colour)
