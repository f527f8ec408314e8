"""How near unrelated pictures of a catalog are by chance: sampled pairs, counted once and kept beside the index files.

A count is used until the catalog has changed by a tenth; it then hardly differs, and a search should not wait.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.fingerprints import parse_recipe
from lookalike.jobs.chance_file import ChanceCount, read_chance, write_chance
from lookalike.jobs.recipe_index import open_slots
from lookalike.jobs.recipe_rows import RecipeRows, load_recipe_rows
from lookalike.model import Ids, Recipe
from lookalike.worth import MODEL_PICTURES, ChanceModel, blend, default_model

SEED = 20260101
MOST_PAIRS = 1_000_000  # counted in 0.1 s; they reach down to 1 in 30,000, and the fit beyond
ALL_PAIRS = 2_200_000  # up to so many, which 2,100 pictures have, all are counted
MOST_ROW_PAIRS = 2_000_000  # of pictures with several codes each, every two codes are compared
MOST_WORDS = 8_000_000  # XORed, of wide codes: 64 MB from here and there take 0.2 s
BLOCK_PAIRS = 1 << 17

LEAST_PICTURES = 30  # without shipped numbers to lean on: 435 pairs
LARGEST_CHANGE = 0.1

COPY_SHARE = 1 / 32  # of the bits at most differ in the same picture saved again

# Fingerprints under which unrelated pictures are hardly ever so near, with the share of the bits. A pair that two of
# one panel call near are copies: of 2.1 million pairs of shop photos, all different, not one is. New catalogs have pdq
# and look: pdq moves by up to 24 of 256 bits where a picture is resized to 60 %, look by 49 of 1,024, docs/worth.md.
PANELS: tuple[dict[str, float], ...] = (
    {"phash": COPY_SHARE, "dhash": COPY_SHARE, "pdq": COPY_SHARE},
    {"pdq": 3 / 32, "look": 1 / 16},
)


def measure_chance(
    store: Store, recipe: Recipe, rows: RecipeRows | None = None, pictures: int | None = None
) -> ChanceModel | None:
    """What distances under *recipe* are worth in the catalog: as counted before, or counted now.

    Args:
        store: the catalog.
        recipe: one that it holds.
        rows: the recipe's rows, where they are loaded already.
        pictures: how many pictures they are of, where that is known.

    Returns:
        None where the catalog is too small to tell and no numbers are shipped for *recipe*.
    """
    if rows is None:
        rows = load_recipe_rows(store, recipe)
        if recipe.slots:
            rows, _ = open_slots(rows, recipe.slots)
    if pictures is None:
        pictures = 1 + int(np.count_nonzero(np.diff(rows.owners))) if len(rows.owners) else 0
    default = default_model(str(recipe), recipe.version)
    if pictures < 2 or (default is None and pictures < LEAST_PICTURES):
        return default
    count = read_chance(store, recipe)
    if count is None or has_changed(count, rows.owners, pictures):
        count = count_pairs(store, recipe, rows, pictures)
        write_chance(store, recipe, count)
    return model_of(count, str(recipe), recipe.version)


@lru_cache(maxsize=64)  # a server asks for the same again and again, and the curve takes longer than a search
def model_of(count: ChanceCount, recipe: str, version: int) -> ChanceModel:
    """The model that *count* gives, filled up with shipped numbers where it is of few pictures."""
    counts = np.array(count.counts, np.float64)
    default = default_model(recipe, version)
    if count.pictures < MODEL_PICTURES and default is not None:
        return blend(counts, default, count.pictures, left_out=count.left_out)
    return ChanceModel(recipe, counts, count.pictures, left_out=count.left_out)


def has_changed(count: ChanceCount, owners: Ids, pictures: int) -> bool:
    """Whether more than a tenth of the pictures came or went since *count*; ids of contents only ever rise."""
    younger = owners[np.searchsorted(owners, count.highest_id, side="right") :]
    came = 1 + int(np.count_nonzero(np.diff(younger))) if len(younger) else 0
    went = count.pictures + came - pictures
    return came + went > LARGEST_CHANGE * count.pictures


def count_pairs(store: Store, recipe: Recipe, rows: RecipeRows, pictures: int) -> ChanceCount:
    """Draw pairs of different pictures, the same each time, and count those at each distance, copies left out."""
    begins = np.flatnonzero(np.append(True, rows.owners[1:] != rows.owners[:-1]))
    first, second = draw_pairs(pictures, most_pairs(rows, pictures))
    counts = np.zeros(recipe.distance_bits + 1, np.int64)
    near = max(panel.get(str(recipe), COPY_SHARE) for panel in PANELS) * recipe.distance_bits
    suspects = []
    for start in range(0, len(first), BLOCK_PAIRS):
        block = slice(start, start + BLOCK_PAIRS)
        distances = pair_distances(rows, begins, first[block], second[block])
        counts += np.bincount(distances, minlength=len(counts))
        suspects.append(np.flatnonzero(distances <= near) + start)
    suspected = np.concatenate(suspects)
    copies = suspected[are_copies(store, rows.owners[begins[first[suspected]]], rows.owners[begins[second[suspected]]])]
    if len(copies):
        counts -= np.bincount(pair_distances(rows, begins, first[copies], second[copies]), minlength=len(counts))
    return ChanceCount(tuple(counts.tolist()), pictures, int(rows.owners[-1]), len(copies))


def most_pairs(rows: RecipeRows, pictures: int) -> int:
    """How many pairs are worth their time; wide codes and pictures of several codes take more."""
    codes_a_pair = (len(rows.owners) / pictures) ** 2
    most = min(MOST_PAIRS, MOST_ROW_PAIRS / codes_a_pair, MOST_WORDS / (codes_a_pair * rows.words.shape[1]))
    return int(most)


def draw_pairs(pictures: int, most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the two pictures of each pair: all pairs where there are few, otherwise *most* at random."""
    if pictures * (pictures - 1) // 2 <= min(ALL_PAIRS, 2.2 * most):
        first, second = np.triu_indices(pictures, 1)
        return first.astype(np.int64), second.astype(np.int64)
    random = np.random.default_rng(SEED)
    first = random.integers(0, pictures, most)
    second = (first + random.integers(1, pictures, most)) % pictures  # never the same
    return first, second


