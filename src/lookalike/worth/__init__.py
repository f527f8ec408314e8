"""What a distance is worth: how often unrelated pictures are as near by chance, and the words and radii that follow.

Numbers in, numbers out: the room knows no catalog, no engine and no picture.
"""

from lookalike.worth.chance import MODEL_PICTURES, ChanceModel, Source, blend
from lookalike.worth.defaults import default_model
from lookalike.worth.fusion import FUSIONS, Fusion, check_fusion, combined_probability, score_contents, shared_scale
from lookalike.worth.radius import EXPECTED_AT_MOST, default_radius_bits, fixed_radius_bits
from lookalike.worth.verdicts import (
    CHANCE_EXPECTED,
    COPY_EXPECTED,
    LITTLE_QUALITY,
    Evidence,
    judge,
    say_expected,
    says_little,
)

__all__ = [
    "CHANCE_EXPECTED",
    "COPY_EXPECTED",
    "EXPECTED_AT_MOST",
    "FUSIONS",
    "LITTLE_QUALITY",
    "MODEL_PICTURES",
    "ChanceModel",
    "Evidence",
    "Fusion",
    "Source",
    "blend",
    "check_fusion",
    "combined_probability",
    "default_model",
    "default_radius_bits",
    "fixed_radius_bits",
    "judge",
    "say_expected",
    "says_little",
    "score_contents",
    "shared_scale",
]
