"""What bounds a single query over wide codes: our scan, FAISS's, and a plain read of the same memory, in one run.

    python benchmarks/wide_codes.py [--rounds 10] [--patience-s 10] [--threads 1] [--widths 256 1024] [--json]

10 nearest of 1,000,000 random codes. The three take turns of 12 queries, so that each finds its own codes in the caches
as far as they fit, and then turns of one query, where each finds them full of the others' codes. A round begins when
two cores are idle, or after --patience-s, and counts if all cores but one were idle during it; where none counts, all
do. The second table says what share of rows a filter leaves that reads less than all of a code; the clothing photos
stand beside the repository, or are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

import faiss
import numpy as np
from codes import CLOTHING, SHAPES
from figures import K, circumstances, cores_become_idle, idle_since, idle_ticks, milliseconds

from lookalike.search import HammingIndex

ROWS = 1_000_000
QUERIES = 120
LONG_TURN = 12
OTHERS_IDLE = os.cpu_count() - 1.2  # while one core works; 0.2 are the system's own
FILTER_ROWS, FILTER_QUERIES = 20_000, 50
# The 10th of 1,000,000 random codes: 1 of 100,000 rows lies so many standard deviations below the mean.
TENTH_OF_A_MILLION = 4.265
RECIPES = ("phash:16", "dhash:16", "whash:16", "phash:32", "dhash:32", "whash:32")


def speed(width_bits, threads, rounds, patience_s):
    """Medians and least times of each, in milliseconds, in both kinds of turns."""
    codes, queries = SHAPES["random"](ROWS, width_bits, QUERIES)
    ours = HammingIndex(width_bits, threads=threads)
    ours.add(np.arange(ROWS), codes)
    faiss.omp_set_num_threads(threads)
    theirs = faiss.IndexBinaryFlat(width_bits)
    theirs.add(codes)
    found, expected = ours.nearest(queries[:5], K)[1], theirs.search(queries[:5], K)[0]
    if not np.array_equal(found, expected):
        raise SystemExit(f"the answers differ: {found} and {expected}")
    memory = ours._rows.words.ravel()
    contestants = {
        "lookalike": lambda at: ours.nearest(queries[at : at + 1], K),
        "faiss": lambda at: theirs.search(queries[at : at + 1], K),
        "plain read": lambda _: np.bitwise_or.reduce(memory),
    }
    result = {"width_bits": width_bits, "threads": threads, "megabytes": memory.nbytes / 1e6}
    for length, turns in ((LONG_TURN, 1), (1, LONG_TURN)):
        quiet, busy = [], []
        for _ in range(rounds):
            cores_become_idle(2, patience_s)
            before, taken = idle_ticks(), {}
            for turn in range(turns):
                for name, call in contestants.items():
                    asked = [lambda call=call, at=turn + at: call(at) for at in range(length)]
                    taken.setdefault(name, []).extend(milliseconds(asked))
            (quiet if idle_since(before) >= OTHERS_IDLE else busy).append(taken)
        word = "turns of one" if length == 1 else f"turns of {length}"
        result[word] = {"quiet_rounds": len(quiet), "rounds": rounds}
        for name in contestants:
            times = np.concatenate([taken[name] for taken in quiet or busy])
            result[word][name] = {
                "median_ms": round(float(np.median(times)), 3),
                "least_ms": round(float(times.min()), 3),
            }
    return result


def survivors(codes, queries, radius=None):
    """The share of rows that each filter leaves: bits read from the front, alone and with popcounts of the rest.

    Bits of a row differ from the query's by at least the difference of how many are set, word by word: a bound that
    costs a byte a word. *radius* is the true distance of the k-th nearest, or None to find it.
    """
    words, asked = codes.view(np.uint64), queries.view(np.uint64)
    apart = np.bitwise_count(words[None] ^ asked[:, None]).astype(np.int32).cumsum(axis=2)
    least = np.abs(np.bitwise_count(words)[None].astype(np.int32) - np.bitwise_count(asked)[:, None])
    after = least[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    limit = np.sort(apart[:, :, -1], axis=1)[:, K - 1] if radius is None else np.full(len(queries), radius)
    limit = limit[:, None]
    row = {"10th": int(np.median(limit)), "popcounts alone": float(np.mean(after[:, :, 0] <= limit))}
    for quarters in (2, 3):
        cut = words.shape[1] * quarters // 4
        row[f"{quarters}/4 of the bits"] = float(np.mean(apart[:, :, cut - 1] <= limit))
        row[f"{quarters}/4 and popcounts"] = float(np.mean(apart[:, :, cut - 1] + after[:, :, cut] <= limit))
    return {name: round(value, 3) for name, value in row.items()}


def filters():
    random = np.random.default_rng(1)
    table = {}
    for width in (256, 1024):
        codes, queries = (random.integers(0, 256, (n, width // 8), np.uint8) for n in (FILTER_ROWS, FILTER_QUERIES))
        radius = round(width / 2 - TENTH_OF_A_MILLION * width**0.5 / 2)
        table[f"random, {width} bits, of a million"] = survivors(codes, queries, radius)
    if not CLOTHING.is_dir():
        print("clothing is left out: the pictures aren't beside the repository", file=sys.stderr)
        return table
    from lookalike.fingerprints import fingerprint_picture, parse_recipe
    from lookalike.images import load_picture

    recipes = [parse_recipe(text) for text in RECIPES]
    made = [fingerprint_picture(load_picture(path), recipes) for path in sorted(CLOTHING.rglob("*.jpg"))]
    for number, text in enumerate(RECIPES):
        codes = np.concatenate([fingerprints[number].codes for fingerprints in made])
        queries = codes[random.choice(len(codes), FILTER_QUERIES, replace=False)]
        table[f"clothing, {text}, of {len(codes):,}"] = survivors(codes, queries)
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--patience-s", type=float, default=10, help="how long a round waits for idle cores")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--widths", type=int, nargs="+", default=[256, 1024])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    told = circumstances()
    speeds = [speed(width, given.threads, given.rounds, given.patience_s) for width in given.widths]
    left = filters()
    if given.json:
        print(json.dumps({**told, "speeds": speeds, "filters": left}, indent=2))
        return
    print(told["machine"], told["kernel"], f"{told['idle_cores']} cores idle before the run")
    for result in speeds:
        for word in [word for word in result if word.startswith("turns")]:
            counted = f"{result[word]['quiet_rounds']} of {result[word]['rounds']} rounds were quiet"
            print(f"\n{result['width_bits']} bits, {result['megabytes']:.0f} MB, {word}; {counted}")
            for name in ("lookalike", "faiss", "plain read"):
                times = result[word][name]
                rate = result["megabytes"] / times["median_ms"]
                print(
                    f"  {name:<10} median {times['median_ms']:.3f} ms, least {times['least_ms']:.3f}, {rate:.1f} GB/s"
                )
            ours, theirs = (result[word][name] for name in ("lookalike", "faiss"))
            ratios = (theirs[least] / ours[least] for least in ("median_ms", "least_ms"))
            by_medians, by_least = ratios
            print(f"  {by_medians:.2f} times as fast as faiss by medians, {by_least:.2f} by least times")
    print("\nshare of rows that a filter leaves")
    for name, row in left.items():
        print(f"  {name}: " + ", ".join(f"{word} {value}" for word, value in row.items()))


if __name__ == "__main__":
    main()
