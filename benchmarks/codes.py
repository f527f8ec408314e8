"""Codes to search, seeded: random with near twins, a skewed mix as real collections have it, and real fingerprints."""

from __future__ import annotations

from pathlib import Path

import numpy as np

SEED = 20260101
FLIPPED_BITS = 3  # between a query and the code it was made from
CLOTHING = Path(__file__).resolve().parents[2] / "shared" / "data" / "clothing" / "images"


def near(rng, codes, width_bits, queries):
    """Queries near some of the codes: so many bits of each flipped, all of them different ones."""
    bits = np.unpackbits(codes[rng.integers(0, len(codes), queries)], axis=1)
    for row in bits:
        row[rng.choice(width_bits, FLIPPED_BITS, replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def blurred(rng, codes, width_bits):
    """Each bit flipped with such a chance that FLIPPED_BITS of a code flip on average."""
    return codes ^ np.packbits(rng.random((len(codes), width_bits), np.float32) < FLIPPED_BITS / width_bits, axis=1)


def planted(size, width_bits, queries):
    """Random codes of which one in twenty has a twin, a few bits away."""
    rng = np.random.default_rng(SEED)
    codes = rng.integers(0, 256, (size, width_bits // 8), dtype=np.uint8)
    codes[: size // 20] = blurred(rng, codes[size // 20 : size // 20 * 2], width_bits)
    return codes, near(rng, codes, width_bits, queries)


def skewed(size, width_bits, queries):
    """A twentieth one and the same code (blank pictures), half in groups of every size (Zipf), the rest random."""
    rng = np.random.default_rng(SEED)
    codes = rng.integers(0, 256, (size, width_bits // 8), dtype=np.uint8)
    blank, grouped = size // 20, size // 2
    codes[:blank] = 0
    group = np.minimum(rng.zipf(1.5, grouped), size) - 1  # exponent 1.5: some groups of thousands, most of a few
    codes[blank : blank + grouped] = blurred(rng, codes[-1 - group % (size // 4)], width_bits)
    codes = codes[rng.permutation(size)]
    return codes, near(rng, codes, width_bits, queries)


def clothing(_size, _width_bits, queries):
    """phash of the shop photos beside the repository; None where they aren't there."""
    if not CLOTHING.is_dir():
        return None
    from lookalike.fingerprints import parse_recipe
    from lookalike.images import Limits
    from lookalike.jobs.fingerprint_source import fingerprint_source

    recipes = [parse_recipe("phash")]
    paths = sorted(CLOTHING.rglob("*.jpg"))
    codes = np.concatenate([fingerprint_source(path, recipes, Limits())[1][0].codes for path in paths])
    return codes, near(np.random.default_rng(SEED), codes, 64, queries)


SHAPES = {"random": planted, "skewed": skewed, "clothing": clothing}
