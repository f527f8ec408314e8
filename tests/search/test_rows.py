"""Rows never change once made, whatever is made of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lookalike.errors import DuplicateId
from lookalike.search.rows import Rows


def words_of(ids):
    return np.asarray(ids, np.uint64)[:, None] * np.uint64(2)


def rows_of(*ids):
    return Rows.empty(1).added(np.array(ids, np.int64), words_of(ids))


def assert_holds(rows, ids):
    assert rows.ids.tolist() == ids
    assert rows.words[:, 0].tolist() == [2 * id_ for id_ in ids]


def test_older_rows_stay_as_they_were_while_newer_ones_grow_in_the_same_room():
    history = [rows_of(*range(16))]
    for id_ in range(16, 80):
        history.append(history[-1].added(np.array([id_]), words_of([id_])))
    for length, rows in enumerate(history, start=16):
        assert_holds(rows, list(range(length)))
    assert any(later.room_ids is sooner.room_ids for sooner, later in itertools.pairwise(history))


def test_rows_lie_in_order_of_id_wherever_new_ones_fall():
    rows = rows_of(5, 1, 9)
    assert_holds(rows, [1, 5, 9])
    assert_holds(rows.added(np.array([7, 0, 3]), words_of([7, 0, 3])), [0, 1, 3, 5, 7, 9])
    assert_holds(rows, [1, 5, 9])


def test_removed_rows_are_gone_and_others_keep_their_codes():
    rows = rows_of(*range(10))
    assert_holds(rows.without(np.array([0, 4, 99])), [1, 2, 3, 5, 6, 7, 8, 9])
    assert rows.without(np.array([99])) is rows
    assert_holds(rows, list(range(10)))


@pytest.mark.parametrize("held", [[4, 5, 6, 7], [4, 6, 7, 90]])
def test_positions_are_found_with_and_without_gaps_between_ids(held):
    rows = rows_of(*held)
    positions, found = rows.positions_of(np.array([3, 4, 6, 7, 8, 10**12]))
    assert [held[position] for position in positions] == [4, 6, 7]
    assert found.tolist() == [False, True, True, True, False, False]


def test_no_id_is_held_twice():
    with pytest.raises(DuplicateId, match="id 4 came twice"):
        rows_of(4, 4)
    with pytest.raises(DuplicateId, match="id 4 is held already"):
        rows_of(4, 6).added(np.array([5, 4]), words_of([5, 4]))


def test_an_index_is_built_once_and_anew_only_for_new_rows():
    built = []
    rows = rows_of(1, 2)
    assert rows.index_if_built is None
    for _ in range(3):
        rows.index(lambda words: built.append(len(words)) or "index")
    rows.added(np.array([3]), words_of([3])).index(lambda words: built.append(len(words)) or "index")
    assert built == [2, 3]
    assert rows.index_if_built == "index"
