"""Several processes on one catalog: killed writers, readers beside a writer, and two writers."""

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from catalog_samples import COLORHASH, WHASH, make_fingerprint, make_result

from lookalike.catalog import Store
from lookalike.errors import CatalogLocked

WRITER = Path(__file__).parent / "catalog_writer.py"


def start_writer(catalog, first):
    return subprocess.Popen([sys.executable, WRITER, catalog, str(first)], stdout=subprocess.PIPE, text=True)


def test_a_writer_killed_at_any_moment_leaves_a_sound_catalog_with_all_it_committed(catalog):
    chance = random.Random(1)
    committed = 0
    for _ in range(20):
        writer = start_writer(catalog, committed)
        try:
            for _ in range(chance.randrange(1, 6)):
                committed = int(writer.stdout.readline())
            time.sleep(chance.uniform(0, 0.01))
        finally:
            writer.kill()
        told = writer.communicate()[0].split()
        committed = int(told[-1]) if told else committed
        with Store.open(catalog, read_only=True) as store:
            assert store.check().problems == ()
            found = store.counts()["indexed"]
            # What was being committed at the end may have been kept without being told.
            assert committed <= found <= committed + 20
            assert len(store.codes(WHASH)[0]) == len(store.codes(COLORHASH)[0]) == found
        committed = found
    with Store.open(catalog) as store:
        for place in (0, committed - 1):
            content_id = store.find_content(f"/pictures/{place}")
            assert store.fingerprint(content_id, WHASH).parts == make_fingerprint(WHASH, b"%d" % place).parts


def test_a_reader_sees_whole_batches_while_another_process_writes(catalog):
    with Store.open(catalog):
        pass
    writer = start_writer(catalog, 0)
    try:
        writer.stdout.readline()
        with Store.open(catalog, read_only=True) as store:
            counts = []
            while len(set(counts)) < 5:
                ids, _, codes, _ = store.codes(WHASH)
                assert len(ids) % 20 == 0
                assert len(codes) == len(ids)
                counts.append(len(ids))
            assert counts == sorted(counts)
    finally:
        writer.kill()
        writer.communicate()


def test_a_second_writer_waits_and_then_says_that_the_catalog_is_locked(catalog, root):
    with Store.open(catalog) as first, Store.open(catalog, busy_timeout_s=0.2) as second:
        with first._db.writing():
            start = time.monotonic()
            with pytest.raises(CatalogLocked, match="being written by another process"):
                second.begin_scan([root])
            assert time.monotonic() - start >= 0.15, "it waited for about the time it was told to"
            assert second.counts()["indexed"] == 0, "reading goes on"
        assert second.begin_scan([root]) == 1


def test_a_second_writer_gets_its_turn_when_the_first_is_done(catalog, root):
    with Store.open(catalog) as first, Store.open(catalog, busy_timeout_s=20) as second:
        holding, done = threading.Event(), threading.Event()

        def hold():
            with first._db.writing():
                holding.set()
                done.wait(20)

        holder = threading.Thread(target=hold)
        holder.start()
        holding.wait(20)
        threading.Timer(0.1, done.set).start()
        number = second.begin_scan([root])
        holder.join()
        second.record(number, [make_result(root / "a", b"one")])
        assert first.counts()["indexed"] == 1


def test_many_processes_may_make_the_same_catalog_at_once(catalog):
    code = (
        "import sys; from lookalike.catalog import Store\n"
        "with Store.open(sys.argv[1]) as store: print(store.begin_scan(['/pictures']))"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, catalog], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(5)
    ]
    told = [child.communicate() for child in children]
    assert sorted(out.strip() for out, _ in told) == ["1", "2", "3", "4", "5"], told
    with Store.open(catalog) as store:
        assert store.check().ok
