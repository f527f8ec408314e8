"""Pictures with bytes turned over, cut and repeated are answered or refused; never with a failure of the server."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

ALLOWED = {200, 400, 413, 415, 422}


def mutated(data, source):
    """*data* with a few of its bytes changed, cut out, doubled, or its end cut off."""
    changed = bytearray(data)
    for _ in range(source.randint(1, 8)):
        at = source.randrange(len(changed))
        match source.randrange(5):
            case 0:
                changed[at] = source.randrange(256)
            case 1:
                changed[at : at + 4] = source.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
            case 2:
                del changed[at : at + source.randint(1, 64)]
            case 3:
                changed[at:at] = changed[at : at + source.randint(1, 64)]
            case _:
                del changed[max(16, at) :]
        if len(changed) < 2:
            break
    return bytes(changed) or b"x"


def written(image_format):
    buffer = io.BytesIO()
    Image.effect_noise((120, 90), 70).convert("RGB").save(buffer, image_format)
    return buffer.getvalue()


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_no_mutated_picture_makes_the_server_fail(served, image_format):
    source = random.Random(image_format)
    sound = written(image_format)
    assert served.post("search?k=1&by=whash", sound).status_code == 200
    statuses = [served.post("search?k=1&by=whash", mutated(sound, source)).status_code for _ in range(60)]
    assert set(statuses) <= ALLOWED
    assert 422 in statuses  # they did reach a decoder
    assert served.get("health").status_code == 200
