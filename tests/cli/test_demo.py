"""``lookalike demo``: the classic way's whole tour, over drawn pictures or one's own."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image

from lookalike.optional import Extra

STOPS = [
    ("The 9 nearest by whash", "1-nearest-whash-exact.png", None),
    ("The 9 nearest by colorhash", "2-nearest-colorhash-exact.png", None),
    ("whash beside colorhash", "3-side-by-side.png", None),
    ("30 pictures at random", "4-random-81.png", None),
    ("The 9 nearest by whash, through annoy", "5-nearest-whash-annoy.png", Extra("annoy", "annoy")),
    ("The 9 nearest by whash, through balltree", "6-nearest-whash-balltree.png", Extra("sklearn", "sklearn")),
    ("All of it on one page", "index.html", None),
]


@pytest.fixture(scope="module")
def drawn(run, tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    return out, run("demo", "--count", 30, "--out", out, "--json")


def test_the_demo_makes_seven_stops_and_every_file_it_names(drawn):
    out, done = drawn
    assert done.code == 0, done.err
    assert done.json["index"]["indexed"] == 30
    for stop, (heading, file, extra) in zip(done.json["stops"], STOPS, strict=True):
        assert stop["heading"] == heading
        if extra is not None and not extra.installed:
            assert extra.install_command in stop["skipped"]
            continue
        assert (stop["file"], stop["skipped"]) == (file, None)
        path = out / "shop" / file
        if path.suffix == ".png":
            with Image.open(path) as sheet:
                assert min(sheet.size) > 500
                assert len(sheet.convert("RGB").getcolors(1 << 24)) > 1000  # pictures, not an empty page
    assert (out / "shop" / "index.html").read_text(encoding="utf-8").count("<img") >= 9 * 2 + 30


def test_the_demo_can_be_run_again_and_tells_people_every_stop(run, drawn):
    out, _ = drawn
    again = run("demo", "--count", 30, "--out", out)
    assert again.code == 0, again.err
    for heading, _, _ in STOPS:
        assert heading in again.out
    assert "Copies whose source is among the 9 nearest" in again.out
    assert f"lookalike serve --catalog {out / 'shop' / 'demo.lookalike'}\n" in again.out
    assert again.out.endswith(f"Look at {out / 'shop' / 'index.html'}\n")


def test_two_folders_of_ones_own_do_not_mix(run, shop, tmp_path):
    for name, numbers in (("one", range(1, 13)), ("two", range(13, 25))):
        (tmp_path / name).mkdir()
        for number in numbers:
            shutil.copy(shop / "images" / f"bag-{number:04}.jpg", tmp_path / name)
    folders = set()
    for name in ("one", "two", "one"):
        done = run("demo", "--images", tmp_path / name, "--out", tmp_path / "out", "--json")
        assert done.code == 0, done.err
        assert done.json["index"]["files"] == 12
        assert done.json["copies"] is None
        assert len(done.json["stops"]) == 7
        folders.add(done.json["folder"])
    assert len(folders) == 2


def test_a_folder_without_pictures_is_told(run, tmp_path):
    (tmp_path / "empty").mkdir()
    done = run("demo", "--images", tmp_path / "empty", "--out", tmp_path / "out")
    assert done.code == 3
    assert "holds no pictures" in done.err
    assert "Traceback" not in done.err


def test_a_folder_with_a_broken_picture_is_shown_and_ends_with_1(run, shop, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for number in range(1, 6):
        shutil.copy(shop / "images" / f"bag-{number:04}.jpg", folder)
    (folder / "cut.jpg").write_bytes((folder / "bag-0001.jpg").read_bytes()[:3000])
    done = run("demo", "--images", folder, "--out", tmp_path / "out")
    assert done.code == 1
    assert "1 failed" in done.out
    assert "Look at" in done.out
