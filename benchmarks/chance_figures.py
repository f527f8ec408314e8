"""Measures what benchmarks/chance.py writes: chance models against pairs that they haven't seen."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from lookalike.fingerprints import parse_recipe
from lookalike.jobs.measure_chance import PANELS, count_pairs
from lookalike.jobs.recipe_rows import RecipeRows, load_recipe_rows
from lookalike.rendering.products.copies import TRANSFORMS
from lookalike.worth import ChanceModel, combined_probability, shared_scale
from lookalike.worth.tail import _log_tosses, _regress, occurring

SEED = 20260101
SPLITS = 12
LEVELS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
FEW = 200
TAILS = {  # weight of the binomial's logarithm, degree of the polynomial, share of the pairs that is fitted
    "exponential": (0.0, 1, 0.01),
    "parabola": (0.0, 2, 0.004),
    "half a binomial, parabola": (0.5, 2, 0.004),
    "binomial, parabola": (1.0, 2, 0.004),
    "half a binomial, parabola, of 2 %": (0.5, 2, 0.02),
    "half a binomial, parabola, of 10 %": (0.5, 2, 0.1),
}


def all_distances(catalog, recipe):
    """Bits between every two pictures, int (n, n): of several codes the nearest two."""
    rows = load_recipe_rows(catalog.store, recipe)
    begins = np.flatnonzero(np.append(True, rows.owners[1:] != rows.owners[:-1]))
    ends = np.append(begins[1:], len(rows.owners))
    table = np.empty((len(begins), len(begins)), np.int16)
    for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        apart = np.bitwise_count(rows.words[begin:end, None, :] ^ rows.words[None]).sum(axis=2, dtype=np.int16).min(0)
        table[place] = np.minimum.reduceat(apart, begins)
    return table


def copies_among(tables):
    """Which pairs count as copies, as the job tells: near under two witnesses of a panel."""
    panels = ([tables[name] <= share * parse_recipe(name).width_bits for name, share in one.items()] for one in PANELS)
    return np.any([np.sum(near, axis=0) > 1 for near in panels], axis=0)


def planted_among(catalog):
    """Which pairs of a drawn shop are made of one picture, by its table: the job needn't see all of them."""
    owners = np.unique(load_recipe_rows(catalog.store, parse_recipe("pdq")).owners).tolist()
    files = [one.files[0] for one in catalog.store.contents(owners)]
    roots = np.array([Path(one.attributes.get("copy_of") or os.fsdecode(one.path)).stem for one in files])
    return roots[:, None] == roots[None, :]


def counts_of(table, copies, chosen, width_bits):
    """Pairs of *chosen* pictures at each distance, copies left out."""
    upper = np.triu_indices(len(chosen), 1)
    part = table[np.ix_(chosen, chosen)][upper][~copies[np.ix_(chosen, chosen)][upper]]
    return np.bincount(part, minlength=width_bits + 1).astype(float)


