"""The native alignment and support of parts against what they promise, written slowly with numpy."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from lookalike.fingerprints.asked_parts import NOWHERE, AskedParts, ask_parts, weigh_support
from lookalike.fingerprints.spot_places import UNITS, steps_to_units, unpack_places
from lookalike.jobs.alignment import MOST_ALIKE, MOST_BITS, Alignment, align
from lookalike.model import Picture

ROUNDS = 3
SCALES_APART = 16
FOR_AFFINE = 5


def plausible(fit):
    if not (fit.xx > 0.02 and fit.yy > 0.02):
        return False
    return abs(fit.xy) + abs(fit.yx) < 0.3 * (fit.xx + fit.yy) and 0.5 < fit.xx / fit.yy < 2.0


def to_plane(places, longer_side):
    """Places in units as those of a plane, int32 (n, 3)."""
    scaled = places.astype(np.float64)
    scaled[:, :2] *= 16 * longer_side / UNITS
    scaled[:, 2] -= steps_to_units(longer_side)
    return np.rint(scaled).astype(np.int32)


def compare(asked, places, codes):
    bits = np.full(len(codes), NOWHERE, np.int64)
    if asked.space is None:
        return bits
    sigma = np.exp2(places[:, 2] / 32)
    x, y = places[:, 0], places[:, 1]
    inside = (x > 3 * sigma) & (y > 3 * sigma) & (x < asked.width - 3 * sigma) & (y < asked.height - 3 * sigma)
    inside &= sigma * asked.longer_side > 4096
    if inside.any():
        bits[inside] = np.bitwise_count(asked.space.codes(to_plane(places[inside], asked.longer_side)) ^ codes[inside])
    return bits


def align_slowly(asked, part, places, codes, held):
    seed = asked.places[part].astype(np.float64)
    zoom = float(np.exp2((seed[2] - places[held, 2]) / 32))
    fit = Alignment(zoom, 0, seed[0] - zoom * places[held, 0], 0, zoom, seed[1] - zoom * places[held, 1])
    apart = np.bitwise_count(codes[:, None] ^ asked.codes[None, :])
    alike = apart <= MOST_ALIKE
    best = None
    best_score = -1
    for turn in range(ROUNDS):
        shown = np.empty((len(places), 3))
        shown[:, :2] = fit.of(places[:, :2])
        shown[:, 2] = places[:, 2] + 32 * np.log2(fit.zoom)
        steps = np.abs(shown[:, 2, None] - asked.places[None, :, 2])
        off = np.hypot(shown[:, 0, None] - asked.places[None, :, 0], shown[:, 1, None] - asked.places[None, :, 1])
        sigma = np.exp2(shown[:, 2] / 32)
        reach = 1.2 * sigma + 0.06 * np.hypot(shown[:, 0] - seed[0], shown[:, 1] - seed[1]) if turn == 0 else sigma
        near = alike & (steps < SCALES_APART) & (off < reach[:, None])
        apart_there = np.where(near, apart, NOWHERE)
        nearest = apart_there.argmin(axis=1)
        bits = np.minimum(compare(asked, shown, codes), apart_there[np.arange(len(places)), nearest])
        score = int(np.maximum(0, MOST_BITS - bits).sum())
        if score <= best_score:
            break
        best, best_score = (fit, bits), score
        pairs = np.flatnonzero(near.any(axis=1))
        refitted = fit_to(places[pairs, :2], asked.places[nearest[pairs], :2].astype(np.float64))
        if refitted is None or not plausible(refitted):
            break
        fit = refitted
    return best


def fit_to(held, shown):
    if len(held) < 2:
        return None
    middle, shown_middle = held.mean(axis=0), shown.mean(axis=0)
    from_middle, from_shown = held - middle, shown - shown_middle
    spread = (from_middle**2).sum(axis=0)
    if spread.sum() < 1:
        return None
    if len(held) >= FOR_AFFINE:
        gram = from_middle.T @ from_middle
        if np.linalg.det(gram) > 1e-3 * spread.sum() ** 2:
            (xx, xy), (yx, yy) = (from_shown.T @ from_middle) @ np.linalg.inv(gram)
            shift = shown_middle - np.array([xx * middle[0] + xy * middle[1], yx * middle[0] + yy * middle[1]])
            return Alignment(float(xx), float(xy), float(shift[0]), float(yx), float(yy), float(shift[1]))
    zoom = float((from_middle * from_shown).sum() / spread.sum())
    shift = shown_middle - zoom * middle
    return Alignment(zoom, 0.0, float(shift[0]), 0.0, zoom, float(shift[1]))


def support_slowly(asked, places, codes, part, seed):
    """The sum over parts held of the bits that the best of the query's, where it should be, lies below MOST_BITS."""
    zoom = 2 ** ((asked.places[part, 2] - places[seed, 2]) / 32)
    shown = asked.places[part, :2] + (places[:, :2] - places[seed, :2]) * zoom
    scales = places[:, 2] + asked.places[part, 2] - places[seed, 2]
    reach = np.exp2(scales / 32) + 0.08 * np.hypot(*((places[:, :2] - places[seed, :2]) * zoom).T)
    near = np.abs(asked.places[None, :, 2] - scales[:, None]) <= SCALES_APART
    for axis in (0, 1):
        near &= np.abs(asked.places[None, :, axis] - shown[:, None, axis]) <= reach[:, None]
    bits = np.where(near, MOST_BITS - np.bitwise_count(codes[:, None] ^ asked.codes[None]).astype(np.int64), 0)
    best = np.maximum(bits.max(axis=1), 0)
    best[seed] = MOST_BITS - int(np.bitwise_count(codes[seed] ^ asked.codes[part]))
    return max(int(best.sum()), 0)


