"""Frames of an animation by its playing time, whatever the format; stills have none; nothing runs away."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lookalike.errors import CutOff, TooManyPixels
from lookalike.images import Limits, is_animation, load_frames, load_picture
from lookalike.images.frame_times import frames_at_middles, read_durations
from lookalike.model import Crop

FORMATS = ["GIF", "WEBP", "PNG", "AVIF"]


def film(file_format, levels, durations, **options):
    frames = [Image.new("RGB", (40, 30), (level, level, level)) for level in levels]
    lossless = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100}}.get(file_format, {})
    buffer = io.BytesIO()
    frames[0].save(
        buffer, file_format, save_all=True, append_images=frames[1:], duration=durations, **lossless, **options
    )
    return buffer.getvalue()


def levels_of(pictures):
    return [round(float(np.asarray(picture.image.convert("L")).mean()) / 10) * 10 for picture in pictures]


@pytest.mark.parametrize("file_format", FORMATS)
def test_each_eighth_of_the_playing_time_gives_the_frame_at_its_middle(file_format):
    # 800 ms: the eighths' middles are at 50, 150, … 750 ms; the frames begin at 0, 100, 400, 420 and 700 ms
    data = film(file_format, [10, 60, 110, 160, 210], [100, 300, 20, 280, 100])
    pictures = load_frames(data)
    assert levels_of(pictures) == [10, 60, 60, 60, 160, 160, 160, 210]
    assert all(picture.image.mode in {"L", "RGB"} for picture in pictures)
    assert pictures[1] is pictures[2]


@given(st.lists(st.integers(11, 5000), min_size=1, max_size=40), st.integers(1, 12))
def test_the_frames_at_the_middles_are_those_that_a_player_shows_then(durations, count):
    shown = [frame for frame, time in enumerate(durations) for _ in range(2 * count * time)]
    expected = [shown[(2 * part + 1) * sum(durations)] for part in range(count)]
    assert list(frames_at_middles(durations, count)) == expected


@pytest.mark.parametrize("file_format", FORMATS)
def test_times_are_read_as_they_were_written(file_format):
    data = film(file_format, [0, 50, 100], [70, 250, 40])
    assert read_durations(data, file_format, 3) == [70, 250, 40]


def test_frames_without_a_time_of_their_own_count_as_a_tenth_of_a_second():
    data = film("GIF", [0, 50, 100], [0, 10, 20])
    assert read_durations(data, "GIF", 3) == [100, 100, 20]


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "AVIF", "JPEG", "TIFF", "BMP"])
def test_a_still_has_no_frames(scene, encode, file_format):
    data = encode(scene(), file_format)
    assert load_frames(data) == ()
    assert not is_animation(load_picture(data))
    assert load_frames(scene()) == ()


@pytest.mark.parametrize("file_format", ["TIFF", "MPO"])
def test_pages_are_no_time(scene, file_format):
    buffer = io.BytesIO()
    Image.fromarray(scene()).save(
        buffer, file_format, save_all=True, append_images=[Image.fromarray(255 - scene()) for _ in range(2)]
    )
    picture = load_picture(buffer.getvalue())
    assert picture.frames == 3
    assert not is_animation(picture)
    assert load_frames(buffer.getvalue()) == ()


def test_the_picture_that_stands_for_an_apng_elsewhere_does_not_play():
    data = film("PNG", [200, 10, 60], [100, 100], default_image=True)
    assert set(levels_of(load_frames(data))) == {10, 60}
    assert load_frames(film("PNG", [200, 10], [100], default_image=True)) == ()


@pytest.mark.parametrize("file_format", FORMATS)
def test_frames_are_cropped_and_reduced_as_pictures_are(file_format):
    data = film(file_format, [10, 60, 110], 100)
    assert {picture.image.size for picture in load_frames(data, crop=Crop(5, 5, 20, 10))} == {(20, 10)}
    assert all(picture.prepare == "imagehash" for picture in load_frames(data, prepare="imagehash", decode="full"))


def test_the_frames_to_decode_are_held_to_the_pixel_limit():
    data = film("GIF", [0, 50, 100, 150], 100)
    load_frames(data, limits=Limits(max_pixels=4 * 10_000))
    with pytest.raises(TooManyPixels, match=r"4 frames of 40 x 30 .* counts as 40,000 pixels"):
        load_frames(data, limits=Limits(max_pixels=4 * 10_000 - 1))


def test_an_animation_cut_off_within_a_frame_that_counts_is_refused():
    data = film("GIF", [0, 50, 100, 150], 100)
    assert load_picture(data[: len(data) * 3 // 5]).frames > 1
    with pytest.raises(CutOff):
        load_frames(data[: len(data) * 3 // 5])


def test_a_png_that_claims_more_frames_than_it_has_plays_those():
    data = film("PNG", [0, 50, 100], 100)
    at = data.index(b"acTL") + 4
    import struct
    import zlib

    body = b"acTL" + struct.pack(">II", 2**31 - 1, 0)
    claimed = data[: at - 4] + body + struct.pack(">I", zlib.crc32(body)) + data[at + 12 :]
    assert levels_of(load_frames(claimed)) == levels_of(load_frames(data))
