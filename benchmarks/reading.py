"""Where the time goes between a JPEG's bytes and its fingerprints, and what is left above the decoder.

    python benchmarks/reading.py [--every 20] [--rounds 7] [--plot docs/reading.svg] [--json]

One process on one core, the files' bytes in memory but for the stage that reads them. Contenders take turns picture by
picture, in an order drawn anew each round (seeded), and of each picture the least processor time of the rounds counts.
Decoders: Pillow with draft(), simplejpeg (libjpeg-turbo) and OpenCV's reduced reads. The floor is the luminance alone
at an eighth of the size: reading the entropy-coded data, and next to no arithmetic.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import random
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import cv2
import imagehash
import numpy as np
import simplejpeg
from blake3 import blake3
from PIL import Image

from lookalike.fingerprints import fingerprint_picture, parse_recipes
from lookalike.fingerprints.views import Views
from lookalike.images import Limits, load_picture, read_bytes
from lookalike.images.jpeg import decode_luminance, read_head
from lookalike.images.reduction import find_factor
from lookalike.jobs.fingerprint_source import fingerprint_source

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
FIVE = parse_recipes("ahash,phash,dhash,whash,colorhash")
ONE = parse_recipes("dhash")
CLASSIC = (imagehash.average_hash, imagehash.phash, imagehash.dhash, imagehash.whash, imagehash.colorhash)
SCALES = (1, 2, 4, 8)
REDUCED = {
    True: (cv2.IMREAD_GRAYSCALE, cv2.IMREAD_REDUCED_GRAYSCALE_2, cv2.IMREAD_REDUCED_GRAYSCALE_4,
           cv2.IMREAD_REDUCED_GRAYSCALE_8),
    False: (cv2.IMREAD_COLOR, cv2.IMREAD_REDUCED_COLOR_2, cv2.IMREAD_REDUCED_COLOR_4, cv2.IMREAD_REDUCED_COLOR_8),
}  # fmt: skip

Work = Callable[[bytes, Path], object]


def by_pillow(mode: str, factor: int | None) -> Work:
    def work(data: bytes, _path: Path) -> None:
        image = Image.open(io.BytesIO(data))
        scale = factor or rule(image.width, image.height)
        image.draft(mode, (image.width // scale, image.height // scale))
        image.load()

    return work


def by_simplejpeg(mode: str, factor: int | None) -> Work:
    def work(data: bytes, _path: Path) -> None:
        height, width, _, _ = simplejpeg.decode_jpeg_header(data)
        scale = factor or rule(width, height)
        least = (-(-height // scale), -(-width // scale)) if scale > 1 else (0, 0)
        name = "GRAY" if mode == "L" else "RGB"
        simplejpeg.decode_jpeg(data, name, fastdct=False, fastupsample=False, min_height=least[0], min_width=least[1])

    return work


def by_opencv(mode: str, factor: int) -> Work:
    flag = REDUCED[mode == "L"][SCALES.index(factor)] | cv2.IMREAD_IGNORE_ORIENTATION
    return lambda data, _path: cv2.imdecode(np.frombuffer(data, np.uint8), flag)


def rule(width: int, height: int) -> int:
    """How far Lookalike has a JPEG of this size reduced by its decoder."""
    return min(8, find_factor(min(width, height)))


def classic(data: bytes, _path: Path) -> None:
    """As its users write it: every family opens the picture anew."""
    for family in CLASSIC:
        with Image.open(io.BytesIO(data)) as image:
            family(image)


def survey_picture(picture) -> None:
    Views.of(picture).prepare([(9, 8)])


def measure(pictures: list[tuple[bytes, Path]], contenders: dict[str, Work], rounds: int) -> dict[str, float]:
    """Milliseconds a picture: the mean over pictures of each one's least processor time."""
    order = random.Random(20261124)
    least = {name: [float("inf")] * len(pictures) for name in contenders}
    for _ in range(rounds):
        for number, (data, path) in enumerate(pictures):
            names = list(contenders)
            order.shuffle(names)
            for name in names:
                started = time.process_time()
                contenders[name](data, path)
                least[name][number] = min(least[name][number], time.process_time() - started)
    return {name: 1000 * sum(times) / len(times) for name, times in least.items()}


def decoders() -> dict[str, Work]:
    makers = {"Pillow draft": by_pillow, "simplejpeg": by_simplejpeg, "OpenCV": by_opencv}
    return {
        f"{name} | {mode} | 1/{scale}": make("L" if mode == "luminance" else "RGB", scale)
        for name, make in makers.items()
        for mode in ("luminance", "RGB")
        for scale in SCALES
    }


