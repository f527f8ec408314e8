"""Attacks: seeded, in steps, and each does what its name says."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageStat

import lookalike
from lookalike.errors import EvaluationError
from lookalike.evaluation.attacks import ATTACKS, find_attacks, random_for
from lookalike.evaluation.attacks.encodings import wide_profile
from lookalike.evaluation.attacks.registry import ONCE

MADE = [name for name, attack in ATTACKS.items() if attack.needs is None or attack.needs.installed]
ENCODED = {"jpeg": "JPEG", "webp": "WEBP", "avif": "AVIF", "heic": "HEIF", "icc": "JPEG"}
STRONGER = ["jpeg", "webp", "avif", "thumbnail", "crop", "text", "logo", "blur", "sharpen", "noise", "alpha"]


def make(name, step, picture, seed=0, key="a.jpg"):
    return ATTACKS[name].change(picture, step, random_for(seed, name, step, key))


def pixels(attacked):
    """As the project's own loader reads it."""
    picture = lookalike.load_picture(attacked, decode="full").image.convert("RGB")
    return np.asarray(picture, np.int16)


@pytest.mark.parametrize("name", MADE)
def test_an_attack_is_the_same_every_time_differs_from_the_picture_and_leaves_it_alone(name, photo):
    before = photo.tobytes()
    for step in ATTACKS[name].steps:
        first, again = make(name, step, photo), make(name, step, photo)
        same = first == again if isinstance(first, bytes) else first.tobytes() == again.tobytes()
        assert same, step
        changed = pixels(first)
        assert changed.shape != (320, 240, 3) or np.abs(changed - pixels(photo)).mean() > 0.05, step
        assert ATTACKS[name].describe(step)
    assert photo.tobytes() == before


def test_chance_hangs_on_seed_attack_step_and_picture(photo):
    seen = {
        make("noise", 5, photo).tobytes(),
        make("noise", 5, photo, seed=1).tobytes(),
        make("noise", 5, photo, key="b.jpg").tobytes(),
    }
    draws = {random_for(0, name, step, "a").integers(2**60) for name in ("text", "logo") for step in (1, 2)}
    assert (len(seen), len(draws)) == (3, 4)


@pytest.mark.parametrize("name", [name for name in ENCODED if name in MADE])
def test_encoded_attacks_are_files_of_their_format_that_the_loader_opens(name, photo):
    for step in ATTACKS[name].steps:
        content = make(name, step, photo)
        assert isinstance(content, bytes)
        picture = lookalike.load_picture(content, decode="full")
        assert (picture.format, picture.width, picture.height) == (ENCODED[name], 240, 320)


def distance(name, step, photo):
    return np.abs(pixels(make(name, step, photo)).astype(float) - pixels(photo)).mean()


@pytest.mark.parametrize("name", [name for name in STRONGER if name != "crop"])
def test_later_steps_are_stronger(name, photo):
    steps = ATTACKS[name].steps
    assert distance(name, steps[-1], photo) > distance(name, steps[0], photo)


@pytest.mark.parametrize(
    ("name", "step", "size"),
    [
        ("resize", 400, (960, 1280)),
        ("resize", 10, (24, 32)),
        ("thumbnail", 32, (240, 320)),
        ("crop", 10, (216, 288)),
        ("crop", 50, (120, 160)),
        ("crop-uneven", 50, (120, 160)),
        ("aspect", 50, (120, 320)),
        ("rotate-black", 90, (320, 240)),
        ("caption-bars", 25, (240, 480)),
        ("border", 10, (304, 384)),
    ],
)
def test_sizes_change_as_the_step_says(name, step, size, photo):
    made = make(name, step, photo)
    assert abs(made.width - size[0]) <= 1
    assert abs(made.height - size[1]) <= 1


def test_a_crop_is_the_middle_and_an_uneven_one_some_other_part(photo):
    whole = np.asarray(photo)
    assert np.array_equal(np.asarray(make("crop", 50, photo)), whole[80:240, 60:180])
    places = set()
    for key in "abcd":
        part = np.asarray(make("crop-uneven", 50, photo, key=key))
        found = [
            (top, left)
            for top in range(161)
            for left in range(121)
            if np.array_equal(whole[top, left : left + 20], part[0, :20])
            and np.array_equal(whole[top : top + part.shape[0], left : left + part.shape[1]], part)
        ]
        places.update(found[:1])
    assert len(places) > 2


