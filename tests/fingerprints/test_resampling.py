from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lookalike.fingerprints import _pixels, resampling
from lookalike.fingerprints.resampling import plan_taps, resize_to_many

SIDES = st.one_of(st.integers(1, 20), st.integers(1, 400))


@settings(max_examples=150, deadline=None)
@given(
    width=SIDES, height=SIDES, sizes=st.sets(st.tuples(SIDES, SIDES), min_size=1, max_size=4), seed=st.integers(0, 9)
)
def test_thumbnails_equal_pillows_byte_for_byte(width, height, sizes, seed):
    pixels = np.random.default_rng(seed).choice(np.array([0, 1, 127, 254, 255], np.uint8), (height, width))
    image = Image.fromarray(pixels)
    thumbnails = resize_to_many(lambda: image, pixels, sizes)
    assert thumbnails.keys() == sizes
    for size in sizes:
        assert np.array_equal(thumbnails[size], np.asarray(image.resize(size, Image.Resampling.LANCZOS)))


def test_pictures_larger_than_one_block_of_lines_equal_pillows():
    pixels = np.random.default_rng(1).integers(0, 256, (1300, 1100), dtype=np.uint8)
    image = Image.fromarray(pixels)
    for size in ((32, 32), (9, 8), (512, 512), (1100, 16), (40, 1300)):
        expected = np.asarray(image.resize(size, Image.Resampling.LANCZOS))
        assert np.array_equal(resize_to_many(lambda: image, pixels, [size])[size], expected)


def test_the_installed_pillow_calculates_as_this_room_does():
    assert resampling._equals_pillow()


def test_where_pillow_would_calculate_otherwise_its_own_resize_is_used(monkeypatch):
    pixels = np.random.default_rng(2).integers(0, 256, (50, 60), dtype=np.uint8)
    image = Image.fromarray(pixels)
    monkeypatch.setattr(resampling, "_equals_pillow", lambda: False)
    monkeypatch.setattr(resampling, "_resize", lambda narrowed, size: narrowed.pixels[:0])
    expected = np.asarray(image.resize((9, 8), Image.Resampling.LANCZOS))
    assert np.array_equal(resize_to_many(lambda: image, pixels, [(9, 8)])[9, 8], expected)


def test_weights_of_every_output_add_up_to_one_within_their_rounding():
    for num_inputs, num_outputs in ((400, 8), (533, 256), (7, 32), (1, 9)):
        taps = plan_taps(num_inputs, num_outputs)
        assert taps is not None
        sums = taps.weights.sum(axis=1) / 2.0**22
        assert sums.shape == (num_outputs,)
        # Each weight is at most half a unit of 2**-22 off.
        assert np.abs(sums - 1.0).max() <= num_inputs * 2.0**-23


@settings(max_examples=150, deadline=None)
@given(rows=st.integers(1, 40), columns=st.integers(1, 300), outputs=st.integers(1, 9), seed=st.integers(0, 99))
def test_mixing_columns_is_mixing_the_rows_of_the_turned_plane(rows, columns, outputs, seed):
    rng = np.random.default_rng(seed)
    plane = rng.integers(0, 256, (rows, columns), dtype=np.uint8)
    counts = rng.integers(0, columns + 1, outputs).astype(np.int32)
    starts = rng.integers(0, columns - counts + 1).astype(np.int32)
    # Positive and negative weights whose sum of magnitudes stays below what 32 bits hold.
    weights = rng.integers(-(1 << 23) // columns + 1, (1 << 23) // columns, (outputs, max(1, int(counts.max()))))
    weights = weights.astype(np.int32)
    used = np.arange(weights.shape[1]) < counts[:, None]
    inputs = np.where(used, starts[:, None] + np.arange(weights.shape[1]), 0)
    sums = (plane[:, inputs].astype(np.int64) * np.where(used, weights, 0)).sum(axis=2)
    expected = np.clip((sums + (1 << 21)) >> 22, 0, 255)
    assert np.array_equal(_pixels.mix_columns(plane, starts, counts, weights), expected)
    assert np.array_equal(_pixels.mix_rows(np.ascontiguousarray(plane.T), starts, counts, weights), expected.T)


def test_rows_outside_the_plane_and_weights_too_large_are_refused():
    plane = np.zeros((10, 20), np.uint8)
    starts, counts = np.array([8], np.int32), np.array([3], np.int32)
    with pytest.raises(ValueError, match="reads 3 lines from 8; the plane has 10,"):
        _pixels.mix_rows(plane, starts, counts, np.ones((1, 3), np.int32))
    with pytest.raises(ValueError, match="reads 3 lines from 18; the plane has 20,"):
        _pixels.mix_columns(plane, starts + 10, counts, np.ones((1, 3), np.int32))
    with pytest.raises(ValueError, match="exceed 32 bits"):
        _pixels.mix_rows(plane, starts - 8, counts, np.full((1, 3), 1 << 22, np.int32))
    with pytest.raises(ValueError, match="needs a start and a count"):
        _pixels.mix_rows(plane, starts, counts, np.ones((2, 3), np.int32))


def test_the_loops_of_every_level_make_the_same_fingerprints():
    program = (
        "import numpy as np, lookalike\n"
        "pixels = np.random.default_rng(5).integers(0, 256, (301, 217, 3), dtype=np.uint8)\n"
        "for name in ('phash', 'whash', 'dhash', 'colorhash'):\n"
        "    made = lookalike.fingerprint(pixels, name)\n"
        "    print(made.hex, made.quality)"
    )
    answers = {
        level: subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "LOOKALIKE_KERNEL": level},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for level in ("", "avx2", "portable")
    }
    assert answers[""] == answers["avx2"] == answers["portable"]
    assert len(answers[""].split()) == 8