def pair_distances(
    rows: RecipeRows, begins: NDArray[np.int64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Bits between the pictures of each pair, those of their nearest two codes: int64 (pairs,).

    *begins* are each picture's first row; *first* and *second* count pictures.
    """
    words = rows.words
    if len(begins) == len(words):
        left, right = first, second
    else:
        ends = np.append(begins[1:], len(words))
        wide = (ends - begins)[second]
        codes = (ends - begins)[first] * wide
        starts = np.cumsum(codes) - codes
        ramp = np.arange(codes.sum()) - np.repeat(starts, codes)
        across = np.repeat(wide, codes)
        left = np.repeat(begins[first], codes) + ramp // across
        right = np.repeat(begins[second], codes) + ramp % across
    distances: NDArray[np.int64] = np.bitwise_count(words[left] ^ words[right]).sum(axis=1, dtype=np.int64)
    if len(begins) != len(words) and len(distances):
        distances = np.minimum.reduceat(distances, starts)
    return distances


def are_copies(store: Store, first: Ids, second: Ids) -> NDArray[np.bool_]:
    """Which pairs of contents two witnesses of one panel call near."""
    copies = np.zeros(len(first), np.bool_)
    if not len(first):
        return copies
    bits = {name: bits_between(store, parse_recipe(name), first, second) for panel in PANELS for name in panel}
    for panel in PANELS:
        votes = np.zeros(len(first), np.int64)
        for name, share in panel.items():
            votes += bits[name] <= share * parse_recipe(name).width_bits
        copies |= votes > 1
    return copies


def bits_between(store: Store, witness: Recipe, first: Ids, second: Ids) -> NDArray[np.int64]:
    """Bits under *witness*, a recipe of one code; more than it has where the catalog lacks either fingerprint."""
    bits = np.full(len(first), witness.width_bits + 1, np.int64)
    if not store.has_recipe(witness):
        return bits
    rows = load_recipe_rows(store, witness)
    places = [np.minimum(np.searchsorted(rows.owners, ids), len(rows.owners) - 1) for ids in (first, second)]
    held = (rows.owners[places[0]] == first) & (rows.owners[places[1]] == second)
    apart = np.bitwise_count(rows.words[places[0]] ^ rows.words[places[1]]).sum(axis=1, dtype=np.int64)
    bits[held] = apart[held]
    return bits
