from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from lookalike.fingerprints import _pixels
from lookalike.fingerprints.cells import average_cells, resize_by_pillow
from lookalike.fingerprints.quality import APART, NEAR, SAMPLES_A_SIDE, judge_quality

SIDE = 256
ACROSS, DOWN = np.meshgrid(np.arange(SIDE), np.arange(SIDE))


def grey(pixels):
    return np.clip(pixels, 0, 255).astype(np.uint8)


def dot():
    pixels = np.zeros((SIDE, SIDE))
    pixels[100, 77] = 255
    return pixels


def code():
    return np.kron(np.random.default_rng(1).integers(0, 2, (32, 32)), np.ones((8, 8))) * 255


FLAT = {
    "black": ACROSS * 0,
    "grey": ACROSS * 0 + 90,
    "a gradient": ACROSS,
    "a slanted gradient": (ACROSS + DOWN) / 2,
    "a round gradient": np.hypot(ACROSS - 128, DOWN - 128) * 1.4,
    "a single bright pixel": dot(),
    "a blank page": 250 + np.random.default_rng(2).integers(0, 5, (SIDE, SIDE)),
}


@pytest.mark.parametrize("name", FLAT)
def test_pictures_of_nothing_are_flat(name):
    quality, marks = judge_quality(grey(FLAT[name]))
    assert quality < 10
    assert marks == ("flat",)


def test_noise_is_not_flat():
    assert judge_quality(grey(np.random.default_rng(3).integers(0, 256, (SIDE, SIDE)))) == (100, ())


def test_codes_logos_and_print_are_two_tone_and_worth_little():
    logo = Image.new("L", (300, 300), 240)
    ImageDraw.Draw(logo).ellipse((60, 60, 240, 240), fill=40)
    page = Image.new("L", (600, 800), 255)
    for line in range(40, 760, 16):
        ImageDraw.Draw(page).text((40, line), "the quick brown fox jumps over the lazy dog " * 2, fill=0)
    for pixels in (grey(code()), np.asarray(logo), np.asarray(page)):
        quality, marks = judge_quality(pixels)
        assert quality < 20
        assert marks == ("two-tone",)


def scan(image, sigma=4):
    """As a scanner or camera would see it: paper and ink a little grey, and noise."""
    pixels = np.asarray(image).astype(float) * 0.9 + 12
    return grey(pixels + np.random.default_rng(5).normal(0, sigma, pixels.shape))


def as_jpeg(image, quality):
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(image)).save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


@pytest.mark.parametrize("degrade", [scan, lambda i: as_jpeg(i, 30), lambda i: as_jpeg(scan(i, 2), 90)])
def test_print_stays_two_tone_when_it_is_scanned_or_compressed(degrade):
    logo = Image.new("L", (400, 400), 240)
    ImageDraw.Draw(logo).ellipse((80, 80, 320, 320), fill=40)
    page = Image.new("L", (900, 1200), 255)
    for line in range(60, 1140, 45):
        ImageDraw.Draw(page).text((60, line), "the quick brown fox " * 4, fill=0, font=ImageFont.load_default(28))
    for image in (logo, page, Image.fromarray(grey(code()))):
        assert judge_quality(np.asarray(degrade(image)))[1] == ("two-tone",)


@pytest.mark.parametrize("ground", [lambda y: 250 - y / 40, lambda y: 255 + 0 * y], ids=["in the light", "pure white"])
def test_a_dark_thing_before_a_plain_ground_is_not_two_tone(ground):
    rows, columns = np.mgrid[0:520, 0:440]
    pixels = ground(rows)
    inside = np.hypot((rows - 280) / 1.2, columns - 220) < 130
    shading = 34 + 9 * np.sin((columns - 220) / 90) + (rows - 280) / 60
    thing = grey(np.where(inside, shading, pixels))
    quality, marks = judge_quality(thing)
    assert marks == ()
    assert quality >= 20
    assert judge_quality(grey(np.where(inside, 34, np.full_like(pixels, 250))))[1] == ("two-tone",)  # its silhouette


