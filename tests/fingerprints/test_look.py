from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.fingerprints import _pixels, fingerprint_picture, look_colors, look_network, look_outlines, parse_recipe
from lookalike.fingerprints.look import ODDS_UNIT, chance_table, random_signs
from lookalike.fingerprints.look_numbers import EXACT_BELOW, load_numbers
from lookalike.fingerprints.views import Views
from lookalike.images import Limits, load_picture
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.model import Picture
from lookalike.rendering.products import make_products

PROJECT = Path(__file__).parents[2]
NEAREST = 9


def code_of(image):
    picture = Picture(image, *image.size, "image", image.mode)
    return fingerprint_picture(picture, [parse_recipe("look")])[0].codes


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_a_picture_and_its_mirror_twin_have_the_same_code():
    image = next(iter(make_products(1))).image
    mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert np.bitwise_count(code_of(image) ^ code_of(mirrored)).sum() <= 8  # shrinking rounds once more on one side


def test_the_network_in_floats_is_the_network_in_whole_numbers():
    numbers = load_numbers()
    for seed in range(3):
        planes = noise(1, 16, 16, 48, seed=seed).astype(np.float32)
        one = numbers.convolutions[3]
        whole = np.pad(planes.astype(np.int64), ((0, 0), (1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(whole, (3, 3), (1, 2))[:, ::2, ::2].transpose(
            0, 1, 2, 4, 5, 3
        )
        kernel = one.weights.astype(np.int64).reshape(3, 3, 48, -1)
        sums = np.tensordot(windows, kernel, axes=3)
        expected = np.clip(np.rint(sums * one.scale + one.shift), 0, 255)
        assert np.array_equal(look_network._convolve(planes, one, stride=2), expected)


def test_no_sum_of_a_convolution_can_reach_what_float32_rounds():
    for one in load_numbers().convolutions:
        assert np.array_equal(one.weights, np.rint(one.weights))
        assert np.abs(one.weights).sum(axis=0).max() * 255 < EXACT_BELOW


def test_no_entry_of_a_table_lies_where_another_machine_could_round_it_otherwise():
    odds = np.delete(np.arange(-256, 256) / 64, 256)  # at even odds the weight is 127.5 to the last bit, everywhere
    votes = look_outlines.exact_votes().reshape(look_outlines.WIDTH, look_outlines.WIDTH, -1)
    upright = look_outlines.STEPS  # a right angle falls halfway between two orientations, to the last bit everywhere
    for exact in (
        np.delete(votes, upright, axis=1),
        look_colors.exact_shares(),
        look_colors.WEIGHT_UNIT / (1 + np.exp(-2 * odds)),
        65535 * np.exp(-np.arange(chance_table().size) / ODDS_UNIT),
    ):
        assert np.abs(exact - np.floor(exact) - 0.5).min() > 1e-9


def test_the_random_signs_never_change_and_are_fair():
    signs = random_signs(300, 256, b"color")
    assert set(np.unique(signs)) == {-1, 1}
    assert abs(signs.mean()) < 0.02
    assert signs[0, :16].tolist() == [-1, 1, -1, 1, 1, -1, 1, -1, -1, 1, 1, 1, 1, -1, 1, -1]


@pytest.mark.parametrize("size", [(1, 1), (31, 33), (200, 301)])
def test_restored_colors_are_those_of_the_decoder(size):
    buffer = io.BytesIO()
    Image.fromarray(noise(*size, 3)).save(buffer, "JPEG", quality=90)
    stored = Image.open(buffer)
    stored.draft("YCbCr", stored.size)
    stored.load()
    planes = _pixels.restore_colors(Views(stored).stored_pixels)
    assert np.array_equal(np.moveaxis(planes, 0, -1), np.asarray(Image.open(buffer).convert("RGB")))


def test_a_jpeg_and_its_pixels_have_the_same_code(tmp_path):
    path = tmp_path / "bag.jpg"
    next(iter(make_products(1))).image.save(path, quality=90)
    recipe = parse_recipe("look")
    from_file = fingerprint_source(path, [recipe], Limits())[1][0]
    from_pixels = fingerprint_picture(load_picture(np.asarray(Image.open(path))), [recipe])[0]
    assert from_file.codes.tobytes() == from_pixels.codes.tobytes()


def precision(codes, truth, asked, owners):
    """The share of the nine nearest of other owners that are of the same truth."""
    found = 0
    for query in asked:
        distances = np.bitwise_count(codes ^ codes[query]).sum(axis=1, dtype=np.int64)
        distances[owners == owners[query]] = 65_535
        found += np.count_nonzero(truth[np.argsort(distances, kind="stable")[:NEAREST]] == truth[query])
    return found / (NEAREST * len(asked))


def test_the_colour_part_finds_the_same_colour_twice_as_often_as_colorhash():
    bags = [bag for bag in make_products(150) if bag.planted is None]
    colors = np.array([bag.attributes["colour"] for bag in bags])
    everyone = np.arange(len(bags))
    recipes = [parse_recipe("look"), parse_recipe("colorhash")]
    made = [fingerprint_picture(Picture(bag.image, *bag.image.size, "image", "RGB"), recipes) for bag in bags]
    mine = np.concatenate([look.codes for look, _ in made])[:, 96:]
    theirs = np.concatenate([colorhash.codes for _, colorhash in made])
    assert precision(mine, colors, everyone, everyone) >= 2 * precision(theirs, colors, everyone, everyone)


def test_of_nine_nearest_photos_three_in_five_show_the_same_kind_to_contributors_it_never_saw(clothing):
    sys.path.insert(0, str(PROJECT / "training"))
    try:
        from contributors import held_out_contributors
    finally:
        sys.path.pop(0)
    with (Path(clothing[0]).parents[1] / "items.csv").open(newline="", encoding="utf-8") as file:
        items = {item["image"]: item for item in csv.DictReader(file)}
    shown = [items[Path(path).stem] for path in clothing]
    labels, senders = (np.array([item[word] for item in shown]) for word in ("label", "sender_id"))
    held = np.flatnonzero(np.isin(senders, sorted(held_out_contributors(senders.tolist()))))
    known = np.setdiff1d(np.arange(len(clothing)), held)[::2]  # every other one, since reading all takes a while
    used = np.concatenate([held, known])
    recipe = [parse_recipe("look")]
    codes = np.concatenate([fingerprint_source(clothing[row], recipe, Limits())[1][0].codes for row in used])
    senders = np.concatenate([np.full(len(held), "held"), senders[known]])  # asked are the held out, of the others
    assert precision(codes, labels[used], np.arange(len(held)), senders) >= 0.60
