"""``lookalike demo``: the classic way's whole tour, over drawn pictures or one's own."""

from __future__ import annotations

import html
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from urllib.request import Request, urlopen

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


@pytest.mark.skipif(not Extra("starlette", "web").installed, reason="the extra web isn't installed")
def test_the_demo_serves_its_shop_with_brands_and_prices_until_it_is_interrupted(tmp_path):
    command = [sys.executable, "-m", "lookalike", "demo", "--count", "20", "--out", "demo", "--serve"]
    environment = {**os.environ, "LOOKALIKE_SERVE_PORT": "0"}
    log = tmp_path / "log"
    with (
        log.open("w") as told,
        subprocess.Popen(command, cwd=tmp_path, stdout=told, stderr=told, env=environment) as demo,
    ):
        try:
            until = time.monotonic() + 120
            while not (found := re.search(r"serves (http://127\.0\.0\.1:\d+)/", log.read_text())):
                assert demo.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.05)
            with urlopen(Request(f"{found[1]}/similar?id=7", headers={"Accept": "text/html"}), timeout=60) as answer:
                page = answer.read().decode()
            demo.send_signal(signal.SIGINT)
            assert demo.wait(60) in {0, 130}
        finally:
            demo.kill()
    assert page.count('<li class="card"') >= 9
    assert re.search(r'<p class="facts"><b>\d', page)
    brands = {line.split(",")[1] for line in (tmp_path / "demo/shop/items.csv").read_text().splitlines()[1:]}
    names = re.findall(r'<a class="name"[^>]*>([^<]+)', page)
    assert names
    assert all(html.unescape(name).startswith(tuple(brands)) for name in names)
    assert "Traceback" not in log.read_text()
