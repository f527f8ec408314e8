"""The invented shops' words: brands with their taste and prices, named colours, metals.

A brand keeps to its own shapes, materials, colours and prices, so that a search by attributes has something to say.
All names are invented; nothing is meant to look like a real brand's design.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Rgb = tuple[int, int, int]
Logo = Literal["plate", "round", "tag", "stamp"]

COLOURS: Final[dict[str, Rgb]] = {
    "black": (43, 41, 43),
    "charcoal": (84, 84, 90),
    "stone": (176, 168, 156),
    "ivory": (236, 228, 211),
    "sand": (214, 190, 152),
    "tan": (196, 146, 94),
    "cognac": (168, 97, 51),
    "chocolate": (98, 64, 48),
    "burgundy": (124, 36, 52),
    "red": (196, 48, 48),
    "coral": (232, 116, 92),
    "blush": (230, 180, 172),
    "rose": (208, 112, 132),
    "mustard": (214, 164, 54),
    "olive": (116, 116, 62),
    "forest": (44, 88, 66),
    "sage": (152, 174, 146),
    "teal": (36, 120, 124),
    "sky": (140, 182, 212),
    "cobalt": (44, 84, 170),
    "navy": (40, 52, 88),
    "lilac": (182, 164, 208),
    "plum": (104, 56, 96),
}

METALS: Final[dict[str, Rgb]] = {
    "gold": (222, 182, 98),
    "silver": (200, 204, 210),
    "gunmetal": (94, 96, 104),
    "brass": (186, 146, 80),
}


@dataclass(frozen=True, slots=True)
class Brand:
    """One maker's taste.

    Attributes:
        name: as it stands on the price tag.
        price_eur: what its plainest small bag costs.
        types, materials, colours: what it makes; earlier entries are made more often.
        metal: of all its buckles and plates.
        logo: how it signs its bags.
        sign: which of the six drawn signs is its own.
        backdrop: the colour behind its product shots.
    """

    name: str
    price_eur: int
    types: tuple[str, ...]
    materials: tuple[str, ...]
    colours: tuple[str, ...]
    metal: str
    logo: Logo
    sign: int
    backdrop: Rgb


BRANDS: Final = (
    Brand("Atelier Vey", 420, ("top handle", "crossbody", "clutch", "saddle"),
          ("quilted leather", "smooth leather", "croc leather"),
          ("black", "ivory", "burgundy", "blush", "navy"), "gold", "round", 0, (240, 236, 230)),
    Brand("Linde & Oak", 190, ("satchel", "saddle", "backpack", "tote"),
          ("smooth leather", "grained leather", "suede"),
          ("cognac", "tan", "chocolate", "forest", "navy", "olive"), "brass", "stamp", 1, (238, 234, 226)),
    Brand("Nordhavn", 85, ("backpack", "duffel", "tote", "crossbody"),
          ("canvas", "striped canvas", "ribbed nylon"),
          ("navy", "charcoal", "sage", "mustard", "sky", "black"), "gunmetal", "tag", 2, (234, 238, 240)),
    Brand("Casa Bruma", 150, ("hobo", "bucket", "baguette", "tote"),
          ("woven leather", "grained leather", "suede"),
          ("sand", "coral", "stone", "teal", "chocolate", "rose"), "gold", "stamp", 3, (241, 237, 232)),
    Brand("Pollux", 60, ("crossbody", "baguette", "bucket", "clutch"),
          ("grained leather", "dotted canvas", "checked canvas"),
          ("red", "cobalt", "mustard", "lilac", "coral", "black"), "silver", "plate", 4, (240, 238, 242)),
    Brand("Miravelle", 310, ("baguette", "top handle", "clutch", "hobo"),
          ("croc leather", "smooth leather", "quilted leather"),
          ("plum", "black", "rose", "forest", "ivory", "red"), "gold", "plate", 5, (243, 236, 234)),
    Brand("Tessel", 45, ("shopper", "tote", "backpack", "clutch"),
          ("canvas", "striped canvas", "checked canvas", "dotted canvas"),
          ("ivory", "sky", "coral", "sage", "navy", "mustard"), "silver", "tag", 0, (239, 240, 236)),
    Brand("Harrow Lane", 240, ("duffel", "satchel", "top handle", "shopper"),
          ("grained leather", "smooth leather", "checked canvas"),
          ("chocolate", "cognac", "black", "burgundy", "olive"), "brass", "plate", 2, (236, 234, 230)),
    Brand("Ondine", 125, ("bucket", "hobo", "saddle", "crossbody"),
          ("suede", "woven leather", "ribbed nylon"),
          ("teal", "lilac", "blush", "stone", "plum", "sand"), "silver", "round", 3, (235, 239, 240)),
    Brand("Field Nine", 70, ("shopper", "duffel", "backpack", "satchel"),
          ("canvas", "ribbed nylon", "striped canvas"),
          ("olive", "sand", "charcoal", "forest", "red"), "gunmetal", "round", 1, (238, 237, 231)),
)  # fmt: skip

# How much more than the plainest small bag: more work and more material.
TYPE_PRICE: Final = {
    "clutch": 0.8, "crossbody": 1.0, "baguette": 1.1, "bucket": 1.2, "saddle": 1.25, "hobo": 1.3, "shopper": 1.1,
    "tote": 1.4, "satchel": 1.6, "top handle": 1.7, "backpack": 1.5, "duffel": 1.8,
}  # fmt: skip
MATERIAL_PRICE: Final = {
    "canvas": 1.0, "striped canvas": 1.05, "dotted canvas": 1.05, "checked canvas": 1.1, "ribbed nylon": 1.0,
    "grained leather": 1.2, "smooth leather": 1.3, "suede": 1.3, "woven leather": 1.6, "quilted leather": 1.5,
    "croc leather": 1.9,
}  # fmt: skip
