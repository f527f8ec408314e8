"""The fingerprints room: picture -> fingerprints. It never touches a disk. One algorithm a file, one registry line."""

from lookalike.fingerprints.animations import animated_recipe, fingerprint_frames, still_recipe
from lookalike.fingerprints.hexadecimal import fingerprint_from_hex
from lookalike.fingerprints.making import fingerprint_picture
from lookalike.fingerprints.orientations import TRANSFORMS, fingerprint_orientations, turn_picture
from lookalike.fingerprints.recipes import (
    RecipesLike,
    as_recipe,
    as_recipes,
    check_models,
    parse_recipe,
    parse_recipes,
    reads_colors,
)
from lookalike.fingerprints.registry import ALGORITHMS

__all__ = [
    "ALGORITHMS",
    "TRANSFORMS",
    "RecipesLike",
    "animated_recipe",
    "as_recipe",
    "as_recipes",
    "check_models",
    "fingerprint_frames",
    "fingerprint_from_hex",
    "fingerprint_orientations",
    "fingerprint_picture",
    "parse_recipe",
    "parse_recipes",
    "reads_colors",
    "still_recipe",
    "turn_picture",
]
