"""PDQ: near the codes that other implementations made of Meta's own pictures, and its steps as they are published."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import RecipeError
from lookalike.fingerprints import fingerprint_picture, parse_recipe
from lookalike.fingerprints.pdq import measure_frequencies
from lookalike.fingerprints.views import Views
from lookalike.images import load_picture

META = Path(__file__).parents[2].parent / "shared" / "data" / "pdq"
RECIPE = parse_recipe("pdq")


def bits_of(code):
    return np.unpackbits(np.frombuffer(bytes.fromhex(code), np.uint8)).astype(bool)


@pytest.fixture(scope="module")
def published():
    """{path: (our bits, the bits of each published code of it)}"""
    if not META.exists():
        pytest.skip("Meta's pictures are not beside the repository")
    codes = {}
    with (META / "reference_hashes.csv").open() as lines:
        for row in csv.DictReader(lines):
            codes.setdefault(row["path"], []).append(bits_of(row["pdq_hex"]))
    made = {}
    for path, theirs in codes.items():
        picture = load_picture(META / path, channels="stored")
        made[path] = fingerprint_picture(picture, [RECIPE])[0].bits, np.array(theirs)
    return made


def test_every_published_code_is_within_12_bits(published):
    far = {path: (ours != theirs).sum(axis=1).max() for path, (ours, theirs) in published.items()}
    assert len(far) == 44
    assert max(far.values()) <= 12, far


def test_where_published_codes_differ_ours_is_within_2_bits_of_their_majority(published):
    """The majority is what more than half of a picture's codes say of a bit; of two that differ there, neither."""
    differing = {path: both for path, both in published.items() if len(np.unique(both[1], axis=0)) > 1}
    assert len(differing) == 15
    for path, (ours, theirs) in differing.items():
        votes, voters = theirs.sum(axis=0), len(theirs)
        against = np.where(ours, 2 * votes < voters, 2 * votes > voters)
        assert against.sum() <= 2, path


def test_where_several_published_codes_agree_ours_is_theirs(published):
    agreed = {
        path: both for path, both in published.items() if len(both[1]) > 1 and len(np.unique(both[1], axis=0)) == 1
    }
    assert len(agreed) == 6
    for path, (ours, theirs) in agreed.items():
        assert np.array_equal(ours, theirs[0]), path


def smooth_slowly(pixels, window):
    """One pass of the published box filter along the last axis."""
    ahead = (window + 2) // 2
    count = pixels.shape[-1]
    spans = [(max(0, at - window + ahead), min(count, at + ahead)) for at in range(count)]
    return np.stack([pixels[..., start:end].mean(axis=-1) for start, end in spans], axis=-1)


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (64, 64), (129, 200), (512, 333)])
def test_frequencies_equal_the_published_steps_one_after_the_other(size):
    luminance = np.random.default_rng(1).integers(0, 256, size).astype(np.float32)
    pixels = luminance.astype(np.float64)
    for _ in range(2):
        pixels = smooth_slowly(pixels, (size[1] + 127) // 128)
        pixels = smooth_slowly(pixels.T, (size[0] + 127) // 128).T
    rows, columns = (((np.arange(64) + 0.5) * length / 64).astype(int) for length in size)
    cells = pixels[rows][:, columns]
    expected = np.empty((16, 16))
    at = 2 * np.arange(64) + 1
    for down in range(16):
        for across in range(16):
            wave = np.outer(np.cos(np.pi / 128 * (down + 1) * at), np.cos(np.pi / 128 * (across + 1) * at))
            expected[down, across] = (cells * wave).sum()
    np.testing.assert_allclose(measure_frequencies(luminance), expected, atol=1e-6)


@pytest.mark.parametrize("size", [(600, 800), (1000, 300), (1400, 513)])
def test_a_large_picture_means_the_mean_of_what_three_ways_to_shrink_it_give(size):
    pixels = np.random.default_rng(2).integers(0, 256, size).astype(np.float32)
    longer = max(size)
    sides = [tuple(max(1, round(side * 512 / longer)) for side in size), tuple(min(512, side) for side in size)]

    def shrink_slowly(values, count):
        """Averages along the first axis, of so many equal parts; pixels at their ends count in part."""
        edges = np.arange(count + 1) * (len(values) / count)
        before = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)])
        at = np.stack([np.interp(edges, np.arange(len(values) + 1), column) for column in before.T], axis=1)
        return np.diff(at, axis=0) * (count / len(values))

    shrunk = [shrink_slowly(shrink_slowly(pixels, height).T, width).T for height, width in sides]
    in_shape, square = (measure_frequencies(one.astype(np.float32)) for one in shrunk)
    three_times = measure_frequencies(pixels) * 3
    np.testing.assert_allclose(three_times - in_shape - square, whole_frequencies(pixels), atol=0.5)


def whole_frequencies(pixels):
    from lookalike.fingerprints.pdq_rows import COSINES, _cells_of

    down, across = (COSINES @ _cells_of(length) for length in pixels.shape)
    return down @ pixels.astype(np.float64) @ across.T


def test_half_of_the_bits_are_set_so_that_distances_are_even(painter, picture_of):
    codes = [
        fingerprint_picture(picture_of(Image.fromarray(painter(kind, 200, 150, 3)), "lookalike", "reduced"), [RECIPE])[
            0
        ]
        for kind in ("noise", "gradient", "blobs")
    ]
    assert [int(code.bits.sum()) for code in codes] == [128] * 3
    assert all(one.distance(other) % 2 == 0 for one in codes for other in codes)


@pytest.mark.parametrize("level", [0, 77, 255])
def test_a_flat_picture_has_no_rounding_for_bits(level, picture_of):
    flat = picture_of(Image.new("RGB", (600, 531), (level, level, level)), "lookalike", "reduced")
    assert not fingerprint_picture(flat, [RECIPE])[0].bits.any()


@pytest.mark.parametrize("subsampling", [0, 2])
def test_luminance_of_a_stored_jpeg_is_that_of_the_colors_libjpeg_decodes(subsampling, painter):
    file = io.BytesIO()
    Image.fromarray(painter("noise", 131, 97, 4)).save(file, "JPEG", quality=40, subsampling=subsampling)
    stored, colors = (load_picture(file.getvalue(), channels=channels).image for channels in ("stored", "rgb"))
    assert (stored.mode, colors.mode) == ("YCbCr", "RGB")
    weights = np.array([299, 587, 114])
    expected = (np.asarray(colors).astype(int) @ weights).astype(np.float32) / np.float32(1000)
    assert np.array_equal(Views(stored).luminance, expected)
    assert np.array_equal(Views(colors).luminance, expected)


def test_options_are_refused():
    with pytest.raises(RecipeError, match="takes none"):
        parse_recipe("pdq:16")
