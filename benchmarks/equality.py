"""How many fingerprints equal imagehash's, bit for bit, and how far the default preparation drifts from it.

    python benchmarks/equality.py FOLDER [--every N] [--start N] [--segments N] [--drift]

Equality: ``decode="full", prepare="imagehash"`` against imagehash 4.3.2 on the same pixels. Drift: the mean number of
bits by which the default preparation (reduced decode, upright, sRGB) differs from that.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from functools import partial
from pathlib import Path

import imagehash
from PIL import Image

from lookalike.fingerprints import fingerprint_picture, parse_recipe
from lookalike.images import Limits
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.model import Picture

PEERS = {
    "ahash": imagehash.average_hash,
    "phash": imagehash.phash,
    "phash:16": partial(imagehash.phash, hash_size=16),
    "phash_simple": imagehash.phash_simple,
    "dhash": imagehash.dhash,
    "dhash_vertical": imagehash.dhash_vertical,
    "whash": imagehash.whash,
    "whash:db4": partial(imagehash.whash, mode="db4"),
    "colorhash": imagehash.colorhash,
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="searched for .jpg files, subfolders included")
    parser.add_argument("--every", type=int, default=1, help="take each N-th file only")
    parser.add_argument("--start", type=int, default=0, help="begin with the N-th file, to check in parts")
    parser.add_argument("--segments", type=int, default=100, help="files for crop_resistant, half a second each")
    parser.add_argument("--drift", action="store_true", help="measure the drift of the default preparation too")
    return parser.parse_args()


def open_full(path):
    with Image.open(path) as image:
        image.load()
        return Picture(image, *image.size, image.format, image.mode, decode="full", prepare="imagehash")


def main():
    arguments = parse_arguments()
    paths = sorted(arguments.folder.rglob("*.jpg"))[arguments.start :: arguments.every]
    if not paths:
        raise SystemExit(f"no .jpg file under {arguments.folder}")
    recipes = [parse_recipe(name) for name in PEERS]
    exact = [recipe.prepared(decode="full", prepare="imagehash") for recipe in recipes]
    equal, drift = Counter(), Counter()
    for path in paths:
        picture = open_full(path)
        ours = fingerprint_picture(picture, exact)
        for (name, peer), mine in zip(PEERS.items(), ours, strict=True):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                equal[name] += mine.hex == str(peer(picture.image))
        if arguments.drift:
            for name, mine, default in zip(PEERS, ours, fingerprint_source(path, recipes, Limits())[1], strict=True):
                drift[name] += (mine.bits != default.bits).sum()
    segments = parse_recipe("crop_resistant@full,imagehash")
    some = paths[:: max(1, len(paths) // arguments.segments)][: arguments.segments] if arguments.segments else []
    for path in some:
        picture = open_full(path)
        theirs = str(imagehash.crop_resistant_hash(picture.image))
        equal["crop_resistant"] += fingerprint_picture(picture, [segments])[0].hex == theirs
    for name in PEERS:
        drifted = f", drift {drift[name] / len(paths):.3f} bits" if arguments.drift else ""
        print(f"{name:16} {equal[name]} of {len(paths)} equal{drifted}")
    print(f"{'crop_resistant':16} {equal['crop_resistant']} of {len(some)} equal")


if __name__ == "__main__":
    main()
