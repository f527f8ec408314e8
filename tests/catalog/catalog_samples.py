"""Files, fingerprints and recipes for the tests of the catalog, made from a text."""

import os

import blake3

from lookalike.catalog import ContentFacts, FileResult, FileStat
from lookalike.model import Fingerprint, Recipe

WHASH = Recipe("whash", (), 64)
COLORHASH = Recipe("colorhash", (), 42)
CROPS = Recipe("crop_resistant", (), 64)


def make_fingerprint(recipe, text, parts=1, **more):
    """Codes that follow from *text*, padded with zero bits."""
    codes = []
    for part in range(parts):
        code = bytearray(blake3.blake3(f"{recipe}{part}".encode() + text).digest()[: recipe.bytes_per_code])
        code[-1] &= 0xFF << (-recipe.width_bits % 8) & 0xFF
        codes.append(bytes(code))
    return Fingerprint(recipe, tuple(codes), **more)


def make_result(path, text, *recipes, size=None, mtime_ns=1, known=None):
    """An indexed file that holds *text*."""
    facts = ContentFacts(blake3.blake3(text).digest(), len(text), 40, 30, "JPEG", "RGB")
    return FileResult(
        os.fsencode(path),
        FileStat(len(text) if size is None else size, mtime_ns, mtime_ns, 5, 7),
        "indexed",
        content=facts if known is None else None,
        content_id=known,
        fingerprints=tuple(make_fingerprint(recipe, text) for recipe in recipes),
    )


def make_failure(path, reason="cut-off", outcome="failed", mtime_ns=1):
    return FileResult(os.fsencode(path), FileStat(9, mtime_ns, mtime_ns, 5, 7), outcome, reason, "it ends too soon")