@pytest.fixture(scope="module")
def asked():
    rng = np.random.default_rng(1)
    image = Image.fromarray(rng.integers(0, 256, (30, 42), dtype=np.uint8)).resize((420, 300), Image.Resampling.BICUBIC)
    return ask_parts(Picture(image, *image.size, "image", image.mode))


def held_of(asked, rng, number):
    """Some of the query's parts, shrunk, slanted, moved and with bits turned; others at random."""
    chosen = rng.permutation(len(asked.codes))[:number]
    places = asked.places[chosen].copy()
    places[:, :2] = places[:, :2] @ np.array([[0.8, 0.08], [-0.08, 0.7]]) + rng.normal(300, 3, (number, 2))
    places[:, :2] = np.clip(places[:, :2], 0, 4095)
    places[:, 2] = np.clip(places[:, 2] - 10, 1, 255)
    words = places.round().astype(np.uint32)
    packed = words[:, 0] << 20 | words[:, 1] << 8 | words[:, 2]
    codes = asked.codes[chosen].copy()
    for at in range(number):
        for bit in rng.integers(0, 64, rng.integers(0, 12)).tolist():
            codes[at] ^= np.uint64(1) << np.uint64(bit)
    codes[number // 2 :: 3] = rng.integers(0, 1 << 63, len(codes[number // 2 :: 3]), dtype=np.uint64)
    return chosen, packed, codes


@pytest.mark.parametrize("known", ["its pixels", "its parts alone"])
def test_alignments_equal_those_fitted_slowly(asked, known):
    query = asked if known == "its pixels" else AskedParts(asked.places, asked.codes)
    rng = np.random.default_rng(3)
    fitted = 0
    for _ in range(40):
        chosen, packed, codes = held_of(asked, rng, 24)
        places = unpack_places(packed)
        seed = int(rng.integers(0, 24))
        expected, bits = align_slowly(query, int(chosen[seed]), places.astype(np.float64), codes, seed)
        found, found_bits = align(query.aligner(), int(chosen[seed]), places, codes, seed)
        numbers = [[one.xx, one.xy, one.x0, one.yx, one.yy, one.y0] for one in (expected, found)]
        np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(bits, found_bits)
        fitted += expected.xy != 0
    assert fitted > 10  # as many were fitted to slant, too


def test_support_equals_that_weighed_slowly_and_names_the_pictures_rows(asked):
    rng = np.random.default_rng(4)
    pictures = [held_of(asked, rng, number) for number in (24, 1, 32, 7)]
    chosen, packed, codes = (np.concatenate(column) for column in zip(*pictures, strict=True))
    owners = np.repeat(np.array([3, 4, 9, 12], np.int64), [24, 1, 32, 7])
    words = codes.astype(">u8").view(np.uint64)[:, None]
    hypotheses = np.stack([rng.permutation(chosen), np.arange(len(owners))], axis=1)
    hypotheses = np.concatenate([hypotheses, np.stack([chosen, np.arange(len(owners))], axis=1)]).astype(np.int64)
    weighed = weigh_support(asked, words, packed, owners, hypotheses, MOST_BITS)
    places = unpack_places(packed)
    for (part, row), (support, begin, end) in zip(hypotheses.tolist(), weighed.tolist(), strict=True):
        mine = np.flatnonzero(owners == owners[row])
        assert (begin, end) == (mine[0], mine[-1] + 1)
        assert support == support_slowly(asked, places[mine], codes[mine], part, row - begin)
    assert weighed[:, 0].max() > 100


def test_parts_that_did_not_come_are_refused(asked):
    words, places, owners = np.zeros((2, 1), np.uint64), np.ones(2, np.uint32), np.zeros(2, np.int64)
    for part, row in [(-1, 0), (len(asked.codes), 0), (0, -1), (0, 2)]:
        with pytest.raises(ValueError, match="names parts that didn't come"):
            weigh_support(asked, words, places, owners, np.array([[part, row]]), MOST_BITS)
    with pytest.raises(ValueError, match="begins with a part"):
        align(asked.aligner(), 0, np.zeros((2, 3), np.float32), np.zeros(2, np.uint64), 2)


def test_an_alignment_is_told_by_where_three_corners_are_shown():
    laid = Alignment(1.1, 0.02, -50.0, -0.03, 0.9, 70.0)
    corners = np.array([[100.0, 200.0], [3000.0, 200.0], [100.0, 2500.0]])
    found = Alignment.between(corners, laid.of(corners))
    assert dataclasses.astuple(found) == pytest.approx(dataclasses.astuple(laid))
