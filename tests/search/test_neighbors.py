"""Neighbours of each query are found by index and in a loop."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.search.neighbors import Neighbors


def test_neighbours_are_given_query_by_query():
    found = Neighbors(np.array([0, 2, 2, 3]), np.array([7, 9, 8]), np.array([0, 4, 1], np.uint16))
    assert len(found) == 3
    assert [ids.tolist() for ids, _ in found] == [[7, 9], [], [8]]
    assert found[0][1].tolist() == [0, 4]
    assert found[-1][0].tolist() == [8]
    for beyond in (3, -4):
        with pytest.raises(IndexError, match="there are 3 queries"):
            found[beyond]
