"""The photos that `look` learns from: small, with masks of the garment, and split by contributor."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from contributors import held_out_contributors
from PIL import Image

SIDE = 96  # stretched; cut and shrunk to 64 in training
MASKED = 128  # GrabCut works on pictures of this longer side


class Photos(NamedTuple):
    """uint8 (n, 96, 96, 3) pictures, uint8 (n, 96, 96) masks, texts (n,) labels and senders."""

    pictures: np.ndarray
    masks: np.ndarray
    labels: np.ndarray
    senders: np.ndarray

    @property
    def kinds(self) -> list[str]:
        return sorted(set(self.labels.tolist()))

    @property
    def held_out(self) -> np.ndarray:
        """bool (n,): photos of contributors that training never sees."""
        return np.isin(self.senders, sorted(held_out_contributors(self.senders.tolist())))


def read_photos(folder: Path, cache: Path) -> Photos:
    """The photos of *folder* (items.csv, images/), from *cache* where that was made before. A minute and a half."""
    if cache.exists():
        with np.load(cache) as stored:
            return Photos(*(stored[name] for name in Photos._fields))
    cv2.setNumThreads(1)
    with (folder / "items.csv").open(newline="", encoding="utf-8") as file:
        items = list(csv.DictReader(file))
    pictures = np.zeros((len(items), SIDE, SIDE, 3), np.uint8)
    masks = np.zeros((len(items), SIDE, SIDE), np.uint8)
    for place, item in enumerate(items):
        with Image.open(folder / "images" / f"{item['image']}.jpg") as opened:
            image = opened.convert("RGB")
        pictures[place] = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
        mask = Image.fromarray(find_garment(image))
        masks[place] = np.asarray(mask.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    labels = np.array([item["label"] for item in items])
    senders = np.array([item["sender_id"] for item in items])
    photos = Photos(pictures, masks, labels, senders)
    np.savez(cache, **photos._asdict())
    return photos


def find_garment(image: Image.Image) -> np.ndarray:
    """255 where GrabCut sees the garment, uint8 (height, width), the longer side 128; the border is ground."""
    scale = MASKED / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = np.asarray(image.resize(size, Image.Resampling.BOX if scale < 0.5 else Image.Resampling.LANCZOS))
    marks = np.full(small.shape[:2], cv2.GC_PR_FGD, np.uint8)
    border = max(2, min(size) // 24)
    for wide, mark in ((2 * border, cv2.GC_PR_BGD), (border, cv2.GC_BGD)):
        marks[:wide] = marks[-wide:] = mark
        marks[:, :wide] = marks[:, -wide:] = mark
    try:
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(small[:, :, ::-1].copy(), marks, None, *models, 4, cv2.GC_INIT_WITH_MASK)
    except cv2.error:
        return np.zeros(small.shape[:2], np.uint8)
    return ((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.uint8) * 255
