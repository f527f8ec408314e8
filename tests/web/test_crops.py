"""A crop is the rectangle that was asked for, as the person sees the picture, or an error that says why not."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

import lookalike
from lookalike.errors import CropError
from lookalike.images.cropping import check_crop
from lookalike.jobs.fingerprint_source import fingerprint_source
from lookalike.web.parameters import read_crop
from lookalike.web.problems import Problem

ODD = ["nan", "inf", "-inf", "-1", "-0", "0", "1", "2147483648", "-2147483648", "9223372036854775808", "1e3", "0.5", ""]
WIDTH, HEIGHT = 440, 520


def random_text(source):
    """A crop as anybody may send it: sound, beyond the edges, reversed, empty, or no numbers at all."""
    kind = source.random()
    if kind < 0.15:
        return ",".join(source.choice(ODD) for _ in range(source.choice((3, 4, 4, 4, 5))))
    if kind < 0.2:
        return "".join(source.choice("0123456789,.-+ex \u0663") for _ in range(source.randrange(20)))
    if kind > 0.7:
        x, y = source.randrange(WIDTH), source.randrange(HEIGHT)
        return f"{x},{y},{source.randint(1, WIDTH - x)},{source.randint(1, HEIGHT - y)}"
    numbers = [source.randrange(-20, 700) for _ in range(4)]
    if kind < 0.4:
        numbers[source.randrange(4)] = source.choice((0, -(2**31), 2**31, 2**31 - 1, WIDTH, HEIGHT))
    return ",".join(map(str, numbers))


def expected_crop(text):
    """The rectangle that *text* names inside the picture, None where it names none: said as plainly as can be."""
    parts = text.split(",")
    if len(parts) != 4 or not all(part.lstrip("-").isascii() and part.lstrip("-").isdigit() for part in parts):
        return None
    if any(part.count("-") > 1 for part in parts):
        return None
    x, y, width, height = map(int, parts)
    inside = x >= 0 and y >= 0 and width >= 1 and height >= 1 and x + width <= WIDTH and y + height <= HEIGHT
    return (x, y, width, height) if inside else None


def test_a_hundred_thousand_crops_are_the_rectangle_asked_or_refused():
    source = random.Random(7)
    taken = 0
    for _ in range(100_000):
        text = random_text(source)
        try:
            crop = check_crop(read_crop(text), WIDTH, HEIGHT)
            got = (crop.x, crop.y, crop.width, crop.height)
        except (Problem, CropError):
            got = None
        assert got == expected_crop(text), text
        taken += got is not None
    assert 5_000 < taken < 95_000


def test_crops_by_the_hundred_over_http_are_answered_or_refused_with_400(served, picture):
    source = random.Random(8)
    token = served.post("uploads", picture).json()["token"]
    for _ in range(150):
        text = random_text(source)
        answer = served.get("search", params={"upload": token, "by": "whash", "crop": text, "k": 1})
        if expected_crop(text) is None:
            assert (answer.status_code, answer.json()["status"]) == (400, 400), text
        else:
            assert answer.status_code == 200, text
            assert tuple(answer.json()["crop"].values()) == expected_crop(text)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_that_was_turned_is_cropped_where_the_person_sees_it(served, orientation):
    upright = Image.new("RGB", (300, 200), "white")
    upright.paste((200, 30, 30), (200, 20, 280, 90))  # a red box near the top right corner, as it is seen
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    stored.save(buffer, "JPEG", quality=95, exif=exif)
    upload = served.post("uploads", buffer.getvalue()).json()
    assert (upload["width"], upload["height"]) == (300, 200)
    answer = served.get(f"uploads/{upload['token']}/thumbnail?width=320&crop=205,25,70,60")
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert shown.size == (70, 60)
        red, green, blue = shown.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert red > 180
    assert green < 70
    assert blue < 70
    told = served.post("fingerprint?by=whash&crop=150,0,150,200", buffer.getvalue()).json()["fingerprints"][0]["hex"]
    own = fingerprint_source(
        buffer.getvalue(), [lookalike.parse_recipe("whash")], lookalike.Limits(), lookalike.Crop(150, 0, 150, 200)
    )
    assert told == own[1][0].hex
