"""Which algorithms there are. A new one is a file of its own and one line here; it is imported when first used."""

from __future__ import annotations

import importlib
from functools import cache
from typing import cast

from lookalike.fingerprints.base import Algorithm

ALGORITHMS: dict[str, str] = {
    "ahash": "lookalike.fingerprints.ahash:AverageHash",
    "phash": "lookalike.fingerprints.phash:PerceptualHash",
    "phash_simple": "lookalike.fingerprints.phash_simple:SimplePerceptualHash",
    "dhash": "lookalike.fingerprints.dhash:DifferenceHash",
    "dhash_vertical": "lookalike.fingerprints.dhash_vertical:VerticalDifferenceHash",
    "whash": "lookalike.fingerprints.whash:WaveletHash",
    "pdq": "lookalike.fingerprints.pdq:PdqHash",
    "colorhash": "lookalike.fingerprints.colorhash:ColorHash",
    "crop_resistant": "lookalike.fingerprints.crop_resistant:CropResistantHash",
    "parts": "lookalike.fingerprints.parts:Parts",
    "look": "lookalike.fingerprints.look:Look",
}

MODEL_ALGORITHMS: dict[str, str] = {"embedding": "lookalike.fingerprints.embedding:Embedding"}
"""Those that need a model which the user declares: their name alone is no recipe, so "every fingerprint" is without."""


@cache
def load_algorithm(name: str) -> Algorithm:
    """The algorithm that the registry lists as *name*.

    Raises:
        KeyError: the registry doesn't list it; ``parse_recipe`` reports that in words first.
    """
    module, _, attribute = (ALGORITHMS | MODEL_ALGORITHMS)[name].partition(":")
    return cast("Algorithm", getattr(importlib.import_module(module), attribute)())
