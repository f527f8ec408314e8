"""A folder full of files made to break an indexer: nothing crashes, hangs, bloats or gets lost."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from lookalike.images import load_picture

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# These take seconds each by nature, 196 million pixels that are within the limit; benchmarks/hostile.py has them too.
SLOW = frozenset({"one_tile.j2k", "tiles.j2k", "within_limit.png", "million.gif"})


def load_script(name):
    specification = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    script = importlib.util.module_from_spec(specification)
    sys.modules[name] = script
    specification.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def files():
    return load_script("hostile_files")


@pytest.fixture(scope="module")
def hostile(files):
    pytest.importorskip("pillow_heif")
    pytest.importorskip("imagecodecs")
    return load_script("hostile")


def test_every_good_file_is_opened_before_it_is_broken(files, hostile):
    good = files.good_files()
    assert len(good) == 40
    for name, data in good.items():
        assert load_picture(data).width in {48, 64, 320}, name


def test_a_folder_of_cut_flipped_and_swollen_files_ends_in_the_ledger_within_all_limits(tmp_path, hostile):
    folder = tmp_path / "files"
    count = hostile.write_files(folder, every_percent=9, flips=3, seed=7, leave_out=SLOW)
    # The slowest of them takes a second; a minute tells a hang from a machine that has much else to do.
    outcome = hostile.index(
        folder, tmp_path / "hostile.lookalike", workers=2, timeout_s=60, memory_mb=1024, give_up_s=300
    )
    assert outcome.problems == []
    assert outcome.notable == []  # no worker had to be ended, nor ran out of memory
    assert outcome.returncode == 1
    assert outcome.paths == count
    assert outcome.by_reason["indexed"] > 40
    assert outcome.by_reason["too-many-pixels"] > 10