def stages(pictures: list[tuple[bytes, Path]], rounds: int) -> dict[str, float]:
    """The parts of one dhash, each by itself; *rest* is what the whole takes beyond them."""
    limits = Limits()
    loaded = {data: load_picture(data, channels="luminance") for data, _ in pictures}

    def decode(data: bytes, _path: Path) -> None:
        head = read_head(data)
        decode_luminance(data, head, rule(head.width, head.height))

    times = measure(
        pictures,
        {
            "read": lambda _data, path: read_bytes(path, limits),
            "content hash": lambda data, _path: blake3(data).digest(),
            "floor": by_simplejpeg("L", 8),
            "decode": decode,
            "load": lambda data, _path: load_picture(data, channels="luminance"),
            "survey": lambda data, _path: survey_picture(loaded[data]),
            "fingerprint": lambda data, _path: fingerprint_picture(loaded[data], ONE),
            "whole": lambda _data, path: whole(path, limits),
        },
        rounds,
    )
    parts = {
        "read": times["read"],
        "content hash": times["content hash"],
        "entropy decoding": times["floor"],
        "other decoding": times["decode"] - times["floor"],
        "header, upright, ICC": times["load"] - times["decode"],
        "thumbnail and quality": times["survey"],
        "bits": times["fingerprint"] - times["survey"],
    }
    return {**parts, "rest": times["whole"] - sum(parts.values()), "whole": times["whole"]}


def whole(path: Path, limits: Limits) -> None:
    data = read_bytes(path, limits)
    blake3(data).digest()
    fingerprint_source(data, ONE, limits)


def draw(figures: dict[str, dict[str, float]], path: Path) -> None:
    """Two bars, one for each set of pictures: the shares of a dhash's time."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "reading"
    from matplotlib import pyplot as plt

    names = [name for name in next(iter(figures.values())) if name != "whole"]
    figure, axes = plt.subplots(figsize=(9, 2.8), layout="constrained")
    for row, parts in enumerate(figures.values()):
        left = 0.0
        for number, name in enumerate(names):
            share = 100 * max(0.0, parts[name]) / parts["whole"]
            color = plt.get_cmap("tab10")(number)
            axes.barh(row, share, left=left, color=color, label=name if row == 0 else None)
            if share > 4:
                axes.text(left + share / 2, row, f"{parts[name]:.2f}", ha="center", va="center", fontsize=8)
            left += share
    axes.set_yticks(range(len(figures)), [f"{title}\n{parts['whole']:.2f} ms" for title, parts in figures.items()])
    axes.set_xlabel("share of the time of one dhash, %; figures are milliseconds")
    axes.set_xlim(0, 101)
    figure.legend(loc="outside upper center", ncols=5, fontsize=8, frameon=False)
    figure.savefig(path, metadata={"Date": None})


def report(title: str, pictures: list[tuple[bytes, Path]], rounds: int) -> dict[str, dict[str, float]]:
    decoded = measure(pictures, decoders(), rounds)
    five = measure(
        pictures,
        {
            "five recipes": lambda data, _path: fingerprint_source(data, FIVE, Limits()),
            "dhash alone": lambda data, _path: fingerprint_source(data, ONE, Limits()),
            "simplejpeg, RGB, same size": by_simplejpeg("RGB", None),
            "simplejpeg, luminance, same size": by_simplejpeg("L", None),
            "floor: luminance at 1/8": by_simplejpeg("L", 8),
        },
        rounds,
    )
    five["plain imagehash loop"] = measure(pictures, {"classic": classic}, 1)["classic"]
    return {"decoders": decoded, "recipes": five, "stages": stages(pictures, rounds), "title": {title: len(pictures)}}


def show(title: str, figures: dict[str, dict[str, float]]) -> None:
    print(f"\n### {title}, {figures['title'][title]} pictures, milliseconds a picture\n")
    print("| decoder | channels | " + " | ".join(f"1/{scale}" for scale in SCALES) + " |")
    print("|---|---|" + "---|" * len(SCALES))
    for row in dict.fromkeys(name.rpartition(" | ")[0] for name in figures["decoders"]):
        print(f"| {row} | " + " | ".join(f"{figures['decoders'][f'{row} | 1/{scale}']:.2f}" for scale in SCALES) + " |")
    print("\n| | ms | against simplejpeg RGB | against the floor |")
    print("|---|---|---|---|")
    recipes = figures["recipes"]
    for name, took in recipes.items():
        against = [took / recipes[peer] for peer in ("simplejpeg, RGB, same size", "floor: luminance at 1/8")]
        print(f"| {name} | {took:.2f} | {against[0]:.2f} | {against[1]:.2f} |")
    print("\n| stage of one dhash | ms |\n|---|---|")
    for name, took in figures["stages"].items():
        print(f"| {name} | {took:.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=20, help="take each N-th photo of clothing only")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    sets = {
        "clothing": sorted((DATA / "clothing" / "images").glob("*.jpg"))[:: options.every],
        "camera photos": sorted((DATA / "photos-large").glob("*.jpg")),
    }
    figures = {
        title: report(title, [(path.read_bytes(), path) for path in paths], options.rounds)
        for title, paths in sets.items()
        if paths
    }
    if not figures:
        raise SystemExit(f"no photos were found under {DATA}")
    if options.plot:
        draw({title: figure["stages"] for title, figure in figures.items()}, options.plot)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    peers = ", ".join(f"{name} {version(name)}" for name in ("pillow", "simplejpeg", "imagehash", "numpy"))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}; {peers}, OpenCV {cv2.__version__}")
    for title, figure in figures.items():
        show(title, figure)


if __name__ == "__main__":
    main()
