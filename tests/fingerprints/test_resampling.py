from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lookalike.fingerprints import resampling
from lookalike.fingerprints.resampling import plan_bands, resize_to_many

SIDES = st.one_of(st.integers(1, 20), st.integers(1, 400))


@settings(max_examples=150, deadline=None)
@given(
    width=SIDES, height=SIDES, sizes=st.sets(st.tuples(SIDES, SIDES), min_size=1, max_size=4), seed=st.integers(0, 9)
)
def test_thumbnails_equal_pillows_byte_for_byte(width, height, sizes, seed):
    pixels = np.random.default_rng(seed).choice(np.array([0, 1, 127, 254, 255], np.uint8), (height, width))
    image = Image.fromarray(pixels)
    thumbnails = resize_to_many(image, pixels, sizes)
    assert thumbnails.keys() == sizes
    for size in sizes:
        assert np.array_equal(thumbnails[size], np.asarray(image.resize(size, Image.Resampling.LANCZOS)))


def test_pictures_larger_than_one_block_of_lines_equal_pillows():
    pixels = np.random.default_rng(1).integers(0, 256, (1300, 1100), dtype=np.uint8)
    image = Image.fromarray(pixels)
    for size in ((32, 32), (9, 8), (512, 512), (1100, 16), (40, 1300)):
        expected = np.asarray(image.resize(size, Image.Resampling.LANCZOS))
        assert np.array_equal(resize_to_many(image, pixels, [size])[size], expected)


def test_the_installed_pillow_calculates_as_this_room_does():
    assert resampling._equals_pillow()


def test_where_pillow_would_calculate_otherwise_its_own_resize_is_used(monkeypatch):
    pixels = np.random.default_rng(2).integers(0, 256, (50, 60), dtype=np.uint8)
    image = Image.fromarray(pixels)
    monkeypatch.setattr(resampling, "_equals_pillow", lambda: False)
    monkeypatch.setattr(resampling, "_resize_widths", lambda pixels, widths: dict.fromkeys(widths, pixels[:0]))
    expected = np.asarray(image.resize((9, 8), Image.Resampling.LANCZOS))
    assert np.array_equal(resize_to_many(image, pixels, [(9, 8)])[9, 8], expected)


def test_weights_of_every_output_add_up_to_one_within_their_rounding():
    for num_inputs, num_outputs in ((400, 8), (533, 256), (7, 32), (1, 9)):
        bands = plan_bands(num_inputs, num_outputs)
        assert bands is not None
        sums = np.concatenate([band.weights.sum(axis=0) for band in bands])
        assert sums.shape == (num_outputs,)
        # Each weight is at most half a unit of 2**-22 off.
        assert np.abs(sums - 1.0).max() <= num_inputs * 2.0**-23
