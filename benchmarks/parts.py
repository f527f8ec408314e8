"""Parts: which copies are found again and proved, beside whole-picture codes, and what a query costs among a million.

    python benchmarks/parts.py FOLDER [--queries 100] [--images 1000000]

Queries are pictures of FOLDER after an attack; everything else in it is a distractor. Codes for the large index are
drawn from pictures that are never asked: each code from one at random, with bits turned, each place from another, so
that common codes stay common and no picture is there twice.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from parts_attacks import ATTACKS, attack
from PIL import Image

from lookalike import HammingIndex
from lookalike.fingerprints import fingerprint_picture, parse_recipe
from lookalike.fingerprints.asked_parts import ask_parts
from lookalike.images import load_picture
from lookalike.jobs.find_known_parts import provable
from lookalike.jobs.find_parts import find_parts
from lookalike.jobs.recipe_index import RecipeIndex, open_slots
from lookalike.jobs.recipe_rows import RecipeRows
from lookalike.jobs.verify_match import verify_match
from lookalike.model import Picture
from lookalike.search import IdRange, pack_words

PARTS = parse_recipe("parts")
WHOLE = ("phash:16", "whash", "crop_resistant")
TURNED = 0.12  # of the bits of a drawn code: 8 of 64, just beyond the radius that is looked up


def as_picture(image: Image.Image) -> Picture:
    return Picture(image, *image.size, "image", image.mode)


def make_index(codes: np.ndarray) -> RecipeIndex:
    """uint8 (n, 384) -> the index of contents 0 to n - 1."""
    rows, places = open_slots(RecipeRows(np.arange(len(codes)), pack_words(codes, PARTS.width_bits)), PARTS.slots)
    engine = HammingIndex(width_bits=PARTS.distance_bits)
    engine.adopt(IdRange(0, len(rows.owners)), rows.words)
    return RecipeIndex(PARTS, engine, rows.owners, rows.words, PARTS.slots, places)


def draw_codes(codes: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """uint8 (number, 384): as if so many other pictures were there."""
    slots = codes.reshape(-1, 12)
    made = np.empty((number * PARTS.slots, 12), np.uint8)
    for begin in range(0, len(made), 1 << 20):
        count = min(1 << 20, len(made) - begin)
        turned = np.packbits(rng.random((count, 64), np.float32) < TURNED, axis=1)
        made[begin : begin + count, :8] = slots[rng.integers(0, len(slots), count), :8] ^ turned
        made[begin : begin + count, 8:] = slots[rng.integers(0, len(slots), count), 8:]
    return made.reshape(number, -1)


def recall_of_parts(index: RecipeIndex, paths: list[Path], asked: list[int], name: str) -> tuple[float, float, int]:
    """Share found, share found and verified, and pairs verified that aren't of one picture."""
    found = verified = false = 0
    for number in asked:
        query = as_picture(attack(Image.open(paths[number]).convert("RGB"), name, number))
        candidates = find_parts(ask_parts(query), index)
        found += number in [one.id for one in candidates]
        for one in provable(candidates):
            proof = verify_match(query, load_picture(paths[one.id], channels="luminance"), one.alignment)
            verified += proof.verified and one.id == number
            false += proof.verified and one.id != number
    return found / len(asked), verified / len(asked), false


def recall_of_whole(held: list, paths: list[Path], asked: list[int], name: str, recipe: str) -> float:
    """Recall at the radius at which a millionth of the unrelated pairs are as near."""
    own, others = [], []
    for number in asked:
        query = as_picture(attack(Image.open(paths[number]).convert("RGB"), name, number))
        code = fingerprint_picture(query, [parse_recipe(recipe)])[0]
        distances = np.array([code.distance(other) for other in held])
        own.append(distances[number])
        others.append(np.delete(distances, number))
    unrelated = np.sort(np.concatenate(others))
    return float(np.mean(np.array(own) < unrelated[len(unrelated) // 1_000_000]))


def time_queries(index: RecipeIndex, pictures: list[Picture]) -> list[float]:
    """Median milliseconds of one core: to find a query's parts, to find candidates; the slowest tenth of the latter."""
    spent = []
    for picture in pictures:
        started = time.process_time()
        asked = ask_parts(picture)
        between = time.process_time()
        find_parts(asked, index)
        spent.append((between - started, time.process_time() - between))
    made, found = np.array(spent[len(spent) // 2 :]).T * 1e3  # the first half warms the index up
    return [float(np.median(made)), float(np.median(found)), float(np.percentile(found, 90))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--attacks", default=",".join(ATTACKS))
    parser.add_argument("--whole", action="store_true", help="measure whole-picture codes beside it")
    options = parser.parse_args()
    rng = np.random.default_rng(5)
    paths = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    pictures = [load_picture(path, channels="luminance") for path in paths]
    started = time.perf_counter()
    codes = np.concatenate([fingerprint_picture(one, [PARTS])[0].codes for one in pictures])
    print(f"{len(paths)} pictures, {(time.perf_counter() - started) / len(paths) * 1e3:.2f} ms each to fingerprint")
    asked = rng.permutation(len(paths))[: options.queries].tolist()
    index = make_index(codes)
    wanted: Callable[[str], bool] = options.attacks.split(",").__contains__
    held = (
        {recipe: [fingerprint_picture(one, [parse_recipe(recipe)])[0] for one in pictures] for recipe in WHOLE}
        if (options.whole)
        else {}
    )
    for name in filter(wanted, ATTACKS):
        found, verified, false = recall_of_parts(index, paths, asked, name)
        beside = [f"{recipe} {recall_of_whole(held[recipe], paths, asked, name, recipe):.2f}" for recipe in held]
        pairs = len(asked) * (len(paths) - 1)
        print(
            f"{name:12} found {found:.2f} verified {verified:.2f} false {false} of {pairs} pairs", *beside, flush=True
        )
    others = np.delete(codes, asked, axis=0)
    for number in filter(None, (options.images // 10, options.images)):
        large = np.concatenate([codes[asked], draw_codes(others, number - len(asked), rng)])
        index = make_index(large)
        for name in ("crop10", "crop25", "screenshot"):
            queries = [as_picture(attack(Image.open(paths[one]).convert("RGB"), name, one)) for one in asked]
            made, found, slow = time_queries(index, queries * 2)
            again = sum(
                place in [one.id for one in find_parts(ask_parts(query), index)] for place, query in enumerate(queries)
            )
            print(
                f"{number:,} images, {name}: {made:.1f} ms for the query's parts, {found:.1f} ms to find (90 %: "
                f"{slow:.1f}), {again / len(asked):.2f} found, {index.engine.bytes_used / number:.0f} bytes an image "
                "in the engine",
                flush=True,
            )


if __name__ == "__main__":
    main()
