"""Pictures made by code, and imagehash itself as the slow, obvious oracle."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image

from lookalike.model import Picture

DATA = Path(__file__).parents[2].parent / "shared" / "data"

PEERS: dict[str, Callable[..., object]] = {
    "ahash": imagehash.average_hash,
    "phash": imagehash.phash,
    "phash_simple": imagehash.phash_simple,
    "dhash": imagehash.dhash,
    "dhash_vertical": imagehash.dhash_vertical,
    "whash": imagehash.whash,
    "whash:db4": partial(imagehash.whash, mode="db4"),
    "colorhash": imagehash.colorhash,
    "crop_resistant": imagehash.crop_resistant_hash,
}


def ask_imagehash(name: str, image: Image.Image, *size: int) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyWavelets of small pictures, Pillow of transparent palettes
        return str(PEERS[name](image, *size))


def paint(kind: str, width: int, height: int, seed: int) -> np.ndarray:
    """uint8 (height, width, 3)."""
    rng = np.random.default_rng(seed)
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    if kind == "noise":
        return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if kind == "flat":
        return np.broadcast_to(rng.integers(0, 256, 3, dtype=np.uint8), (height, width, 3)).copy()
    if kind == "gradient":
        ramp = (across * rng.uniform(-3, 3) + down * rng.uniform(-3, 3)) % 256
        return np.stack([ramp, 255 - ramp, (ramp * 2) % 256], axis=2).astype(np.uint8)
    if kind == "two-tone":
        mask = (across // rng.integers(1, 9) + down // rng.integers(1, 9)) % 2
        return np.repeat(np.where(mask, 255, rng.integers(0, 255))[:, :, None], 3, axis=2).astype(np.uint8)
    if kind == "symmetric":
        half = rng.integers(0, 256, (height, width, 3), dtype=np.uint8) // 2
        half = half + half[::-1]
        return ((half.astype(int) + half[:, ::-1]) // 2).astype(np.uint8)
    if kind == "blobs":
        pixels = np.full((height, width, 3), 255, np.uint8)
        for _ in range(4):
            x, y, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.3, 0.5) * max(width, height)
            pixels[(across - x) ** 2 + (down - y) ** 2 < radius**2] = rng.integers(0, 256, 3)
        return pixels
    raise ValueError(kind)


KINDS = ("noise", "flat", "gradient", "two-tone", "symmetric", "blobs")


def as_picture(image: Image.Image, prepare: str = "imagehash", decode: str = "full") -> Picture:
    return Picture(image, *image.size, "image", image.mode, decode=decode, prepare=prepare)


@pytest.fixture(scope="session")
def oracle():
    """ask_imagehash(name, image, hash size or bin bits) -> hex"""
    return ask_imagehash


@pytest.fixture(scope="session")
def painter():
    return paint


@pytest.fixture(scope="session")
def picture_of():
    return as_picture


@pytest.fixture(scope="session")
def clothing():
    """Paths of the shop photos."""
    paths = sorted((DATA / "clothing").rglob("*.jpg"))
    if not paths:
        pytest.skip("the shop photos are not beside the repository")
    return paths
