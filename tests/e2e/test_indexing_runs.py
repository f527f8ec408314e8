"""Whole indexing runs: the worst folder there is, a Ctrl-C, and a kill."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from PIL import Image

from lookalike.catalog import Store
from lookalike.jobs.draw_shop import draw_shop

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def start(*words, **options):
    command = [sys.executable, "-m", "lookalike", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


@pytest.fixture(scope="module")
def many_pictures(tmp_path_factory):
    """600 files that differ by their trailing bytes."""
    folder = tmp_path_factory.mktemp("many")
    for _ in draw_shop(folder, 20):
        pass
    drawn = sorted((folder / "images").iterdir())
    many = folder / "many"
    many.mkdir()
    for number in range(600):
        source = drawn[number % len(drawn)]
        (many / f"{number:04}.jpg").write_bytes(source.read_bytes() + number.to_bytes(4, "big"))
    shutil.rmtree(folder / "images")
    return many


@pytest.mark.skipif(not (DATA / "nasty").is_dir(), reason="the odd and broken files are not beside the project")
def test_every_nasty_file_is_in_the_ledger_and_all_that_pillow_decodes_is_indexed(tmp_path):
    catalog = tmp_path / "nasty.lookalike"
    done = start(
        "index", DATA / "nasty", "--catalog", catalog, "--fingerprints", "phash,dhash,whash,colorhash", "--json"
    )
    out, err = done.communicate(timeout=120)
    assert done.returncode == 1, err
    with (DATA / "nasty" / "expected_pillow13.csv").open(newline="", encoding="utf-8") as file:
        # "exif-error": Pillow refuses the file when it is first loaded and gives half of it when asked again.
        expected = {
            row["path"]: "load-fail" if row["exif_orientation"] == "exif-error" else row["pillow13_status"]
            for row in csv.DictReader(file)
        }
    root = os.fsencode((DATA / "nasty").resolve()) + b"/"
    with Store.open(catalog, read_only=True) as store:
        entries = {os.fsdecode(entry.path.removeprefix(root)): entry for entry in store.ledger()}
    assert set(expected) <= set(entries)
    usable = {path for path, entry in entries.items() if entry.outcome in ("indexed", "duplicate")}
    # Of an animation Pillow must decode more than the first frame: a film with broken frames is no film to compare.
    whole = {path for path, status in expected.items() if status == "ok" and pillow_plays(DATA / "nasty" / path)}
    assert whole - usable == set()
    assert len(whole) > 0.98 * sum(status == "ok" for status in expected.values())
    refused = {path for path, status in expected.items() if status in ("open-fail", "load-fail")}
    assert refused & usable == set()
    assert all(entries[path].reason and entries[path].detail for path in refused)
    assert not {entry.reason for entry in entries.values()} & {"crashed", "timed-out", "error"}
    assert json.loads(out)["files"] == len(entries)


def pillow_plays(path):
    """Whether Pillow decodes every frame that follows the first in time."""
    if path.suffix not in {".gif", ".webp", ".png", ".avif"}:
        return True
    with warnings.catch_warnings(), contextlib.suppress(Exception), Image.open(path) as image:
        warnings.simplefilter("ignore")
        for frame in range(getattr(image, "n_frames", 1)):
            image.seek(frame)
            image.load()
        return True
    return False


def test_ctrl_c_stops_within_a_second_and_keeps_what_was_done(tmp_path, many_pictures):
    catalog = tmp_path / "stopped.lookalike"
    run = start(
        "index",
        many_pictures,
        "--catalog",
        catalog,
        "--fingerprints",
        "crop_resistant,phash,dhash,whash",
        start_new_session=True,
    )
    while not (catalog.exists() and count_contents(catalog)):
        assert run.poll() is None, "it was done before it could be stopped"
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: the workers get it too
    stopped = time.monotonic()
    _, err = run.communicate(timeout=30)
    assert time.monotonic() - stopped < 1.5  # the promised second, and what starting an interpreter's exit may take
    assert run.returncode == 130
    assert "What was done is kept" in err
    assert "Traceback" not in err
    kept = count_contents(catalog)
    assert 0 < kept < 600
    finish(catalog, many_pictures)


def test_runs_killed_again_and_again_leave_a_sound_catalog_and_go_on_where_they_were(tmp_path, many_pictures):
    """`benchmarks/kills.py` does it 200 times."""
    catalog = tmp_path / "killed.lookalike"
    chance = random.Random(0)
    for _ in range(3):
        before = count_contents(catalog) if catalog.exists() else 0
        run = start("index", many_pictures, "--catalog", catalog, "--fingerprints", "crop_resistant,phash,dhash,whash")
        while not (catalog.exists() and count_contents(catalog) > before):
            assert run.poll() is None, "it was done before it could be killed"
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.2))
        run.kill()
        run.communicate(timeout=30)
        with Store.open(catalog) as store:
            assert store.check().ok
        if count_contents(catalog) > 400:
            break
    finish(catalog, many_pictures)


def test_ctrl_z_pauses_a_run_with_its_workers_and_the_pause_counts_against_no_file(tmp_path, many_pictures):
    catalog = tmp_path / "paused.lookalike"
    run = start(
        *("index", many_pictures, "--catalog", catalog, "--fingerprints", "crop_resistant", "--timeout", "3", "--json"),
        process_group=0,
    )
    while not (catalog.exists() and count_contents(catalog)):
        assert run.poll() is None, "it was done before it could be paused"
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGTSTP)
    while Path(f"/proc/{run.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "T":
        time.sleep(0.02)
    before = count_contents(catalog)
    time.sleep(3.5)
    assert count_contents(catalog) == before
    os.killpg(run.pid, signal.SIGCONT)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 0, err
    assert json.loads(out)["indexed"] == 600


def test_progress_comes_as_json_lines_on_stderr_and_the_report_alone_on_stdout(tmp_path, many_pictures):
    run = start(
        *("index", many_pictures, "--catalog", tmp_path / "told.lookalike", "--fingerprints", "dhash"),
        *("--progress", "json", "--json"),
    )
    out, err = run.communicate(timeout=120)
    assert json.loads(out)["files"] == 600
    lines = [json.loads(line) for line in err.splitlines()]
    assert lines
    assert all(line["event"] == "progress" for line in lines)
    assert [line["done"] for line in lines] == sorted(line["done"] for line in lines)


def count_contents(catalog):
    try:
        with Store.open(catalog, read_only=True) as store:
            return store.statistics().contents
    except Exception:  # noqa: BLE001 - it is being made this very moment
        return 0


def finish(catalog, folder):
    before = count_contents(catalog)
    done = start("index", folder, "--catalog", catalog, "--fingerprints", "crop_resistant,phash,dhash,whash", "--json")
    out, err = done.communicate(timeout=120)
    assert done.returncode == 0, err
    report = json.loads(out)
    assert report["unchanged"] == before
    assert report["indexed"] == 600 - before
