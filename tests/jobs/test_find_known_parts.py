"""Which candidates of a search by parts are looked at, and what their pixels are worth."""

from __future__ import annotations

import pytest

from lookalike.jobs.alignment import Alignment
from lookalike.jobs.find_known_parts import PROVED_CHANCE, provable, proved_chance
from lookalike.jobs.find_parts import FoundParts
from lookalike.jobs.verify_match import LEAST_AGREEMENT

SAME_PLACE = Alignment(1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def candidate(score: float, found: int, shown: int) -> FoundParts:
    return FoundParts(1, score, found, shown, SAME_PLACE)


@pytest.mark.parametrize(
    ("score", "found", "shown", "worth_it"),
    [
        (340, 28, 32, True),
        (180, 15, 31, False),  # another thing on the same floor
        (180, 16, 32, True),
        (74, 5, 5, True),
        (51, 4, 4, False),  # a corner of something
    ],
)
def test_files_are_read_for_candidates_that_keep_half_of_the_parts_that_show_and_enough_of_them(
    score, found, shown, worth_it
):
    one = candidate(score, found, shown)
    assert provable([one]) == [one] * worth_it


def test_no_more_than_five_files_are_read_the_best_first():
    many = [candidate(340 - number, 28, 32) for number in range(8)]
    assert provable([candidate(50, 4, 4), *many]) == many[:5]


def test_the_better_pixels_agree_the_rarer_it_is_by_chance():
    assert proved_chance(LEAST_AGREEMENT) == pytest.approx(PROVED_CHANCE)
    assert proved_chance(0.95) < proved_chance(0.85) < PROVED_CHANCE / 3
