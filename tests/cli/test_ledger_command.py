"""``lookalike ledger``, and what ``index`` leaves out, prunes and follows, as a user sees them."""

from __future__ import annotations

import csv
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading

import pytest

FIELDS = [
    "path", "outcome", "reason", "detail", "content_id", "size", "duplicate_of", "first_seen_at", "last_seen_at",
    "scan_id",
]  # fmt: skip


@pytest.fixture
def mixed(run, shop, tmp_path):
    """Three pictures, one of them twice, a broken one, a hidden one, an odd name; indexed into a catalog beside."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    for path in sorted((shop / "images").iterdir())[:3]:
        shutil.copy(path, folder)
    good = min(folder.iterdir())
    shutil.copy(good, folder / "copy.jpg")
    shutil.copy(good, folder / ".hidden.jpg")
    (folder / "cut.jpg").write_bytes(good.read_bytes()[:3000])
    (folder / os.fsdecode(b"caf\xe9.txt")).write_text("milk")
    done = run("index", folder, "--catalog", tmp_path / "m.lookalike", "--fingerprints", "whash")
    assert done.code == 1, done.err
    assert "All of them: lookalike ledger --outcome failed" in done.out
    return folder


@pytest.fixture
def ledger(run, tmp_path, mixed):
    return lambda *words: run("ledger", "--catalog", tmp_path / "m.lookalike", *words)


def test_the_ledger_lists_paths_on_stdout_and_counts_on_stderr(ledger, mixed):
    done = ledger("--outcome", "indexed,duplicate,failed,vanished")
    assert done.code == 0
    assert len(done.out.splitlines()) == 5
    assert f"duplicate {mixed / 'copy.jpg'} (of {min(mixed.glob('bag*'))})" in done.out
    assert "5 paths" in done.err
    assert "1  cut-off" in done.err


def test_its_json_is_one_object_of_the_documented_shape(ledger, mixed):
    told = ledger("--json").json
    assert all(list(entry) == FIELDS for entry in told["entries"])
    assert told["outcomes"] == {"indexed": 3, "unchanged": 0, "duplicate": 1, "skipped": 2, "failed": 1, "vanished": 0}
    assert told["reasons"] == {"cut-off": 1, "hidden": 1, "unsupported-format": 1}
    names = {os.fsencode(entry["path"]) for entry in told["entries"]}
    assert os.fsencode(mixed) + b"/caf\xe9.txt" in names
    assert ledger("--json", "--outcome", "vanished").json["entries"] == []


def test_it_is_filtered_and_written_as_csv(ledger, tmp_path, mixed):
    assert ledger("--outcome", "failed,skipped", "--reason", "cut-off").out.count("\n") == 1
    assert ledger("--under", mixed / "cut.jpg", "--scan", "last").out.startswith("failed")
    assert ledger("--scan", "1", "--json").json["outcomes"]["indexed"] == 3
    done = ledger("--csv", tmp_path / "all.csv")
    assert (done.code, done.out) == (0, "")
    with (tmp_path / "all.csv").open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == FIELDS
    assert {row["path"] for row in rows} == {entry["path"] for entry in ledger("--json").json["entries"]}
    ledger("--csv", tmp_path / "none.csv", "--outcome", "vanished")
    assert (tmp_path / "none.csv").read_text().strip() == ",".join(FIELDS)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--outcome", "lost"], 2, "there are: indexed"),
        (["--scan", "99"], 3, "no scan 99"),
        (["--scan", "9999999999999999999999"], 3, "no scan"),
        (["--scan", "first"], 2, "the number of a scan, or: last"),
        (["--catalog", "none.lookalike"], 3, "none.lookalike"),
    ],
)
def test_wrong_words_have_their_exit_codes(ledger, words, code, message):
    done = ledger(*words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err


def test_pruning_much_needs_a_yes_where_nobody_can_be_asked(run, mixed, tmp_path, ledger):
    index = ["index", mixed, "--catalog", tmp_path / "m.lookalike", "--prune"]
    for path in [mixed / "cut.jpg", *sorted(mixed.glob("bag*"))[1:]]:
        path.unlink()
    refused = run(*index, "--json")
    assert refused.code == 2
    assert refused.json["pruned"] is None
    assert refused.json["vanished"] == 3
    assert "3 of 7 known files are gone" in refused.err
    assert "--yes" in refused.err
    done = run(*index, "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json["pruned"] == {"files": 3, "contents": 2, "fingerprints": 2}
    assert ledger("--json").json["outcomes"]["vanished"] == 0


@pytest.mark.parametrize(("answer", "code", "left"), [(b"y\n", 0, 4), (b"n\n", 2, 7)])
def test_pruning_much_asks_whoever_sits_at_the_terminal(mixed, tmp_path, ledger, answer, code, left):
    for path in [mixed / "cut.jpg", *sorted(mixed.glob("bag*"))[1:]]:
        path.unlink()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lookalike", "index", mixed, "--catalog", tmp_path / "m.lookalike", "--prune"]
    asking = subprocess.Popen(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
    guard = threading.Timer(90, asking.kill)
    guard.start()
    try:
        told = b""
        while b"for good? [y/N]" not in told:
            told += os.read(ours, 1000)
        os.write(ours, answer)
        asking.communicate()
    finally:
        guard.cancel()
        asking.kill()
        asking.wait()
        os.close(theirs)
        os.close(ours)
    assert b"3 of 7 known files are gone" in told
    assert asking.returncode == code
    assert len(ledger("--json").json["entries"]) == left


@pytest.mark.parametrize(
    "words",
    [
        ["--yes"],
        ["--key", "sku"],
        ["--watch", "--prune"],
        ["--watch", "--attributes", "items.csv"],
        ["--watch", "--progress", "bar"],
        ["--exclude", "!"],
    ],
)
def test_options_that_make_no_sense_together_are_wrong_use(run, shop, tmp_path, words):
    done = run("index", "images", "--catalog", tmp_path / "never.lookalike", *words)
    assert done.code == 2, done.err
    assert not (tmp_path / "never.lookalike").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watching_ends_cleanly_and_says_what_it_saw(mixed, tmp_path, number):
    pytest.importorskip("watchfiles", reason="the extra watch isn't installed")
    command = [sys.executable, "-m", "lookalike", "index", mixed, "--watch", "--catalog", tmp_path / "m.lookalike"]
    watching = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    guard = threading.Timer(90, watching.kill)
    guard.start()
    try:
        assert "Watching; Ctrl-C ends it." in watching.stdout.readline()
        shutil.copy(mixed / "copy.jpg", mixed / "new.jpg")
        assert "1 duplicate" in watching.stdout.readline()
        os.killpg(watching.pid, number)  # as a terminal does: the workers get it too
        out, err = watching.communicate(timeout=60)
    finally:
        guard.cancel()
        watching.kill()
        watching.wait()
    assert (watching.returncode, err) == (0, "")
    assert out.startswith("Stopped watching.")


def test_watching_prints_a_json_report_on_each_line(mixed, tmp_path):
    pytest.importorskip("watchfiles", reason="the extra watch isn't installed")
    command = [sys.executable, "-m", "lookalike", "index", mixed, "--watch", "--json", "--progress", "json"]
    watching = subprocess.Popen(
        [*command, "--catalog", tmp_path / "m.lookalike"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    guard = threading.Timer(90, watching.kill)
    guard.start()
    try:
        assert json.loads(watching.stdout.readline())["unchanged"] == 4
        (mixed / "copy.jpg").unlink()
        assert json.loads(watching.stdout.readline())["vanished"] == 1
    finally:
        guard.cancel()
        watching.send_signal(signal.SIGINT)
        _, err = watching.communicate(timeout=60)
    assert watching.returncode == 0
    assert {json.loads(line)["event"] for line in err.splitlines()} == {"progress"}
