"""What went wrong says what to do."""

from __future__ import annotations

import pytest

from lookalike import errors
from lookalike.web.pages.problems import explain


@pytest.mark.parametrize(
    ("status", "error", "heading", "advice"),
    [
        (415, errors.UnsupportedFormat("upload is not a picture"), "no picture", "Take a photo"),
        (413, errors.TooManyPixels("60,000,000 pixels, at most 50,000,000"), "too many pixels", "Make it smaller"),
        (413, errors.TooManyBytes("25 MB came"), "too large", "smaller"),
        (422, errors.CutOff("the file ends"), "cut off", "again"),
        (400, errors.CropError("a crop is"), "inside the picture", "Draw the box again"),
        (400, errors.WhereError("filter, character 3: there is no attribute 'x'\n  x\n  ^"), "filter", "start again"),
        (404, errors.NotInCatalog("no content 9"), "not here any more", "another"),
        (410, errors.LookalikeError("expired"), "forgotten", "Upload it again"),
        (429, errors.LookalikeError("busy"), "Many people", "few seconds"),
        (404, None, "nothing here", "address"),
        (500, RuntimeError("secret"), "went wrong", "Try again"),
    ],
)
def test_every_problem_has_a_heading_and_advice(status, error, heading, advice):
    found, lines = explain(status, error, "" if error is None else str(error))
    assert heading in found
    assert advice in " ".join(lines)


def test_the_machines_words_carry_the_figures_on_one_line():
    _, lines = explain(422, errors.TooManyPixels("…"), "60,000,000 pixels, at most 50,000,000\nmore")
    assert lines[1] == "60,000,000 pixels, at most 50,000,000."


def test_what_broke_inside_and_where_files_lie_is_not_told():
    assert "secret" not in " ".join(explain(500, RuntimeError("secret"), "secret")[1])
    assert "/home" not in " ".join(explain(422, errors.CutOff("/home/me/a.jpg ends"), "the picture ends")[1])