def test_quarter_turns_mirror_and_flip_move_pixels_exactly(photo):
    whole = np.asarray(photo)
    for turns, degrees in enumerate((90, 180, 270), start=1):
        assert np.array_equal(np.asarray(make("rotate-black", degrees, photo)), np.rot90(whole, turns))
    assert np.array_equal(np.asarray(make("mirror", 1, photo)), whole[:, ::-1])
    assert np.array_equal(np.asarray(make("flip", 1, photo)), whole[::-1])


def test_turned_corners_are_black_or_white(photo):
    assert make("rotate-black", 15, photo).getpixel((0, 0)) == (0, 0, 0)
    assert make("rotate-white", 15, photo).getpixel((0, 0)) == (255, 255, 255)


def test_tones_change_as_named(photo):
    grey, sepia = np.asarray(make("grey", 1, photo)), np.asarray(make("sepia", 1, photo)).mean((0, 1))
    assert (grey[..., 0] == grey[..., 2]).all()
    assert sepia[0] > sepia[1] > sepia[2]
    mean = ImageStat.Stat(photo.convert("L")).mean[0]
    assert ImageStat.Stat(make("gamma", 0.5, photo).convert("L")).mean[0] > mean + 3
    assert ImageStat.Stat(make("gamma", 2, photo).convert("L")).mean[0] < mean - 3
    assert ImageStat.Stat(make("brightness", 50, photo).convert("L")).mean[0] == pytest.approx(mean / 2, abs=2)
    spread = ImageStat.Stat(photo.convert("L")).stddev[0]
    assert ImageStat.Stat(make("contrast", 50, photo).convert("L")).stddev[0] == pytest.approx(spread / 2, rel=0.1)
    red = Image.new("RGB", (9, 9), (200, 20, 20))
    assert make("hue", 180, red).getpixel((0, 0)) == pytest.approx((20, 200, 200), abs=6)


def test_noise_is_as_strong_as_its_step():
    plain = Image.new("RGB", (200, 200), (128, 128, 128))
    assert np.asarray(make("noise", 15, plain), float).std() == pytest.approx(15, rel=0.05)


def test_a_swapped_profile_has_other_numbers_and_the_loader_gives_the_colours_back():
    red = Image.new("RGB", (64, 64), (200, 60, 60))
    content = make("icc", 90, red)
    with Image.open(io.BytesIO(content)) as stored:
        assert stored.info["icc_profile"] == wide_profile()
        numbers = np.asarray(stored, np.int16)
    assert np.abs(numbers - np.asarray(red, np.int16)).max() > 15
    assert np.abs(pixels(content) - np.asarray(red, np.int16)).max() <= 3


def test_transparent_edges_are_opaque_in_the_middle_and_fade_out(photo):
    alpha = np.asarray(make("alpha", 20, photo).getchannel("A"))
    assert alpha[160, 120] == 255
    assert alpha[0].max() < 20
    assert len(np.unique(alpha)) > 20


def test_what_cannot_be_made_here_is_left_out_with_what_to_install(monkeypatch):
    monkeypatch.setattr("lookalike.optional.importlib.util.find_spec", lambda name: None)
    found, missing = find_attacks("jpeg,heic")
    assert list(found) == ["jpeg"]
    assert "lookalike[heif]" in missing["heic"]


@pytest.mark.parametrize("names", ["jpg", "", ","])
def test_an_unknown_attack_is_told_with_those_there_are(names):
    with pytest.raises(EvaluationError, match="rotate-black"):
        find_attacks(names)


def test_there_are_about_thirty_attacks_and_strengths_are_all_different():
    assert len(ATTACKS) >= 30
    for attack in ATTACKS.values():
        assert len(set(attack.steps)) == len(attack.steps)
        assert ("{}" in attack.how) == (attack.steps != ONCE)
