"""The fingerprints room: picture -> fingerprints. It never touches a disk. One algorithm a file, one registry line."""

from lookalike.fingerprints.hexadecimal import fingerprint_from_hex
from lookalike.fingerprints.making import fingerprint_picture
from lookalike.fingerprints.recipes import RecipesLike, as_recipe, as_recipes, parse_recipe, parse_recipes
from lookalike.fingerprints.registry import ALGORITHMS

__all__ = [
    "ALGORITHMS",
    "RecipesLike",
    "as_recipe",
    "as_recipes",
    "fingerprint_from_hex",
    "fingerprint_picture",
    "parse_recipe",
    "parse_recipes",
]
