"""Peers: other packages beside, asked as their own pages show, and left out with a reason where they aren't there."""

from __future__ import annotations

import imagehash
import numpy as np
import pytest
from PIL import Image

from lookalike.evaluation import peers
from lookalike.evaluation.attacks import ATTACKS, random_for
from lookalike.evaluation.peers import PEERS, HashFile, find_peers, hash_catalog
from lookalike.execution import LocalExecutor

FAMILIES = {name: getattr(imagehash, name.split()[1]) for name in PEERS if name.startswith("imagehash")}


def test_distances_are_those_that_imagehash_gives(shop_catalog, photo, tmp_path):
    pictures = [(one.id, one.path) for one in shop_catalog.sample(6)]
    hashing = hash_catalog(pictures, tuple(FAMILIES), str(tmp_path), LocalExecutor(1))
    while True:
        try:
            next(hashing)
        except StopIteration as ended:
            asker = ended.value
            break
    answers = asker.ask(photo)
    assert set(answers) == set(FAMILIES)
    for name, family in FAMILIES.items():
        expected = {content: family(Image.open(path)) - family(photo) for content, path in pictures}
        assert dict(zip(answers[name].ids.tolist(), answers[name].scores.tolist(), strict=True)) == expected


def test_pdqhash_has_256_bits_and_is_asked_with_rgb(photo):
    pdqhash = pytest.importorskip("pdqhash", reason="pdqhash is in the group bench")
    assert np.array_equal(PEERS["pdqhash"].make_bits(photo), pdqhash.compute(np.asarray(photo))[0].astype(bool))


def test_what_is_not_installed_is_left_out_with_how_to_get_it(monkeypatch):
    monkeypatch.setattr(peers.importlib.util, "find_spec", lambda name: None)
    found, missing = find_peers()
    assert found == ()
    assert missing["pdqhash"] == "not installed: pip install pdqhash"
    assert set(missing) == {*PEERS, "imagededup"}


def test_hashing_a_file_gives_every_peer_its_packed_bits(shop_catalog):
    made = HashFile(("imagehash phash", "imagehash colorhash"))(shop_catalog.sample(1)[0].path)
    assert {name: len(code) for name, code in made.items()} == {"imagehash phash": 8, "imagehash colorhash": 6}


def test_a_format_that_pillow_alone_does_not_open_is_opened_for_them(photo):
    pytest.importorskip("pillow_heif")
    content = ATTACKS["heic"].change(photo, 60, random_for(0, "heic", 60, "a"))
    assert np.abs(np.asarray(peers.open_picture(content), float) - np.asarray(photo, float)).mean() < 20


def test_a_peer_that_refuses_a_picture_finds_nothing_and_the_others_go_on(photo, tmp_path, monkeypatch):
    def refuse(picture):
        raise AssertionError("too small")

    monkeypatch.setitem(PEERS, "shy", peers.Peer("imagehash", "", refuse))
    code = HashFile(("imagehash phash",))
    photo.save(tmp_path / "a.png")
    codes = np.frombuffer(code(str(tmp_path / "a.png"))["imagehash phash"], np.uint8)[None]
    held = {"imagehash phash": codes, "shy": codes}
    asker = peers.PeersAsker(("shy", "imagehash phash"), "", np.array([7]), held)
    assert {name: answer.scores.tolist() for name, answer in asker.ask(photo).items()} == {"imagehash phash": [0.0]}
