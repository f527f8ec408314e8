"""What `look` and the other families find: things of the same kind, and things of the same colour.

    python benchmarks/look.py --photos ../shared/data/clothing [--every 1]

Kinds: of the nine nearest photos by other contributors, the share with the query's label. Queries are photos of
contributors that the numbers of `look` were never trained on; answers come from all photos, or from the held-out
contributors' alone. Colours: the share of the nine nearest that have the query's colour, among drawn bags, and among
held-out photos whose garment was given one of twelve colours, its ground left as it was (needs opencv, and takes
masks from training/pictures.py).
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

import lookalike
from lookalike.fingerprints import ALGORITHMS, fingerprint_picture, parse_recipe
from lookalike.images import load_picture
from lookalike.rendering.products import make_products

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from contributors import held_out_contributors

K = 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="of held-out photos, ask every so many")
    given = parser.parse_args()
    with (given.photos / "items.csv").open(newline="", encoding="utf-8") as file:
        items = list(csv.DictReader(file))
    measure_kinds(given.photos, items, given.every)
    measure_colors("drawn bags", *drawn_bags())
    try:
        from recolouring import recolour_photos
    except ImportError as error:
        print(f"recoloured photos are left out: {error}")
    else:
        measure_colors("recoloured photos", *recolour_photos(given.photos, items))
    measure_time(given.photos, items)


def measure_kinds(folder: Path, items: list[dict[str, str]], every: int) -> None:
    labels = np.array([item["label"] for item in items])
    senders = np.array([item["sender_id"] for item in items])
    held = np.flatnonzero(np.isin(senders, sorted(held_out_contributors(senders.tolist()))))
    print(f"\n{len(held[::every])} photos of {len(set(senders[held]))} contributors asked, {len(items)} in all")
    print(f"{'family':16s} {'among all':>10s} {'held out':>10s}   share of the nine nearest with the query's label")
    paths = [str(folder / "images" / f"{item['image']}.jpg") for item in items]
    codes = codes_of(paths)
    for name, distances in distances_of(codes, held[::every]):
        distances[senders[held[::every]][:, None] == senders[None, :]] = 65_535
        every_one = precision(distances, labels, labels[held[::every]])
        among_held = precision(distances[:, held], labels[held], labels[held[::every]])
        print(f"{name:16s} {every_one:10.3f} {among_held:10.3f}", flush=True)


def measure_colors(title: str, pictures: list[Image.Image], colors: np.ndarray, owners: np.ndarray) -> None:
    """*owners* are whose a picture is; answers come from others."""
    chance = np.mean([(colors == color).mean() for color in colors])
    print(f"\n{title}: {len(pictures)} pictures, {len(set(colors))} colours; by chance {chance:.3f}")
    codes = codes_of([as_png(picture) for picture in pictures], ["whash", "colorhash", "look"])
    for name, distances in distances_of(codes, np.arange(len(pictures))):
        distances[owners[:, None] == owners[None, :]] = 65_535
        print(f"{name:16s} {precision(distances, colors, colors):10.3f}", flush=True)


def codes_of(sources: list, names: list[str] | None = None) -> dict[str, list[np.ndarray]]:
    names = names or list(ALGORITHMS)
    recipes = [parse_recipe(name) for name in names]
    codes: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for source in sources:
        made = [lookalike.fingerprint(source, recipe) for recipe in recipes]
        for name, fingerprint in zip(names, made, strict=True):
            codes[name].append(fingerprint.codes)
    return codes


def distances_of(codes: dict[str, list[np.ndarray]], asked: np.ndarray):
    """Each family's name and distances, int64 (asked, all); of `look` its two parts besides."""
    for name, parts in codes.items():
        yield name, part_distances(parts, asked)
    if "look" in codes:
        for name, held in (("look: shape", slice(0, 96)), ("look: colour", slice(96, 128))):
            yield name, part_distances([code[:, held] for code in codes["look"]], asked)


def part_distances(parts: list[np.ndarray], asked: np.ndarray) -> np.ndarray:
    """Of pictures with several codes, the distance of the nearest two."""
    owners = np.repeat(np.arange(len(parts)), [len(one) for one in parts])
    begins = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
    rows = np.concatenate(parts)
    found = np.empty((len(asked), len(parts)), np.int64)
    for place, query in enumerate(asked):
        nearest = [np.bitwise_count(rows ^ one).sum(axis=1, dtype=np.int64) for one in parts[query]]
        found[place] = np.minimum.reduceat(np.min(nearest, axis=0), begins)
    return found


def precision(distances: np.ndarray, truth: np.ndarray, wanted: np.ndarray) -> float:
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :K]
    return float((truth[nearest] == wanted[:, None]).mean())


def drawn_bags() -> tuple[list[Image.Image], np.ndarray, np.ndarray]:
    bags = [product for product in make_products(400) if product.planted is None]
    return [bag.image for bag in bags], np.array([bag.attributes["colour"] for bag in bags]), np.arange(len(bags))


def as_png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=1)
    return written.getvalue()


def measure_time(folder: Path, items: list[dict[str, str]], count: int = 100) -> None:
    """Milliseconds a picture that is decoded already; the median, since others may use the machine."""
    recipes = [parse_recipe("look")]
    times = []
    for item in items[:count]:
        picture = load_picture(str(folder / "images" / f"{item['image']}.jpg"), channels="stored")
        begun = time.perf_counter()
        fingerprint_picture(picture, recipes)
        times.append(time.perf_counter() - begun)
    print(f"\nlook: {1000 * np.median(times):.1f} ms a decoded photo (least {1000 * min(times):.1f}), one core")


if __name__ == "__main__":
    main()
