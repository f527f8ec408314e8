"""What every executor must keep: one outcome an item, whatever the items do."""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

import pytest

from lookalike.errors import ExecutionError
from lookalike.execution import ItemDone, ItemFailed, LocalExecutor

sys.path.insert(0, str(Path(__file__).parents[1] / "execution"))
import chores

EXECUTORS = {"local": LocalExecutor}


@pytest.fixture(params=EXECUTORS)
def make(request):
    return EXECUTORS[request.param]


def test_every_item_gets_exactly_one_outcome(make):
    outcomes = list(make(workers=2).map_batches(chores.double, range(500)))
    assert sorted((outcome.item, outcome.value) for outcome in outcomes) == [(n, 2 * n) for n in range(500)]


def test_no_items_need_no_process(make):
    assert list(make(workers=2).map_batches(chores.double, [])) == []


def test_a_crash_a_hang_a_bloat_and_an_error_cost_one_item_each(make):
    bad = {"segfault": "crashed", "exit": "crashed", "hang": "timed-out", "bloat": "out-of-memory", "raise": "error"}
    items = [*itertools.chain.from_iterable((word, f"good-{word}-{n}") for n, word in enumerate(bad)), "shout"]
    items += [f"more-{n}" for n in range(50)]
    outcomes = list(make(workers=2, timeout_s=1.0, memory_bytes=2**30).map_batches(chores.misbehave, items))
    assert sorted(outcome.item for outcome in outcomes) == sorted(items)
    failed = {outcome.item: outcome for outcome in outcomes if isinstance(outcome, ItemFailed)}
    assert {item: outcome.reason for item, outcome in failed.items()} == bad
    assert "SIGSEGV" in failed["segfault"].detail
    assert "exit status 3" in failed["exit"].detail
    assert "1 s" in failed["hang"].detail
    assert "1024 MiB" in failed["bloat"].detail
    assert failed["raise"].detail == "ValueError: no such luck"
    assert all(o.value == o.item.upper() for o in outcomes if isinstance(o, ItemDone))


def test_one_copy_of_the_function_serves_many_items(make):
    outcomes = list(make(workers=1).map_batches(chores.Counter(), range(100)))
    assert [outcome.value[1] for outcome in outcomes] == list(range(1, 101))


def test_items_are_drawn_only_as_room_is_free_and_closing_stops_within_a_second(make):
    drawn = 0

    def endless():
        nonlocal drawn
        while True:
            drawn += 1
            yield "hang" if drawn == 40 else f"item-{drawn}"

    outcomes = make(workers=2, timeout_s=60).map_batches(chores.misbehave, endless())
    for _ in range(39):
        next(outcomes)
    started = time.monotonic()
    outcomes.close()
    assert time.monotonic() - started < 1.0
    assert drawn < 200


def test_a_worker_that_cannot_start_is_an_error_not_an_endless_loop(make):
    with pytest.raises(ExecutionError, match="3 times running"):
        list(make(workers=1).map_batches(chores.DiesAtBirth(), range(3)))


def test_paths_on_sys_path_that_are_no_text_do_no_harm(make, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, Path("/nowhere")])
    assert [outcome.value for outcome in make(workers=1).map_batches(chores.double, [4])] == [8]


def test_zero_workers_are_refused(make):
    with pytest.raises(ExecutionError, match="at least 1"):
        make(workers=0)
