"""Local codes: where spots are found, what places say, and what a distance counts."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lookalike.errors import RecipeError
from lookalike.fingerprints import animated_recipe, fingerprint_picture, parse_recipe, still_recipe
from lookalike.fingerprints._spots import ScaleSpace
from lookalike.fingerprints.spot_places import pack_slots, spot_size, to_units, unpack_places

PARTS = parse_recipe("parts")


def test_a_round_spot_is_found_where_it_is_and_as_large_as_it_is():
    for radius in (4, 7, 11):
        image = Image.new("L", (200, 160), 60)
        ImageDraw.Draw(image).ellipse((90 - radius, 70 - radius, 90 + radius, 70 + radius), fill=200)
        x, y, scale, _ = ScaleSpace(np.asarray(image), 4).spots(1, 0, 150, 0, 16)[0]
        assert abs(x / 16 - 90) < 1
        assert abs(y / 16 - 70) < 1
        # a disc stands out most at a sigma of its radius over the root of two (Lindeberg 1998, section 5.3)
        assert abs(2 ** (scale / 32) * 2**0.5 / radius - 1) < 0.3


def test_half_of_the_spots_are_of_the_middle_which_every_crop_to_half_the_sides_shows(painter):
    space = ScaleSpace(np.ascontiguousarray(painter("noise", 320, 240, 5)[:, :, 0]), 3)

    def in_middle(spots):
        return int(
            (
                (spots[:, 0] > 16 * 80) & (spots[:, 0] < 16 * 240) & (spots[:, 1] > 16 * 60) & (spots[:, 1] < 16 * 180)
            ).sum()
        )

    spread, half = space.spots(32, 0, 400, 70, 16), space.spots(32, 16, 400, 70, 16)
    assert len(spread) == len(half) == 32
    assert in_middle(spread) < 16 <= in_middle(half)
    assert len(np.unique(half, axis=0)) == 32
    assert (space.spots(8, 16, 400, 70, 16) == half[:8]).all()


def test_codes_survive_light_and_jpeg_and_tell_places_apart(picture_of, painter):
    pixels = painter("blobs", 240, 200, 3)[:, :, 0].astype(np.int32) + painter("noise", 240, 200, 4)[:, :, 0] // 8
    plane = np.clip(pixels // 2 + 20, 0, 255).astype(np.uint8)
    space, lighter = ScaleSpace(plane, 3), ScaleSpace((plane * 0.8 + 30).astype(np.uint8), 3)
    places = np.ascontiguousarray(space.spots(20, 0, 150, 70, 16)[:, :3])
    same = np.bitwise_count(space.codes(places) ^ lighter.codes(places))
    other = np.bitwise_count(space.codes(places) ^ space.codes(places[::-1].copy()))
    assert np.median(same) <= 3
    assert np.median(other) >= 16


def test_places_survive_being_packed_to_within_a_step():
    places = np.array([[16 * 100, 16 * 50, 40], [16 * 319, 16 * 239, 100]], np.int32)
    packed = pack_slots(places, np.array([7, 2**63], np.uint64), 320, 4).reshape(4, 12)
    assert not packed[2:].any()
    assert packed[:2, :8].copy().view(">u8")[:, 0].tolist() == [7, 2**63]
    units = unpack_places(packed[:2, 8:].copy().view(">u4")[:, 0].astype(np.uint32))
    assert np.abs(units - to_units(places, 320)).max() <= 1


def test_a_distance_counts_the_nearest_codes_and_no_places(picture_of, painter):
    image = Image.fromarray(painter("noise", 200, 150, 0))
    one, moved = (
        fingerprint_picture(picture_of(each, "lookalike", "reduced"), [PARTS])[0]
        for each in (image, image.crop((30, 0, 200, 150)))
    )
    assert one.slots.shape[1] == 12
    assert len(one.slots) <= PARTS.slots == 32
    assert one.compared.shape == (len(one.slots), 8)
    assert one.distance(moved) == min(int(np.bitwise_count(a ^ b).sum()) for a in one.compared for b in moved.compared)
    assert PARTS.distance_bits == 64


def test_sizes_keep_the_shape_and_are_bounded():
    assert spot_size((400, 300), 80_000) == (326, 244)
    assert spot_size((40, 30), 80_000) == (80, 60)
    assert max(spot_size((100_000, 1), 80_000)) <= 4096


def test_animations_have_slots_for_every_moment():
    animated = animated_recipe(PARTS)
    assert (animated.slots, animated.width_bits) == (256, 8 * PARTS.width_bits)
    assert still_recipe(animated) == PARTS == parse_recipe(str(PARTS))


def test_an_option_is_refused():
    with pytest.raises(RecipeError, match="takes none"):
        parse_recipe("parts:8")
