"""Other packages that fingerprint pictures, measured beside in the same run, each called as its own page shows.

They hash the whole catalog themselves; what isn't installed is left out, with how to get it. imagededup isn't here: it
installs PyTorch (some 2 GB) before its hashes run, and those are ahash, dhash, phash and whash again.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.errors import ImageUnreadable
from lookalike.evaluation.askers import Answer, Asker
from lookalike.evaluation.measure_recall import EvaluationProgress
from lookalike.execution import Executor, ItemDone, ItemFailed
from lookalike.images import Source, load_picture
from lookalike.model import Ids

Bits = NDArray[np.bool_]

PEER_FAULTS = (OSError, ValueError, AssertionError, ArithmeticError, RuntimeError)
"""What peers raise at pictures that are too small or of a mode that they don't know."""


class Peer(NamedTuple):
    """A package's fingerprint: the *module* it needs, how to install it, and a picture -> its bits, always as many."""

    module: str
    install: str
    make_bits: Callable[[Image.Image], Bits]


def imagehash_bits(function: str, **options: Any) -> Callable[[Image.Image], Bits]:
    """A family of imagehash, by the name of its function."""

    def make(picture: Image.Image) -> Bits:
        hashed: Any = getattr(importlib.import_module("imagehash"), function)(picture, **options)
        return np.asarray(hashed.hash, np.bool_).ravel()

    return make


def pdqhash_bits(picture: Image.Image) -> Bits:
    """Meta's PDQ by the package pdqhash, which compiles the reference code."""
    pdqhash: Any = importlib.import_module("pdqhash")
    bits, _quality = pdqhash.compute(np.asarray(picture.convert("RGB")))
    return np.asarray(bits, np.bool_)


PEERS: dict[str, Peer] = {
    f"imagehash {name}": Peer("imagehash", "pip install imagehash", imagehash_bits(name))
    for name in ("average_hash", "phash", "dhash", "whash", "colorhash")
}
PEERS["pdqhash"] = Peer("pdqhash", "pip install pdqhash", pdqhash_bits)


def find_peers(names: Sequence[str] | None = None) -> tuple[tuple[str, ...], dict[str, str]]:
    """Those that are installed, and the others with why they are left out."""
    wanted = tuple(PEERS) if names is None else tuple(names)
    missing = {
        name: f"not installed: {PEERS[name].install}"
        for name in wanted
        if importlib.util.find_spec(PEERS[name].module) is None
    }
    if names is None:
        missing["imagededup"] = "needs PyTorch to be installed"
    return tuple(name for name in wanted if name not in missing), missing


@dataclass(frozen=True, slots=True)
class HashFile:
    """A function over paths that can be sent to a worker process: the bits that each of *peers* makes, packed."""

    peers: tuple[str, ...]

    def __call__(self, path: str) -> dict[str, bytes]:
        with Image.open(path) as picture:
            return hash_picture(picture, self.peers)


def hash_picture(picture: Image.Image, peers: Sequence[str]) -> dict[str, bytes]:
    """Packed bits, by peer. They may write to what they are given, so each gets its own."""
    return {name: np.packbits(PEERS[name].make_bits(picture.copy())).tobytes() for name in peers}


@dataclass(slots=True)
class PeersAsker(Asker):
    """Peers over a catalog that `hash_catalog` has hashed into *file*."""

    peers: tuple[str, ...]
    file: str
    ids: Ids | None = field(default=None, repr=False)
    codes: dict[str, NDArray[np.uint8]] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return self.peers

    def ask(self, picture: Source) -> dict[str, Answer]:
        if self.ids is None:
            with np.load(self.file, allow_pickle=False) as held:
                self.ids = held["ids"]
                self.codes = {name: held[name] for name in self.peers}
        opened = open_picture(picture)
        answers = {}
        for name in self.peers:
            try:
                code = hash_picture(opened, (name,))[name]
            except PEER_FAULTS:
                continue  # it can't hash this one, and so finds nothing
            apart = self.codes[name] ^ np.frombuffer(code, np.uint8)
            answers[name] = Answer(self.ids, np.bitwise_count(apart).sum(axis=1).astype(np.float64))
        return answers


def open_picture(picture: Source) -> Image.Image:
    """As peers' pages show it, by Pillow alone; a format that Pillow doesn't know (HEIC) by Lookalike's loader.

    Raises:
        ImageError: nobody can open it, or it is neither pixels nor an encoded picture.
    """
    if isinstance(picture, Image.Image):
        return picture
    if not isinstance(picture, bytes):
        raise ImageUnreadable(f"peers are asked with pixels or an encoded picture, a {type(picture).__name__} came")
    try:
        return Image.open(io.BytesIO(picture))
    except OSError:
        return load_picture(picture, decode="full").image


def hash_catalog(
    pictures: Sequence[tuple[int, str]], peers: tuple[str, ...], folder: str, executor: Executor
) -> Generator[EvaluationProgress, None, PeersAsker]:
    """Hash *pictures*, (content id, path), by all *peers* into a file in *folder*; what they can't read they lack."""
    ids_of = {path: content for content, path in pictures}
    made: list[tuple[int, dict[str, bytes]]] = []
    done = 0
    for event in executor.map_batches(HashFile(peers), list(ids_of)):
        done += isinstance(event, ItemDone | ItemFailed)
        if isinstance(event, ItemDone):
            made.append((ids_of[event.item], event.value))
        yield EvaluationProgress("hashing by peers", done, len(ids_of))
    made.sort(key=lambda one: one[0])
    file = os.path.join(folder, "peers.npz")
    arrays = {name: np.array([list(codes[name]) for _, codes in made], np.uint8) for name in peers}
    np.savez(file, allow_pickle=False, ids=np.array([content for content, _ in made], np.int64), **arrays)
    return PeersAsker(peers, file)
