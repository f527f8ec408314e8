"""Fingerprints from the hex text that ``Fingerprint.hex`` and imagehash 4.3.2 print."""

from __future__ import annotations

from string import hexdigits
from typing import TYPE_CHECKING

from lookalike.errors import FingerprintError
from lookalike.fingerprints.registry import load_algorithm
from lookalike.model import Fingerprint

if TYPE_CHECKING:
    from lookalike.model import Recipe

LONGEST_SHOWN = 40  # characters of a refused text that the message repeats


def fingerprint_from_hex(recipe: Recipe, text: str, *, quality: int = 100, marks: tuple[str, ...] = ()) -> Fingerprint:
    """The fingerprint whose ``hex`` is *text*, in either case; codes of several segments are joined by commas.

    Hex holds neither quality nor marks: pass them where they are known.

    Raises:
        FingerprintError: another length than the recipe's, a character that is no hex digit, bits set beyond the
            width, or several codes where the recipe makes one.
    """
    texts = text.strip().split(",")
    if len(texts) > 1 and not load_algorithm(recipe.algorithm).many_parts:
        raise FingerprintError(f"{_shown(text)} holds {len(texts)} codes, but {recipe} makes one a picture")
    return Fingerprint(recipe, tuple(_read_code(recipe, one.strip()) for one in texts), quality, marks)


def _read_code(recipe: Recipe, text: str) -> bytes:
    digits = (recipe.width_bits + 3) // 4
    if len(text) != digits:
        raise FingerprintError(
            f"{_shown(text)} has {len(text)} hex digits; a {recipe} code has {digits} ({recipe.width_bits} bits)"
        )
    if not set(text) <= set(hexdigits):
        raise FingerprintError(f"{_shown(text)} isn't hexadecimal: only 0-9 and a-f are")
    number = int(text, 16)
    if number >> recipe.width_bits:
        raise FingerprintError(f"{_shown(text)} sets bits beyond the {recipe.width_bits} of a {recipe} code")
    return (number << (recipe.bytes_per_code * 8 - recipe.width_bits)).to_bytes(recipe.bytes_per_code, "big")


def _shown(text: str) -> str:
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")
