"""Held-out photos whose garment was given one of twelve colours, its folds and its ground left as they were."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.fingerprints.look_colors import to_lab

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from contributors import held_out_contributors
from pictures import find_garment

COLORS = {
    "black": (30, 30, 32),
    "grey": (128, 128, 128),
    "white": (236, 236, 234),
    "red": (190, 30, 40),
    "orange": (232, 120, 30),
    "yellow": (236, 206, 60),
    "green": (40, 130, 60),
    "teal": (30, 130, 130),
    "blue": (40, 80, 180),
    "purple": (110, 50, 140),
    "pink": (236, 150, 180),
    "brown": (110, 70, 45),
}
LIGHT_KEPT, TINT_KEPT = 0.6, 0.25  # of the garment's own differences from its mean: folds stay, prints pale
SPREAD = (4, 3, 3)  # Lab units, standard deviation: no two reds are one red


def recolour_photos(folder: Path, items: list[dict[str, str]]) -> tuple[list[Image.Image], np.ndarray, np.ndarray]:
    """Pictures, their colours and their contributors."""
    draw = np.random.default_rng(3)
    held = held_out_contributors([item["sender_id"] for item in items])
    pictures, colors, senders = [], [], []
    for item in items:
        if item["sender_id"] not in held:
            continue
        with Image.open(folder / "images" / f"{item['image']}.jpg") as opened:
            image = opened.convert("RGB")
        mask = Image.fromarray(find_garment(image)).resize(image.size, Image.Resampling.BILINEAR)
        share = np.asarray(mask).astype(np.float64)[:, :, None] / 255
        if not 0.1 < share.mean() < 0.7:  # GrabCut found no garment, or took the ground for it
            continue
        color = list(COLORS)[len(pictures) % len(COLORS)]
        pixels = np.asarray(image)
        wanted = to_lab(np.array([COLORS[color]], np.float64))[0] + draw.normal(size=3) * SPREAD
        changed = recolour(pixels, share, wanted)
        pictures.append(Image.fromarray(np.rint(changed * share + pixels * (1 - share)).astype(np.uint8)))
        colors.append(color)
        senders.append(item["sender_id"])
    return pictures, np.array(colors), np.array(senders)


def recolour(pixels: np.ndarray, share: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    lab = to_lab(pixels.reshape(-1, 3).astype(np.float64)).reshape(pixels.shape)
    own = (lab * share).sum(axis=(0, 1)) / share.sum()
    lab = wanted + (lab - own) * (LIGHT_KEPT, TINT_KEPT, TINT_KEPT)
    lab[:, :, 0] = lab[:, :, 0].clip(2, 98)
    return from_lab(lab)


def from_lab(lab: np.ndarray) -> np.ndarray:
    """sRGB 0 to 255, cut to what there is; the inverse of ``to_lab``."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    middle = (lab[:, :, 0] + 16) / 116
    bent = np.stack([middle + lab[:, :, 1] / 500, middle, middle - lab[:, :, 2] / 200], axis=2)
    relative = np.where(bent > 6 / 29, bent**3, 3 * (6 / 29) ** 2 * (bent - 4 / 29))
    linear = (relative * to_xyz.sum(axis=1)) @ np.linalg.inv(to_xyz).T
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clip(0) ** (1 / 2.4) - 0.055).clip(0, 1)
