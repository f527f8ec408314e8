"""Pixels prove that two pictures show the same, or refuse it."""

from __future__ import annotations

from PIL import Image

from lookalike.images import Limits, load_picture
from lookalike.jobs.alignment import Alignment
from lookalike.jobs.verify_match import BAND_PENALTY, LEAST_AGREEMENT, verify_file, verify_match
from lookalike.model import Picture

SAME_PLACE = Alignment(1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def picture_of(image: Image.Image) -> Picture:
    return load_picture(image, channels="luminance")


def covered(image: Image.Image, rows: int, other: Image.Image) -> Image.Image:
    """*image* with *other* over so many rows above and below."""
    written = image.copy()
    for top in (0, image.height - rows):
        written.paste(other.crop((0, top, image.width, top + rows)), (0, top))
    return written


def test_pixels_refuse_a_planted_candidate_that_does_not_show_the_same(scene):
    one, other = picture_of(scene(0)), picture_of(scene(1))
    assert verify_match(one, one, SAME_PLACE).verified
    assert not verify_match(one, other, SAME_PLACE).verified
    elsewhere = Alignment(1.0, 0.0, 400.0, 0.0, 1.0, 300.0)
    assert not verify_match(one, one, elsewhere).verified


def test_plain_pictures_prove_nothing():
    plain = picture_of(Image.new("RGB", (300, 300), (90, 90, 90)))
    assert not verify_match(plain, plain, SAME_PLACE).verified


def test_a_file_that_is_gone_leaves_a_candidate_unproved(tmp_path, scene):
    query, path = picture_of(scene(0)), tmp_path / "copy.png"
    scene(0).save(path)
    assert verify_file(query, path, SAME_PLACE, Limits()).verified
    path.unlink()
    assert verify_file(query, path, SAME_PLACE, Limits()) is None
    path.write_bytes(b"no picture")
    assert verify_file(query, path, SAME_PLACE, Limits()) is None


def test_a_band_that_nothing_is_written_over_proves_a_copy_and_a_narrow_one_does_not(scene):
    other = scene(1000)
    for seed in range(6):
        original = picture_of(scene(seed))
        for rows, proved in ((90, True), (100, True), (140, False)):  # a half is left, 0.44 of it, a fifth
            copy = picture_of(covered(scene(seed), rows, other))
            assert verify_match(copy, original, SAME_PLACE).verified is proved


def test_a_band_has_to_agree_by_more_than_a_whole_picture(scene):
    proof = verify_match(picture_of(covered(scene(0), 90, scene(1000))), picture_of(scene(0)), SAME_PLACE)
    assert LEAST_AGREEMENT <= proof.agreement <= 1 - BAND_PENALTY
    assert verify_match(*[picture_of(scene(0))] * 2, SAME_PLACE).agreement > 0.99


def test_a_rough_alignment_is_fitted_to_the_blocks_that_agree(scene):
    for seed in range(6):
        picture = picture_of(scene(seed))
        rough = Alignment(1.12, 0.0, -246.0, 0.0, 1.12, -184.0)  # an eighth too large, about the middle
        proof = verify_match(picture, picture, rough)
        assert proof.verified
        assert proof.overlap.region.width > 0.91  # roughly laid, 0.89 of it were seen
        other = picture_of(scene(seed + 100))
        assert not verify_match(picture, other, rough).verified