def test_drawn_product_pictures_are_all_worth_comparing(draw_shop_of):
    for path in sorted((draw_shop_of(60) / "images").iterdir()):
        quality, marks = judge_quality(np.asarray(Image.open(path).convert("L")))
        assert (marks, quality >= 20) == ((), True), path.name


def test_two_near_tones_are_not_two_tone():
    assert judge_quality(grey(code() / 255 * 40 + 100))[1] == ()
    assert judge_quality(grey(code() / 255 * 80 + 100))[1] == ("two-tone",)


def test_a_shade_on_a_third_of_the_picture_is_not_two_tone():
    pixels = code()
    pixels[:, : SIDE // 3] = 100
    assert judge_quality(grey(pixels))[1] == ()


def test_the_smallest_pictures_are_judged_too():
    for size in ((1, 1), (1, 1000), (2, 1), (5000, 1)):
        assert judge_quality(np.full(size, 3, np.uint8)) == (0, ("flat",))


def test_bends_are_counted_as_the_slow_sum_counts_them():
    pixels = np.random.default_rng(4).integers(0, 256, (12, 9), dtype=np.uint8)
    values = pixels.astype(int).tolist()
    slow = 0
    for lines in (values, [list(column) for column in zip(*values, strict=True)]):
        for line in lines:
            for before, here, after in zip(line, line[1:], line[2:], strict=False):
                slow += abs(before - 2 * here + after) * 100 // 255
    assert _pixels.count_bends(pixels) == slow
    extreme = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert _pixels.count_bends(extreme) == 2 * 62 * 64 * 200


@settings(max_examples=100, deadline=None)
@given(height=st.one_of(st.integers(1, 700), st.integers(1, 20)), width=st.integers(1, 700), seed=st.integers(0, 9))
def test_pictures_are_shrunk_as_pillow_shrinks_them(height, width, seed):
    pixels = np.random.default_rng(seed).choice(np.array([0, 1, 127, 254, 255], np.uint8), (height, width))
    expected = Image.fromarray(pixels).resize((64, 64), Image.Resampling.BOX, reducing_gap=1.0)
    cells, bends = average_cells(pixels)
    assert np.array_equal(cells, np.asarray(expected))
    assert np.array_equal(resize_by_pillow(pixels), cells)
    assert bends == _pixels.count_bends(cells)


@settings(max_examples=40, deadline=None)
@given(down=st.integers(1, 300), across=st.integers(1, 30), rows=st.integers(1, 3), seed=st.integers(0, 9))
def test_boxes_are_averaged_as_pillow_averages_them(down, across, rows, seed):
    shape = (down * rows + down // 2, across * 40 + across // 3)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    expected = Image.fromarray(pixels).reduce((across, down))
    assert np.array_equal(_pixels.average_boxes(pixels, down, across), np.asarray(expected))


def count_two_tones_slowly(pixels):
    """Of Pillow's nearest samples: how many lie near the level that most are near, and near the next one far off."""
    samples = np.asarray(Image.fromarray(pixels).resize((SAMPLES_A_SIDE, SAMPLES_A_SIDE), Image.Resampling.NEAREST))
    within = [int((np.abs(samples.astype(int) - level) <= NEAR).sum()) for level in range(256)]
    common = within.index(max(within))
    far = [count for level, count in enumerate(within) if abs(level - common) >= APART]
    return within[common], max(far, default=0)


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (127, 129), (400, 533), (801, 600)])
def test_two_tones_are_counted_as_the_slow_count_has_them(shape):
    rng = np.random.default_rng(6)
    for pixels in (rng.integers(0, 256, shape), rng.choice([20, 25, 200, 208, 217], shape), np.full(shape, 7)):
        pixels = pixels.astype(np.uint8)
        assert _pixels.count_two_tones(pixels, SAMPLES_A_SIDE, NEAR, APART) == count_two_tones_slowly(pixels)


def test_shop_photos_are_nearly_all_worth_comparing(clothing):
    verdicts = [judge_quality(np.asarray(Image.open(path).convert("L"))) for path in clothing[::50]]
    worthy = [quality >= 20 and not marks for quality, marks in verdicts]
    assert sum(worthy) >= 0.95 * len(worthy)
