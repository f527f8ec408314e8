"""Which pictures of a catalog are kin to one: neither found nor false where they come up.

A catalog may hold a garment shot twice, or a copy. Whether two pictures are such is decided by their pixels and never
by the fingerprints that are being measured: those would excuse their own false matches. Fingerprints only propose:
the nearest few of each recipe, in each of the eight orientations, are looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from lookalike.catalog import Store
from lookalike.errors import ImageError
from lookalike.images import Limits, load_picture, read_bytes
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.model import Recipe
from lookalike.search import Engine

PROPOSED = 6  # nearest of each recipe and orientation that are looked at
SIDE = 96  # pixels of the thumbnails that are compared
SHIFT = 8  # pixels of them by which two shots may be displaced: a hand's movement
# Seen on all 2.1 million pairs of 2,050 photos of clothing: two shots of one garment agree to 0.55 and differ by 5
# levels. Of other garments of one studio, whose outlines agree, one pair is within both; the next differs by 8.8.
LEAST_DETAIL = 0.5
MOST_COLOUR = 8.0
ORIENTATIONS = (None, *Image.Transpose)

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """What is compared of a picture: *detail*, the transform of its fine structure, and *colour*, (8, 8, 3) levels."""

    detail: NDArray[np.complex128]
    colour: Pixels


def make_look(picture: Image.Image) -> Look:
    """Of an ``RGB`` picture."""
    small = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    grey = small.convert("L")
    rest = np.asarray(grey, np.float32) - np.asarray(grey.filter(ImageFilter.BoxBlur(4)), np.float32)
    squares = Image.fromarray(np.minimum(rest * rest, 255).astype(np.uint8)).filter(ImageFilter.BoxBlur(4))
    # Divided by what is usual around it, or an outline against the ground would outweigh everything inside.
    even = rest / (np.sqrt(np.asarray(squares, np.float32)) + 4)
    even -= even.mean()
    detail = np.fft.rfft2(even / max(float(np.linalg.norm(even)), 1e-6))
    return Look(detail, np.asarray(small.resize((8, 8), Image.Resampling.BOX), np.float32))


def look_alike(one: Look, other: Look) -> bool:
    """Whether they are shots of the same scene: their fine structure agrees, and so do their colours."""
    if float(np.abs(one.colour - other.colour).mean()) > MOST_COLOUR:
        return False
    agreement = np.fft.irfft2(one.detail * np.conj(other.detail), (SIDE, SIDE))
    near = np.r_[-SHIFT : SHIFT + 1]
    return float(agreement[np.ix_(near, near)].max()) >= LEAST_DETAIL


@dataclass(slots=True)
class KinFinder:
    """Finds the kin of single contents of *store*.

    Attributes:
        recipes: those that propose. make_engine: width -> an empty engine.
        limits: of the loader.
    """

    store: Store
    recipes: Sequence[Recipe]
    make_engine: Callable[[int], Engine]
    limits: Limits
    indexes: list[RecipeIndex] = field(default_factory=list)
    looks: dict[int, Look | None] = field(default_factory=dict)
    known: dict[int, frozenset[int]] | None = None

    def find(self, content: int, path: str) -> frozenset[int]:
        """The contents that are kin to *content*, without itself; none where its file can't be read."""
        if self.known is None:
            self.known = find_told_kin(self.store)
        kin = set(self.known.get(content, ()))
        try:
            picture = self.open(path)
            proposed = self.propose(picture) - {content} - kin
        except ImageError:
            return frozenset(kin)
        turned = [make_look(picture if turn is None else picture.transpose(turn)) for turn in ORIENTATIONS]
        for other in proposed:
            look = self.look(other)
            if look is not None and any(look_alike(one, look) for one in turned):
                kin.add(other)
        return frozenset(kin)

    def propose(self, picture: Image.Image) -> set[int]:
        """Contents that some recipe holds near in some orientation."""
        if not self.indexes:
            self.indexes = [
                RecipeIndex.load(self.store, one, self.make_engine(one.distance_bits)) for one in self.recipes
            ]
        proposed: set[int] = set()
        for turn in ORIENTATIONS:
            laid = picture if turn is None else picture.transpose(turn)
            fingerprints = fingerprint_source(laid, self.recipes, self.limits)[1]
            for index, fingerprint in zip(self.indexes, fingerprints, strict=True):
                proposed.update(index.nearest(fingerprint, PROPOSED + 1)[0].tolist())
        return proposed

    def look(self, content: int) -> Look | None:
        """What is compared of a content; None where its file can't be read."""
        if content not in self.looks:
            try:
                self.looks[content] = make_look(self.open(self.store.content(content).paths[0]))
            except ImageError:
                self.looks[content] = None
        return self.looks[content]

    def open(self, path: str) -> Image.Image:
        return load_picture(read_bytes(path, self.limits), limits=self.limits).image.convert("RGB")


def find_told_kin(store: Store) -> dict[int, frozenset[int]]:
    """Kin that the attributes tell of: pictures whose ``copy_of`` names one file, as the demo's do, and that file."""
    groups: dict[str, set[int]] = {}
    for content, name, source in told_copies(store):
        groups.setdefault(source or name, set()).add(content)
    return {one: frozenset(group - {one}) for group in groups.values() if len(group) > 1 for one in group}


def told_copies(store: Store) -> Iterable[tuple[int, str, str]]:
    """Of each file: its content, its name, and what its ``copy_of`` says, empty where nothing."""
    for record in store.contents(store.present_contents()):
        for file in record.files:
            yield record.id, os.path.basename(os.fsdecode(file.path)), str(file.attributes.get("copy_of") or "")
