"""What every executor must keep: one outcome an item, whatever the items do."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from lookalike.errors import ExecutionError
from lookalike.execution import NOT_YET, Control, ItemDone, ItemFailed, LocalExecutor, Pulse

sys.path.insert(0, str(Path(__file__).parents[1] / "execution"))
import chores

EXECUTORS = {"local": LocalExecutor}


@pytest.fixture(params=EXECUTORS)
def make(request):
    return EXECUTORS[request.param]


def outcomes_of(executor, function, items, **more):
    """All outcomes, without the pulses between them."""
    return [one for one in executor.map_batches(function, items, **more) if not isinstance(one, Pulse)]


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_every_item_gets_exactly_one_outcome(make, workers):
    outcomes = outcomes_of(make(workers=workers), chores.double, range(3_000))
    assert sorted((outcome.item, outcome.value) for outcome in outcomes) == [(n, 2 * n) for n in range(3_000)]


def test_no_items_need_no_process(make):
    assert list(make(workers=2).map_batches(chores.double, [])) == []


def test_a_crash_a_hang_a_bloat_and_an_error_cost_one_item_each(make):
    bad = {"segfault": "crashed", "exit": "crashed", "hang": "timed-out", "bloat": "out-of-memory", "raise": "error"}
    items = [*itertools.chain.from_iterable((word, f"good-{word}-{n}") for n, word in enumerate(bad)), "shout"]
    items += [f"more-{n}" for n in range(50)]
    outcomes = outcomes_of(make(workers=2, timeout_s=1.0, memory_bytes=2**30), chores.misbehave, items)
    assert sorted(outcome.item for outcome in outcomes) == sorted(items)
    failed = {outcome.item: outcome for outcome in outcomes if isinstance(outcome, ItemFailed)}
    assert {item: outcome.reason for item, outcome in failed.items()} == bad
    assert "SIGSEGV" in failed["segfault"].detail
    assert "exit status 3" in failed["exit"].detail
    assert "1 s" in failed["hang"].detail
    assert "1024 MiB" in failed["bloat"].detail
    assert failed["raise"].detail == "ValueError: no such luck"
    assert all(o.value == o.item.upper() for o in outcomes if isinstance(o, ItemDone))


def test_the_pool_goes_on_at_full_strength_whatever_dies_in_it(make):
    items = [word for n in range(6) for word in (f"slow-{n}", f"slow-{n}-too", "segfault", "exit")]
    items += [f"slow-{n}-late" for n in range(100)]  # on a busy machine the last that died is replaced late
    outcomes = outcomes_of(make(workers=2), chores.misbehave_by_process, items)
    assert len(outcomes) == len(items)
    assert sum(isinstance(outcome, ItemFailed) for outcome in outcomes) == 12
    assert len({outcome.value for outcome in outcomes[-20:] if isinstance(outcome, ItemDone)}) == 2


def test_an_item_that_was_merely_beside_one_that_crashed_is_not_blamed(make):
    """The process dies once between two items, by what an earlier one left behind."""
    items = ["time-bomb", *(f"good-{n}" for n in range(30))]
    outcomes = outcomes_of(make(workers=1), chores.misbehave, items)
    assert sorted(outcome.item for outcome in outcomes) == sorted(items)
    assert {outcome.item for outcome in outcomes if isinstance(outcome, ItemFailed)} <= {"time-bomb"}


def test_an_item_that_crashes_only_in_company_is_done_alone(make, tmp_path):
    mark = tmp_path / "tried"
    outcomes = outcomes_of(make(workers=2), chores.CrashesOnce(str(mark)), [f"item-{n}" for n in range(20)])
    assert all(isinstance(outcome, ItemDone) for outcome in outcomes)
    assert len(outcomes) == 20


def test_a_process_that_dies_before_its_first_item_costs_that_item_not_an_endless_loop(make):
    outcomes = outcomes_of(make(workers=1), chores.double, [chores.DiesOnArrival(), 4])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ItemDone", "ItemFailed"]


def test_a_decoder_that_spins_is_ended_by_the_kernel_when_nobody_looks_after_it(make, tmp_path):
    told = tmp_path / "process"
    outcomes = make(workers=1, timeout_s=0.5).map_batches(chores.Spinner(str(told)), [1])
    while not (told.exists() and told.read_text()):
        next(outcomes)
    status = Path("/proc", told.read_text(), "stat")
    until = time.monotonic() + 20
    while status.read_text().split()[2] != "Z":  # it has ended; nobody has asked why yet
        assert time.monotonic() < until
        time.sleep(0.05)
    assert [(one.item, one.reason) for one in outcomes if isinstance(one, ItemFailed)] == [(1, "timed-out")]


def test_workers_leave_no_core_files_and_have_limits(make):
    (outcome,) = outcomes_of(make(workers=1, timeout_s=7, memory_bytes=2**30), chores.tell_limits, [1])
    core, memory, processor_s = outcome.value
    assert core == 0
    assert 2**30 <= memory < 2**34
    assert 7 <= processor_s <= 12


def test_an_answer_that_cannot_be_sent_is_an_error_of_its_item_alone(make):
    outcomes = outcomes_of(make(workers=1), chores.unsendable, ["a", "lock", "b"])
    assert [type(outcome).__name__ for outcome in outcomes] == ["ItemDone", "ItemFailed", "ItemDone"]
    assert "can't be sent" in outcomes[1].detail


def test_one_copy_of_the_function_serves_many_items(make):
    outcomes = outcomes_of(make(workers=1), chores.Counter(), range(100))
    assert [outcome.value[1] for outcome in outcomes] == list(range(1, 101))


def test_items_are_drawn_only_as_room_is_free_and_closing_stops_within_a_second(make):
    drawn = 0

    def endless():
        nonlocal drawn
        while True:
            drawn += 1
            yield "hang" if drawn == 40 else f"item-{drawn}"

    outcomes = make(workers=2, timeout_s=60).map_batches(chores.misbehave, endless())
    done = (one for one in outcomes if isinstance(one, ItemDone))
    for _ in range(39):
        next(done)
    started = time.monotonic()
    outcomes.close()
    assert time.monotonic() - started < 1.0
    assert drawn <= 39 + 3 * 256, "a worker holds 256 items at most"


def test_a_source_that_has_nothing_yet_is_asked_again_and_the_caller_gets_pulses(make):
    def hesitant():
        for n in range(3):
            yield NOT_YET
            yield n
            yield NOT_YET

    told = list(make(workers=1).map_batches(chores.double, hesitant()))
    assert sorted(one.value for one in told if isinstance(one, ItemDone)) == [0, 2, 4]
    assert any(isinstance(one, Pulse) for one in told)


def test_pulses_come_while_every_worker_is_busy(make):
    outcomes = make(workers=1).map_batches(chores.misbehave, ["slow"])
    assert sum(isinstance(one, Pulse) for one in outcomes) >= 3


def test_a_pause_halts_the_work_and_its_time_counts_against_nobody(make, tmp_path):
    control, ticks = Control(), tmp_path / "ticks"
    ticks.touch()
    outcomes = make(workers=1, timeout_s=2.0).map_batches(chores.Ticker(str(ticks)), [20], control=control)
    while not ticks.stat().st_size:
        next(outcomes)
    control.pause()
    next(outcomes)
    before = ticks.stat().st_size
    threading.Timer(2.5, control.resume).start()
    while control.paused:
        next(outcomes)
    assert ticks.stat().st_size - before <= 2, "one under way, and one between the resume and this line"
    assert [outcome.value for outcome in outcomes if isinstance(outcome, ItemDone)] == [20]


def test_stopping_from_another_thread_ends_the_run_within_a_second(make):
    control = Control()
    outcomes = make(workers=2).map_batches(chores.misbehave, ["hang", "hang"], control=control)
    next(outcomes)
    threading.Timer(0.2, control.stop).start()
    started = time.monotonic()
    assert all(isinstance(one, Pulse) for one in outcomes)
    assert time.monotonic() - started < 1.2


def test_kept_workers_serve_the_next_run_and_end_with_the_executor(make):
    with make(workers=1, keep=True) as executor:
        first, second = (outcomes_of(executor, chores.tell_process, [n])[0].value for n in range(2))
        assert first == second
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_workers_of_low_priority_are_nice(make):
    (outcome,) = outcomes_of(make(workers=1, low_priority=True), chores.tell_niceness, [1])
    assert outcome.value == 19


def test_a_worker_that_cannot_start_is_an_error_not_an_endless_loop(make):
    with pytest.raises(ExecutionError, match="3 times running"):
        list(make(workers=1).map_batches(chores.DiesAtBirth(), range(3)))


def test_paths_on_sys_path_that_are_no_text_do_no_harm(make, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, Path("/nowhere")])
    assert [outcome.value for outcome in outcomes_of(make(workers=1), chores.double, [4])] == [8]


def test_zero_workers_are_refused(make):
    with pytest.raises(ExecutionError, match="at least 1"):
        make(workers=0)


@pytest.mark.parametrize("item_bytes", [4_000, 60_000, 1_000_000])
def test_long_items_with_long_answers_never_leave_parent_and_worker_waiting_for_each_other(make, item_bytes):
    """Both ends once filled their buffers and neither read; in a process of its own, which can be given up on."""
    done = run_alone(
        f"""
        items = [b"%06d" % n + bytes({item_bytes}) for n in range({max(8, 8_000_000 // item_bytes)})]
        done = [one for one in executor.map_batches(chores.echo, items) if isinstance(one, ItemDone)]
        print(sorted(one.value for one in done) == items)
        """,
        make,
    )
    assert done.stdout.strip() == "True", done.stderr


def test_a_worker_that_is_stuck_between_two_items_is_replaced_and_only_their_cause_is_blamed(make):
    items = ["a", "stuck", *(f"good-{n}" for n in range(20))]
    outcomes = outcomes_of(make(workers=1, timeout_s=0.5), chores.stuck_when_sent, items)
    assert sorted(outcome.item for outcome in outcomes) == sorted(items)
    failed = [(outcome.item, outcome.reason) for outcome in outcomes if isinstance(outcome, ItemFailed)]
    assert failed == [("stuck", "timed-out")]


def test_a_worker_that_was_halted_between_two_items_by_somebody_else_costs_none(make, tmp_path):
    outcomes = outcomes_of(make(workers=1, timeout_s=0.5), chores.HaltedOnce(str(tmp_path / "halted")), range(5))
    assert sorted(outcome.item for outcome in outcomes if isinstance(outcome, ItemDone)) == list(range(5))


def test_ctrl_c_while_workers_start_prints_nothing_and_ends_none(make):
    done = run_alone(
        """
        import signal, threading
        os.setpgrp()
        signal.signal(signal.SIGINT, lambda *_: None)
        over = threading.Event()

        def press():
            while not over.wait(0.002):
                os.killpg(0, signal.SIGINT)

        threading.Thread(target=press).start()
        done = [one for n in range(3) for one in executor.map_batches(chores.double, [n]) if isinstance(one, ItemDone)]
        over.set()
        print([one.value for one in done])
        """,
        make,
    )
    assert (done.stdout.strip(), done.stderr) == ("[0, 2, 4]", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a halted process that its parent has ended")
def test_halted_workers_end_with_a_parent_that_is_killed(make, tmp_path):
    told = tmp_path / "process"
    run_alone(
        f"""
        control, told = Control(), {str(told)!r}
        for _ in executor.map_batches(chores.Sleeper(told), [1], control=control):
            if os.path.exists(told):
                control.pause()
                if open("/proc/" + open(told).read() + "/stat").read().split()[2] == "T":
                    os.kill(os.getpid(), 9)
        """,
        make,
    )
    worker = Path("/proc", told.read_text())
    until = time.monotonic() + 5
    while worker.exists() and (worker / "stat").read_text().split()[2] != "Z":
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_kept_worker_outlives_the_thread_that_started_it(make):
    with make(workers=1, keep=True) as executor:
        first = []
        thread = threading.Thread(target=lambda: first.extend(outcomes_of(executor, chores.tell_process, [1])))
        thread.start()
        thread.join()
        (second,) = outcomes_of(executor, chores.tell_process, [2])
        assert [one.value for one in first] == [second.value]


def run_alone(script, make, timeout_s=15):
    """A script in an interpreter of its own, with *executor*, of one worker, at hand."""
    head = f"""
        import os, sys, time, {make.__module__} as place
        sys.path.insert(0, {str(Path(chores.__file__).parent)!r})
        import chores
        from lookalike.execution import Control, ItemDone, ItemFailed
        executor = place.{make.__name__}(workers=1)
    """
    code = textwrap.dedent(head) + textwrap.dedent(script)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout_s, check=False)