def halves(table, copies, planted, width_bits, few=0):
    """Shares predicted from one part and pairs counted in the other, summed over random splits: by distance."""
    random = np.random.default_rng(SEED)
    predicted, counted, pairs, models = [], np.zeros(width_bits + 1), 0.0, []
    for _ in range(SPLITS):
        order = random.permutation(len(table))
        known, rest = (order[:few], order[few:]) if few else (order[: len(order) // 2], order[len(order) // 2 :])
        models.append(ChanceModel("x", counts_of(table, copies, known, width_bits), len(known)))
        unseen = counts_of(table, copies | planted, rest, width_bits)
        predicted.append(models[-1].probabilities(np.arange(width_bits + 1)))
        counted += np.cumsum(unseen)
        pairs += unseen.sum()
    return np.array(predicted), counted / pairs, pairs / SPLITS, models


def level_rows(name, recipe, table, copies, planted, width_bits):
    """At each level: the distance, what was counted, what was predicted, of halves and of few pictures."""
    predicted, counted, pairs, models = halves(table, copies, planted, width_bits)
    small, rest, _, _ = halves(table, copies, planted, width_bits, few=FEW)
    lattice = occurring(models[0].counts)
    rows = []
    for level in LEVELS:
        reached = lattice[counted[lattice] * pairs >= 0.5]  # at least one pair in two splits
        place = reached[np.argmin(np.abs(np.log(np.maximum(counted[reached], 1e-12) / level)))]
        if abs(np.log(counted[place] / level)) > np.log(3.2):
            continue
        ratios = np.exp(np.log(predicted[:, place]).mean()) / counted[place]
        few = small[:, place] / rest[place]
        rows.append((name, recipe, int(place), counted[place], counted[place] * pairs, ratios, few.min(), few.max()))
    curve = [(int(d), counted[d], predicted[:, d].min(), predicted[:, d].max()) for d in lattice if counted[d] < 0.05]
    return rows, curve


def tail_errors(table, copies, width_bits, known_pictures):
    """Of each way to continue the curve: mean |log2(predicted / counted)| where fewer than 1 in 500 pairs lie."""
    random = np.random.default_rng(SEED)
    errors = {name: [] for name in [*TAILS, "beta-binomial", "as built"]}
    for _ in range(SPLITS // 2):
        order = random.permutation(len(table))
        known = counts_of(table, copies, order[:known_pictures], width_bits)
        unseen = np.cumsum(counts_of(table, copies, order[known_pictures:], width_bits))
        distances = occurring(known)
        places = [i for i, d in enumerate(distances) if unseen[d] >= 4 and unseen[d] / unseen[-1] < 2e-3]
        for name in errors:
            shares = continued(known, distances, width_bits, name)
            errors[name] += [abs(np.log2(shares[i] / (unseen[distances[i]] / unseen[-1]))) for i in places]
    return {name: (float(np.mean(values)) if values else None) for name, values in errors.items()}


def continued(counts, distances, width_bits, name):
    """Shares at most at each occurring distance: counted from 30 pairs on, before as *name* says."""
    if name == "as built":
        return ChanceModel("x", counts, 1000).probabilities(distances)
    seen = counts[distances]
    reached = np.cumsum(seen)
    if name == "beta-binomial":
        fitted = beta_binomial(seen, distances, width_bits)
    else:
        weight, degree, share = TAILS[name]
        last = max(min(int(np.searchsorted(reached, share * reached[-1])), int(seen.argmax())), 3) + 1
        powers = np.vander(distances / width_bits, degree + 1, increasing=True)
        offset = weight * _log_tosses(distances, width_bits)
        coefficients, _ = _regress(powers[:last], seen[:last], offset[:last])
        fitted = np.exp(np.minimum(offset + powers @ coefficients, 100)) / reached[-1]
    counted = int(np.searchsorted(reached, 30))
    shares = reached / reached[-1]
    shares[:counted] = np.minimum(np.cumsum(fitted)[:counted], shares[counted])
    return np.maximum(shares, 1e-300)


def beta_binomial(seen, distances, width_bits):
    """By the moments of all pairs."""
    step = int(distances[1])
    bits, x = width_bits // step, distances / step
    mean = (seen * x).sum() / seen.sum()
    variance = (seen * x * x).sum() / seen.sum() - mean * mean
    p = mean / bits
    inner = min(max((variance / (bits * p * (1 - p)) - 1) / (bits - 1), 1e-4), 0.999)
    a, b = p * (1 / inner - 1), (1 - p) * (1 / inner - 1)
    logs = log_beta(x + a, bits - x + b) - log_beta(a, b) - log_beta(x + 1, bits - x + 1) - np.log(bits + 1)
    return np.exp(logs)


def log_beta(a, b):
    from scipy.special import betaln

    return betaln(a, b)


def crowd_rows(table, width_bits, level):
    """Quarters of the queries by crowd: (chance neighbours counted, expected on average, expected with density)."""
    random = np.random.default_rng(SEED)
    order = random.permutation(len(table))
    known, rest = order[: len(order) // 2], order[len(order) // 2 :]
    upper = np.triu_indices(len(known), 1)
    counts = np.bincount(table[np.ix_(known, known)][upper], minlength=width_bits + 1).astype(float)
    model = ChanceModel("x", counts, len(known))
    radius = int(np.searchsorted(model.probabilities(np.arange(width_bits + 1)), level))
    density = np.array([model.density(table[query, known]) for query in rest])
    near = (table[np.ix_(rest, rest)] <= radius).sum(axis=1) - 1
    average = (len(rest) - 1) * model.probability(radius)
    quarters = np.array_split(np.argsort(density), 4)
    return radius, [(near[q].mean(), average, average * density[q].mean()) for q in quarters]


def joint_rows(tables, names, models):
    """Share of pairs at or below a combined chance of 1 in 100, 1,000 and 10,000, over that chance, in three ways."""
    upper = np.triu_indices(len(next(iter(tables.values()))), 1)
    shares = np.stack([models[name].probabilities(tables[name][upper]) for name in names])
    total = -np.log(shares).sum(axis=0)
    scale = shared_scale(list(-np.log(shares[:, ::50])))
    strongest = shares.min(axis=0) * len(names)
    rows = {}
    for label, width in (("Brown", scale), ("Fisher", 1.0)):
        grid = np.linspace(0, total.max() + 1, 4000)
        tail = np.array([combined_probability([np.exp(-t)] + [1.0] * (len(names) - 1), width) for t in grid])
        together = np.interp(total, grid, tail)
        rows[label] = [(together <= level).mean() / level for level in (1e-2, 1e-3, 1e-4)]
    rows["strongest"] = [(strongest <= level).mean() / level for level in (1e-2, 1e-3, 1e-4)]
    return scale, rows


def word_rows(catalog, by, copied, queries):
    """How often each word is said: of edited copies, by what was done, and of the nearest other picture."""
    from PIL import Image

    words = {}
    paths = [item.path for item in catalog.sample(queries, seed=SEED)]
    for path in paths[:copied]:
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        for name, edit in TRANSFORMS.items():
            found = [m for m in catalog.search(edit(image), k=3, by=by) if m.path == path]
            words.setdefault(name, []).append(found[0].verdict if found else "not found")
    words["none: the nearest other picture"] = [catalog.search(path, k=1, by=by)[0].verdict for path in paths]
    return words


def fusion_rows(catalog, by, queries, copied):
    """Of each fusion: the share of the nine nearest with the query's label, and edited copies found first."""
    from PIL import Image

    rows = {}
    sample = catalog.sample(queries, seed=SEED + 1)
    edits = [edit for name, edit in TRANSFORMS.items() if "mirror" not in name and "rotated" not in name]
    for fusion in ("sum", "chance"):
        same = [
            match.attributes["label"] == item.attributes["label"]
            for item in sample
            for match in catalog.search(item.path, k=9, by=by, fusion=fusion)
        ]
        first = []
        for item in sample[:copied]:
            with Image.open(item.path) as opened:
                image = opened.convert("RGB")
            first += [catalog.search(edit(image), k=1, by=by, fusion=fusion)[0].path == item.path for edit in edits]
        rows[fusion] = (np.mean(same), np.mean(first), len(sample), len(first))
    return rows


def count_times(rows=1_000_000):
    """Processor seconds to count a large catalog's pairs, by width."""
    random = np.random.default_rng(SEED)
    times = {}
    for name, width in (("phash", 64), ("phash:16", 256), ("phash:32", 1024)):
        words = random.integers(0, 2**63, (rows, width // 64), dtype=np.int64).view(np.uint64)
        loaded = RecipeRows(np.arange(rows), words)
        best = []
        for _ in range(3):
            begin = time.process_time()
            count_pairs(None, parse_recipe(name), loaded, rows)
            best.append(time.process_time() - begin)
        times[width] = min(best)
    return times
