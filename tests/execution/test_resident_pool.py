"""Workers that stay: one item at a time, from any thread, each under its limits."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from lookalike.errors import ExecutionError
from lookalike.execution import ItemFailed, PoolBusy, ResidentPool

sys.path.insert(0, str(Path(__file__).parent))
import chores


def pool_of(function, **more):
    values = {"workers": 1, "timeout_s": 1.0, "memory_bytes": 2**30, "wait_s": 20.0, **more}
    return ResidentPool(function, **values)


def test_one_process_serves_item_after_item_for_any_thread():
    with pool_of(chores.misbehave_by_process) as pool:
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(pool.call("good"))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 4
        assert len(set(answers)) == 1


@pytest.mark.parametrize(
    ("item", "reason"),
    [("segfault", "crashed"), ("hang", "timed-out"), ("bloat", "out-of-memory"), ("raise", "error")],
)
def test_an_item_that_misbehaves_fails_alone(item, reason):
    with pool_of(chores.misbehave) as pool:
        failed = pool.call(item)
        assert isinstance(failed, ItemFailed)
        assert failed.reason == reason
        assert pool.call("fine") == "FINE"


def test_who_waits_too_long_for_a_worker_is_told():
    with pool_of(chores.misbehave, wait_s=0.05) as pool:
        pool.wait_s = 20.0
        assert pool.call("good") == "GOOD"
        pool.wait_s = 0.05
        busy = threading.Thread(target=pool.call, args=("slow",))
        busy.start()
        told = None
        for _ in range(1000):
            try:
                pool.call("good")
            except PoolBusy as error:
                told = error
                break
        busy.join()
        assert "try again later" in str(told)


def test_closing_ends_what_is_under_way_and_answers_nobody_afterwards():
    pool = pool_of(chores.misbehave, timeout_s=60.0)
    failures = []

    def ask():
        try:
            pool.call("hang")
        except ExecutionError as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    pool.close()
    thread.join(10)
    assert len(failures) == 1
