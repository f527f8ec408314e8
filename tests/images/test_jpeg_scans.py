"""A progressive JPEG may not keep a decoder busy with scan after empty scan."""

import pytest

from lookalike.errors import Undecodable
from lookalike.images import load_picture
from lookalike.images.jpeg_scans import MOST_SCANS


def add_scans(data, count):
    """*data*, progressive, with its last scan repeated: a refinement that refines nothing new."""
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + b"\xff\xd9"


def test_more_scans_than_any_encoder_writes_are_refused_undecoded(scene, encode):
    data = encode(scene(), "JPEG", progressive=True)
    scans = data.count(b"\xff\xda")
    assert 5 < scans < 20
    load_picture(add_scans(data, MOST_SCANS - scans))
    with pytest.raises(Undecodable, match=f"{MOST_SCANS + 1} scans"):
        load_picture(add_scans(data, MOST_SCANS - scans + 1))
