"""A range of ids reads like the array that it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.search.id_range import IdRange, compact


@given(st.integers(0, 10**12), st.integers(0, 50), st.data())
def test_it_reads_like_an_array(first, length, data):
    ids, array = IdRange(first, length), np.arange(first, first + length)
    assert len(ids) == len(array)
    np.testing.assert_array_equal(np.asarray(ids), array)
    assert np.asarray(ids).dtype == np.int64
    part = data.draw(st.slices(length))
    np.testing.assert_array_equal(ids[part], array[part])
    if length:
        place = data.draw(st.integers(-length, length - 1))
        assert ids[place] == array[place]
        places = np.array(data.draw(st.lists(st.integers(-length, length - 1), max_size=5)), np.int64)
        np.testing.assert_array_equal(ids[places], array[places])
        np.testing.assert_array_equal(ids[places[None]], array[places[None]])


def test_places_beyond_its_end_are_refused():
    ids = IdRange(7, 3)
    for place in (3, -4, np.array([0, 3]), np.array([-4])):
        with pytest.raises(IndexError):
            _ = ids[place]


def test_it_never_claims_to_be_in_memory():
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(IdRange(0, 3), copy=False)
    assert np.asarray(IdRange(0, 3), np.float64).dtype == np.float64


@pytest.mark.parametrize(
    ("ids", "is_range"),
    [([], False), ([4], True), ([4, 5, 6], True), ([4, 5, 7], False), ([4, 4, 6], False), ([1, 1], False)],
)
def test_ids_are_made_compact_only_where_they_follow_one_another(ids, is_range):
    made = compact(np.array(ids, np.int64))
    assert isinstance(made, IdRange) == is_range
    assert np.asarray(made).tolist() == ids
