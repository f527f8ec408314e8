"""What each engine costs and finds on the codes of one catalog, measured side by side.

The queries are codes of the catalog that the engines aren't given, so that they ask as a new picture would. Recall is
worked out here from the ids answered and the codes behind them: no engine is trusted about its own quality.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog import Store
from lookalike.errors import MissingExtra, NotInCatalog
from lookalike.jobs.recipe_rows import load_recipe_rows
from lookalike.model import Codes, Distances, Ids, Recipe
from lookalike.search import Engine, IdRange, Words

PROBE_ROWS = 2_000
"""Rows over which a build is tried first: some tenths of a second with the slowest engine."""

LEAST_QUERIES = 5
"""Asked even where the time is up, so that a median means something."""

SEED = 20260101

MakeEngine = Callable[[str], type[Engine]]


@dataclass(frozen=True, slots=True)
class BenchLimits:
    """How much is measured.

    Attributes:
        k: neighbours asked for.
        rows: codes held at most; a random part of a larger catalog.
        queries: asked at most, of one engine; a fifth of a small catalog.
        seconds: for one engine; one whose build should take longer is left out. Of an engine that has been built, no
            query begins when a quarter of this time has gone by.
    """

    k: int = 9  # the classic way's number of neighbours
    rows: int = 100_000
    queries: int = 200  # the 99th percentile then stands on two of them
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """What was measured of one engine.

    Attributes:
        engine: its registry name. exact: whether it promises every true neighbour.
        rows: codes held.
        queries: how many were asked, one at a time; 0 where the engine was left out.
        build_ms: until the first question was answered, whatever the engine builds for it included.
        bytes: of the rows and of the engine's own index.
        median_ms, p99_ms: of one query; p99 is that of the slowest in a hundred.
        recall: share of the k places that hold a true neighbour, 0 to 1.
        skipped: why nothing was measured.
    """

    engine: str
    exact: bool
    rows: int
    queries: int = 0
    build_ms: float | None = None
    bytes: int | None = None
    median_ms: float | None = None
    p99_ms: float | None = None
    recall: float | None = None
    skipped: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The documented JSON shape."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What every engine is measured on: *words* to hold, *queries* to ask, and how far the true k-th of each is."""

    recipe: Recipe
    words: Words
    queries: Codes
    true_kth: Distances
    k: int

    def recall(self, ids: Ids) -> float:
        """The share of the places that hold a true neighbour; ids (q, k) are positions, -1 where there is none."""
        asked = self.queries[: len(ids)]
        filled = np.zeros((len(asked), self.words.shape[1] * 8), np.uint8)
        filled[:, : asked.shape[1]] = asked
        apart = np.bitwise_count(self.words[ids] ^ filled.view(np.uint64)[:, None, :]).sum(axis=2, dtype=np.int64)
        return float(np.mean((ids >= 0) & (apart <= self.true_kth[: len(ids), None])))


def bench_engines(
    store: Store, recipe: Recipe, engines: Sequence[str], limits: BenchLimits, *, make_engine: MakeEngine
) -> Iterator[EngineFigures]:
    """Measure *engines*, one after another; yields each one's figures when it is done.

    Raises:
        NotInCatalog: the catalog has fewer than two codes of *recipe*.
    """
    ground = prepare_ground(store, recipe, limits, make_engine("exact"))
    for name in engines:
        yield measure_engine(name, ground, limits, make_engine)


def prepare_ground(store: Store, recipe: Recipe, limits: BenchLimits, exact: type[Engine]) -> Ground:
    """Draw rows and queries from the catalog, the same for the same catalog."""
    words = load_recipe_rows(store, recipe).words
    if len(words) < 2:
        raise NotInCatalog(f"the catalog has {len(words)} {recipe} codes; engines are measured over at least 2")
    drawn = np.random.default_rng(SEED).permutation(len(words))
    asked = max(1, min(limits.queries, len(words) // 5))
    held = np.sort(drawn[asked : asked + limits.rows])
    queries = words[drawn[:asked]].view(np.uint8)[:, : (recipe.distance_bits + 7) // 8].copy()
    engine = exact(recipe.distance_bits)
    engine.adopt(IdRange(0, len(held)), words[held])
    _, distances = engine.nearest(queries, limits.k)
    return Ground(recipe, words[held], queries, distances[:, -1], distances.shape[1])


def measure_engine(name: str, ground: Ground, limits: BenchLimits, make_engine: MakeEngine) -> EngineFigures:
    """One engine's figures, or why there are none."""
    maker, rows = make_engine(name), len(ground.words)
    try:
        expected_s = reckon_build_s(maker, ground)
    except MissingExtra as missing:
        return EngineFigures(name, maker.exact, rows, skipped=str(missing))
    if expected_s > limits.seconds:
        reason = f"building would take about {expected_s:,.0f} s, more than {limits.seconds:g} s"
        return EngineFigures(name, maker.exact, rows, skipped=reason)
    engine, build_s = build(maker, ground.words, ground)
    times, found = ask(engine, ground, deadline=time.perf_counter() + limits.seconds / 4)
    return EngineFigures(
        name,
        engine.exact,
        rows,
        queries=len(times),
        build_ms=round(build_s * 1e3, 3),
        bytes=engine.bytes_used,
        median_ms=round(float(np.median(times)) * 1e3, 4),
        p99_ms=round(float(np.percentile(times, 99, method="higher")) * 1e3, 4),
        recall=round(ground.recall(found), 4),
    )


def reckon_build_s(maker: type[Engine], ground: Ground) -> float:
    """Seconds that a build over all rows should take, from one over few; no time where few are all.

    Trees cost n log n, graphs somewhat more. The probe also imports what the engine needs, before anything is timed.
    """
    rows = len(ground.words)
    if rows <= 2 * PROBE_ROWS:
        maker(ground.recipe.distance_bits)
        return 0.0
    build(maker, ground.words[:2], ground)
    _, taken_s = build(maker, ground.words[:PROBE_ROWS], ground)
    return taken_s * rows * math.log(rows) / (PROBE_ROWS * math.log(PROBE_ROWS))


def build(maker: type[Engine], words: Words, ground: Ground) -> tuple[Engine, float]:
    """An engine over *words* that has answered its first question, and the seconds until then."""
    engine = maker(ground.recipe.distance_bits)
    started = time.perf_counter()
    engine.adopt(IdRange(0, len(words)), words)
    engine.nearest(ground.queries[:1], ground.k)
    return engine, time.perf_counter() - started


def ask(engine: Engine, ground: Ground, *, deadline: float) -> tuple[list[float], NDArray[np.int64]]:
    """Seconds of each query, asked one at a time until the deadline of ``time.perf_counter``, and the ids found."""
    times, found = [], []
    for at in range(len(ground.queries)):
        query = ground.queries[at : at + 1]
        started = time.perf_counter()
        if at >= LEAST_QUERIES and started > deadline:
            break
        ids, _ = engine.nearest(query, ground.k)
        times.append(time.perf_counter() - started)
        found.append(ids)
    return times, np.concatenate(found)
