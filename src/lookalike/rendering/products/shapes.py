"""The twelve types of bags, each drawn from the shared parts; ``draw_bag`` is the door."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from lookalike.rendering.products.bag import Bag
from lookalike.rendering.products.outlines import arch, box, smooth_curve


def _tote(bag: Bag, random: Random) -> None:
    rise, reach = bag.height * random.uniform(0.42, 0.55), random.uniform(0.34, 0.44)
    bag.strap(arch(bag.at(-reach, 0.99), bag.at(reach, 0.99), rise * 0.92), 9, behind=True)
    bag.stand(0.9)
    bag.body(bag.outline([(-1, 1), (1, 1), (0.86, 0), (-0.86, 0)], [0.02, 0.02, 0.07, 0.07]))
    if random.random() < 0.5:
        bag.patch(bag.outline([(-0.905, 0.26), (0.905, 0.26), (0.86, 0), (-0.86, 0)], [0.01, 0.01, 0.07, 0.07]))
    path = arch(bag.at(-reach, 0.8), bag.at(reach, 0.8), rise + bag.height * 0.19)
    bag.strap(path, 10)
    for side in (-reach, reach):
        bag.patch(box(bag.at(side, 0.78), 17, bag.height * 0.15, 4))
        bag.stud(bag.at(side, 0.76), 2.8)
    bag.sign_at(bag.at(0, 0.56), 15)


def _shopper(bag: Bag, random: Random) -> None:
    reach = random.uniform(0.38, 0.5)
    rise = bag.height * random.uniform(0.26, 0.34)
    bag.strap(arch(bag.at(-reach, 0.98), bag.at(reach, 0.98), rise * 0.86), 11, behind=True)
    bag.stand(0.96)
    bag.body(bag.outline([(-0.96, 1), (0.96, 1), (1, 0), (-1, 0)], [0.015, 0.015, 0.04, 0.04]))
    bag.patch(bag.outline([(-0.963, 1), (0.963, 1), (0.968, 0.9), (-0.968, 0.9)], 0.012))
    bag.strap(arch(bag.at(-reach, 0.9), bag.at(reach, 0.9), rise + bag.height * 0.08), 12)
    if random.random() < 0.55:
        bag.patch(bag.outline([(-0.5, 0.62), (0.5, 0.62), (0.5, 0.14), (-0.5, 0.14)], [0.02, 0.02, 0.06, 0.06]))
        bag.sign_at(bag.at(0, 0.5), 12)
    else:
        bag.sign_at(bag.at(0, 0.5), 20)


def _satchel(bag: Bag, random: Random) -> None:
    bag.strap(arch(bag.at(-0.24, 0.97), bag.at(0.24, 0.97), bag.height * 0.24), 12)
    bag.stand(0.97)
    bag.body(bag.outline([(-0.97, 1), (0.97, 1), (1, 0), (-1, 0)], [0.1, 0.1, 0.07, 0.07]))
    if random.random() < 0.6:
        bag.flap(bag.outline([(-0.82, 0.42), (0.82, 0.42), (0.82, 0.07), (-0.82, 0.07)], 0.05))
    bottom = random.uniform(0.36, 0.46)
    bag.flap(bag.outline([(-0.99, 1.02), (0.99, 1.02), (1, bottom), (-1, bottom)], [0.1, 0.1, 0.14, 0.14]))
    for side in (-0.52, 0.52):
        bag.patch(box(bag.at(side, 0.44), 20, bag.height * 0.5, 5))
        bag.buckle(bag.at(side, bottom - 0.04), 27, 21)
    bag.sign_at(bag.at(0, 0.68), 14)


def _crossbody(bag: Bag, random: Random) -> None:
    path = arch(bag.at(-0.93, 0.9), bag.at(0.93, 0.9), bag.height * random.uniform(0.75, 0.95), 0.74)
    if random.random() < 0.55:
        bag.chain(path)
    else:
        bag.strap(path, 6.5)
    bag.stand(0.95)
    bag.body(bag.outline([(-1, 1), (1, 1), (1, 0), (-1, 0)], [0.14, 0.14, 0.2, 0.2]))
    bottom = random.uniform(0.3, 0.44)
    bag.flap(
        bag.outline(
            [(-1, 1.02), (1, 1.02), (1, bottom + 0.05), (0, bottom), (-1, bottom + 0.05)], [0.14, 0.14, 0.24, 0.3, 0.24]
        )
    )
    for side in (-0.93, 0.93):
        bag.ring(bag.at(side, 0.93), 6.5)
    if random.random() < 0.5:
        bag.turn_lock(bag.at(0, bottom + 0.07), 19)
    else:
        bag.sign_at(bag.at(0, bottom + 0.15), 15)


def _clutch(bag: Bag, random: Random) -> None:
    if random.random() < 0.5:
        loop = [
            bag.at(0.95, 0.75),
            bag.at(1.1, 0.62),
            bag.at(1.13, 0.2),
            bag.at(1.07, 0.05),
            bag.at(1.02, 0.3),
            bag.at(0.96, 0.68),
        ]
        bag.strap(smooth_curve(loop), 6.5)
    bag.stand(0.98)
    bag.body(bag.outline([(-1, 1), (1, 1), (1, 0), (-1, 0)], 0.09))
    tip = random.uniform(0.2, 0.36)
    if random.random() < 0.6:
        bag.flap(bag.outline([(-1, 1.01), (1, 1.01), (1, 0.84), (0, tip), (-1, 0.84)], [0.08, 0.08, 0.06, 0.16, 0.06]))
        bag.stud(bag.at(0, tip + 0.1), 6.5)
        bag.sign_at(bag.at(0, tip + 0.32), 12)
    else:
        bag.flap(bag.outline([(-1, 1.01), (1, 1.01), (1, tip + 0.16), (-1, tip + 0.16)], [0.08, 0.08, 0.2, 0.2]))
        bag.sign_at(bag.at(0, tip + 0.28), 15)


def _bucket(bag: Bag, random: Random) -> None:
    bag.strap(arch(bag.at(-0.72, 0.9), bag.at(0.72, 0.9), bag.height * random.uniform(0.42, 0.6), 0.8), 8.5)
    bag.stand(0.9)
    bag.body(bag.outline([(-0.82, 1), (0.82, 1), (1, 0), (-1, 0)], [0.05, 0.05, 0.16, 0.16]), roundness_px=20)
    folds = [
        smooth_curve([bag.at(x, 0.98), bag.at(x * 1.05, 0.86), bag.at(x * 1.02, 0.74)])
        for x in (-0.55, -0.28, 0.0, 0.28, 0.55)
    ]
    for fold in folds:
        bag.canvas.stitches(fold, bag.cloth.colour, closed=False)
    cord = smooth_curve([bag.at(-0.84, 0.86), bag.at(-0.3, 0.835), bag.at(0.3, 0.835), bag.at(0.84, 0.86)])
    bag.strap(cord, 5)
    for end, drop in ((-0.1, 0.46), (0.12, 0.5)):
        bag.strap(smooth_curve([bag.at(0, 0.84), bag.at(end * 0.9, 0.7), bag.at(end, drop)]), 4.5)
        bag.stud(bag.at(end, drop), 5)
    bag.stud(bag.at(0, 0.835), 7)
    bag.patch(bag.outline([(-0.985, 0.16), (0.985, 0.16), (1, 0), (-1, 0)], [0.01, 0.01, 0.14, 0.14]))
    for side in (-0.74, 0.74):
        bag.ring(bag.at(side, 0.9), 6.5)
    bag.sign_at(bag.at(0, 0.33), 15)


def _saddle(bag: Bag, random: Random) -> None:
    bag.strap(arch(bag.at(-0.9, 0.92), bag.at(0.9, 0.92), bag.height * random.uniform(0.5, 0.68), 0.8), 8)
    bag.stand(0.6)
    bag.body(
        bag.outline(
            [(-0.94, 1), (0.94, 1), (1, 0.3), (0.55, 0), (-0.55, 0), (-1, 0.3)], [0.06, 0.06, 0.3, 0.3, 0.3, 0.3]
        )
    )
    low = random.uniform(0.2, 0.32)
    bag.flap(
        bag.outline(
            [(-0.97, 1.03), (0.97, 1.03), (0.97, 0.55), (0.36, low), (-0.36, low), (-0.97, 0.55)],
            [0.06, 0.06, 0.24, 0.26, 0.26, 0.24],
        )
    )
    bag.patch(box(bag.at(0, low + 0.06), 22, bag.height * 0.27, 7))
    bag.buckle(bag.at(0, low + 0.05), 29, 22)
    for side in (-0.9, 0.9):
        bag.ring(bag.at(side, 0.93), 7)
    bag.sign_at(bag.at(0, 0.74), 14)


def _hobo(bag: Bag, random: Random) -> None:
    drop = random.uniform(0.4, 0.5)
    strap_top = 1.0 + random.uniform(0.45, 0.62)
    bag.strap(arch(bag.at(-0.9, 0.76), bag.at(0.9, 0.76), bag.height * (strap_top - 0.76), 0.72), 15)
    bag.stand(0.72)
    right = [(0.45, drop + 0.16), (0.84, 0.9), (0.98, 0.86), (1.0, 0.45), (0.72, 0.08), (0.3, 0.0)]
    points = [(0.0, drop + 0.1), *right, *((-across, up) for across, up in reversed(right))]
    bag.body(smooth_curve([bag.at(*point) for point in points], closed=True), roundness_px=20)
    for side in (-0.9, 0.9):
        bag.ring(bag.at(side, 0.82), 8.5)
    bag.sign_at(bag.at(0, 0.28), 17)


def _duffel(bag: Bag, random: Random) -> None:
    rise = bag.height * random.uniform(0.38, 0.5)
    bag.strap(arch(bag.at(-0.38, 0.95), bag.at(0.38, 0.95), rise * 0.86), 9, behind=True)
    bag.stand(0.95)
    bag.body(bag.outline([(-0.94, 1), (0.94, 1), (1, 0), (-1, 0)], [0.34, 0.34, 0.2, 0.2]), roundness_px=18)
    for side in (-1.0, 1.0):
        bag.patch(
            bag.outline(
                [(side * 0.97, 0.62), (side * 0.99, 0.0), (side * 0.7, 0.0), (side * 0.74, 0.62)],
                [0.16, 0.18, 0.02, 0.04],
            )
        )
    bag.zip(bag.at(-0.62, 0.93), bag.at(0.62, 0.93))
    for side in (-0.38, 0.38):
        bag.strap([bag.at(side, 0.02), bag.at(side, 0.78)], 11)
    bag.strap(arch(bag.at(-0.38, 0.72), bag.at(0.38, 0.72), rise + bag.height * 0.2), 11)
    for side in (-0.38, 0.38):
        bag.stud(bag.at(side, 0.66), 3.6)
    bag.sign_at(bag.at(0, 0.42), 16)


def _backpack(bag: Bag, random: Random) -> None:
    for side in (-1.0, 1.0):
        path = [bag.at(side * 0.55, 0.9), bag.at(side * 1.1, 0.74), bag.at(side * 1.18, 0.4), bag.at(side * 0.85, 0.1)]
        bag.strap(smooth_curve(path), 12, behind=True)
    bag.strap(arch(bag.at(-0.2, 0.97), bag.at(0.2, 0.97), bag.height * 0.11), 9)
    bag.stand(0.94)
    bag.body(bag.outline([(-0.92, 1), (0.92, 1), (1, 0), (-1, 0)], [0.3, 0.3, 0.12, 0.12]), roundness_px=16)
    if random.random() < 0.5:
        low = random.uniform(0.52, 0.6)
        bag.flap(bag.outline([(-0.94, 1.01), (0.94, 1.01), (0.95, low), (-0.95, low)], [0.3, 0.3, 0.16, 0.16]))
        for side in (-0.42, 0.42):
            bag.patch(box(bag.at(side, low - 0.06), 15, bag.height * 0.27, 4))
            bag.buckle(bag.at(side, low - 0.06), 22, 17)
        bag.sign_at(bag.at(0, 0.8), 15)
    else:
        bag.zip(bag.at(-0.66, 0.74), bag.at(0.66, 0.74))
        bag.sign_at(bag.at(0, 0.6), 14)
    pocket = random.uniform(0.34, 0.42)
    bag.flap(bag.outline([(-0.72, pocket), (0.72, pocket), (0.76, 0.05), (-0.76, 0.05)], [0.07, 0.07, 0.08, 0.08]))
    bag.zip(bag.at(-0.55, pocket - 0.07), bag.at(0.55, pocket - 0.07))


def _top_handle(bag: Bag, random: Random) -> None:
    bag.strap(arch(bag.at(-0.36, 0.97), bag.at(0.36, 0.97), bag.height * random.uniform(0.38, 0.48), 0.9), 10)
    bag.stand(0.98)
    narrow = random.uniform(0.7, 0.84)
    bag.body(bag.outline([(-narrow, 1), (narrow, 1), (1, 0), (-1, 0)], [0.05, 0.05, 0.06, 0.06]))
    side = narrow + (1 - narrow) * 0.5
    low = random.uniform(0.48, 0.58)
    bag.flap(
        bag.outline(
            [(-narrow, 1.015), (narrow, 1.015), (side, low), (0.28, low - 0.08), (-0.28, low - 0.08), (-side, low)],
            [0.05, 0.05, 0.08, 0.08, 0.08, 0.08],
        )
    )
    bag.strap([bag.at(-side * 0.97, low + 0.16), bag.at(side * 0.97, low + 0.16)], 9)
    bag.turn_lock(bag.at(0, low + 0.04), 24)
    for foot in (-0.36, 0.36):
        bag.ring(bag.at(foot, 0.95), 7)
    bag.sign_at(bag.at(0, 0.24), 13)


def _baguette(bag: Bag, random: Random) -> None:
    bag.strap(arch(bag.at(-0.86, 0.86), bag.at(0.86, 0.86), bag.height * random.uniform(0.7, 0.92), 0.84), 11)
    bag.stand(0.9)
    bag.body(bag.outline([(-0.97, 1), (0.97, 1), (1, 0), (-1, 0)], [0.16, 0.16, 0.34, 0.34]), roundness_px=14)
    if random.random() < 0.5:
        bag.zip(bag.at(-0.8, 0.86), bag.at(0.8, 0.86))
        bag.sign_at(bag.at(0, 0.42), 18)
    else:
        bag.flap(bag.outline([(-0.98, 1.02), (0.98, 1.02), (0.98, 0.4), (-0.98, 0.4)], [0.16, 0.16, 0.3, 0.3]))
        bag.sign_at(bag.at(0, 0.52), 18)
    for side in (-0.88, 0.88):
        bag.ring(bag.at(side, 0.9), 7)


# The body's width over its height, how far handles reach above it (in its heights), and who draws it.
_TYPES: Final[dict[str, tuple[float, float, Callable[[Bag, Random], None]]]] = {
    "tote": (1.32, 0.5, _tote),
    "shopper": (0.97, 0.34, _shopper),
    "satchel": (1.32, 0.24, _satchel),
    "crossbody": (1.42, 0.8, _crossbody),
    "clutch": (1.65, 0.02, _clutch),
    "bucket": (0.96, 0.42, _bucket),
    "saddle": (1.2, 0.52, _saddle),
    "hobo": (1.54, 0.55, _hobo),
    "duffel": (1.8, 0.42, _duffel),
    "backpack": (0.79, 0.1, _backpack),
    "top handle": (1.39, 0.42, _top_handle),
    "baguette": (2.1, 0.72, _baguette),
}
TYPES: Final = tuple(_TYPES)


def body_size(bag_type: str, room_width: float, room_height: float) -> tuple[float, float, float]:
    """The largest body of this type whose handles still fit into the room -> (width, height, handles' height)."""
    aspect, above, _ = _TYPES[bag_type]
    height = min(room_width / aspect, room_height / (1 + above))
    return height * aspect, height, height * above


def draw_bag(bag_type: str, bag: Bag, random: Random) -> None:
    """Draw *bag* as *bag_type*; *random* decides on its details."""
    _TYPES[bag_type][2](bag, random)
