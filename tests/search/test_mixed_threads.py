"""Four threads add, remove and ask one engine at once; each knows by a plain dict what its own questions must give."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lookalike.search import HammingIndex

THREADS = 4
STEPS = 25_000  # each: 100,000 in all
MOST = 60  # codes that one thread holds: the dict answers slowly
SPAN = 10**6  # ids that belong to one thread


def code_of(number):
    return np.frombuffer(number.to_bytes(8, "big"), np.uint8)[None, :]


def nearest_of(held, query, k):
    """(distance, id) of the k nearest, by the book."""
    return sorted(((query ^ number).bit_count(), id_) for id_, number in held.items())[:k]


def live(engine, which, steps, seed):
    """*steps* random steps over the ids of thread *which*; returns what it holds in the end."""
    chance = random.Random(f"{seed}-{which}")
    held = {}
    for _ in range(steps):
        step = chance.random()
        if (step < 0.3 and len(held) < MOST) or not held:
            id_ = which * SPAN + chance.randrange(SPAN)
            number = chance.getrandbits(64) if step < 0.2 else (1 << 64) - 1 >> chance.randrange(4)
            if id_ not in held:
                engine.add([id_], code_of(number))
                held[id_] = number
        elif step < 0.5:
            id_ = chance.choice(list(held))
            engine.remove([id_])
            del held[id_]
        else:
            query = chance.choice(list(held.values())) ^ (1 << chance.randrange(64))
            own = set(held)
            if step < 0.75:
                ids, distances = engine.nearest(code_of(query), 5, allow=own)
                found = list(zip(distances[0].tolist(), ids[0].tolist(), strict=True))[: len(held)]
                assert found == nearest_of(held, query, 5)
            else:
                radius = chance.choice([0, 2, 8, 30])
                ids, distances = engine.within(code_of(query), radius, allow=own)[0]
                found = list(zip(distances.tolist(), ids.tolist(), strict=True))
                assert found == [pair for pair in nearest_of(held, query, len(held)) if pair[0] <= radius]
    return held


@pytest.mark.parametrize("index", ["auto", "multi"])
def test_a_mixed_run_of_four_threads_equals_a_dict(index):
    engine = HammingIndex(64, index=index)
    steps = STEPS if index == "auto" else STEPS // 25  # building tables anew and anew takes its time
    start = threading.Barrier(THREADS)

    def one(which):
        start.wait()
        return live(engine, which, steps, seed=index)

    with ThreadPoolExecutor(THREADS) as pool:
        lives = list(pool.map(one, range(THREADS)))
    held = {id_: number for life in lives for id_, number in life.items()}
    assert len(engine) == len(held)
    for query in random.Random(9).sample(sorted(held.values()), min(50, len(held))):
        ids, distances = engine.nearest(code_of(query), 9)
        assert list(zip(distances[0].tolist(), ids[0].tolist(), strict=True)) == nearest_of(held, query, 9)
