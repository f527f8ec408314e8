from __future__ import annotations

import io

import numpy as np
from PIL import Image

from lookalike.fingerprints.colorhash import NUM_BINS, count_colors, count_stored_colors

NEITHER = NUM_BINS  # a saturation of exactly 170


def test_all_sixteen_million_colors_fall_into_the_bins_of_pillows_hsv():
    green, blue = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    for red in range(256):
        pixels = np.stack([np.full_like(green, red), green, blue], axis=2)
        image = Image.fromarray(pixels)
        hue, saturation, _ = (np.asarray(band).ravel() for band in image.convert("HSV").split())
        grey = np.asarray(image.convert("L")).ravel()
        hue_bin = np.digitize(hue, np.linspace(0, 255, 7)[1:-1])
        bins = np.select(
            [grey < 32, saturation < 85, saturation < 170, saturation > 170],
            [np.zeros_like(hue_bin), np.ones_like(hue_bin), 2 + hue_bin, 8 + hue_bin],
            NEITHER,
        )
        colors = pixels.reshape(-1, 3)
        for number in np.unique(bins):
            inside = bins == number
            expected = np.zeros(NUM_BINS + 1, np.int64)
            expected[number] = np.count_nonzero(inside)
            counts = count_colors(grey[inside][None], *colors[inside].T[:, None])
            assert np.array_equal(counts, expected[:NUM_BINS]), (red, number)


def test_counts_of_parts_add_up_to_the_counts_of_the_whole():
    rng = np.random.default_rng(3)
    planes = rng.integers(0, 256, (4, 1, 100_003), dtype=np.uint8)
    whole = count_colors(*planes)
    parts = sum(count_colors(*planes[:, :, at : at + 7919]) for at in range(0, 100_003, 7919))
    assert np.array_equal(whole, parts)


def test_pixels_that_fill_no_whole_block_are_counted_once():
    for number in range(70):
        planes = (np.full((1, number), level, np.uint8) for level in (82, 250, 10, 10))
        assert count_colors(*planes).tolist() == [0] * 8 + [number] + [0] * 5


def stored_pixels(data):
    """uint8 (height, width, 4) as a JPEG stores them, by Pillow."""
    image = Image.open(io.BytesIO(data))
    image.draft("YCbCr", image.size)
    return np.dstack([np.asarray(image), np.zeros(image.size[::-1], np.uint8)])


def test_stored_colors_are_counted_as_those_that_the_decoder_makes_of_them():
    rng = np.random.default_rng(8)
    for size in ((1, 1), (31, 33), (97, 61), (200, 301)):
        noise = rng.integers(0, 256, (*size, 3), dtype=np.uint8)  # reaches all colours, also those beyond RGB
        buffer = io.BytesIO()
        Image.fromarray(noise).save(buffer, "JPEG", quality=92)
        stored = stored_pixels(buffer.getvalue())
        rgb = np.asarray(Image.open(io.BytesIO(buffer.getvalue())))
        planes = [stored[:, :, 0], *np.moveaxis(rgb, 2, 0)]
        expected = count_colors(*(np.ascontiguousarray(plane) for plane in planes))
        assert np.array_equal(count_stored_colors(stored), expected)
        assert expected.sum() > 0


def test_the_bytes_without_meaning_change_no_count():
    pixels = np.random.default_rng(9).integers(0, 256, (50, 70, 4), dtype=np.uint8)
    other = pixels.copy()
    other[:, :, 3] ^= 255
    assert np.array_equal(count_stored_colors(pixels), count_stored_colors(other))
