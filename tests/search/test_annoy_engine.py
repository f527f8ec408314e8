"""The annoy engine answers what the classic way's own code would, and says what that is worth."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import SearchError
from lookalike.search.annoy_engine import AnnoyEngine

annoy = pytest.importorskip("annoy", reason="annoy isn't installed (extra annoy)")


def random_bits(number, width_bits):
    return np.random.default_rng(7).integers(0, 2, (number, width_bits), dtype=np.uint8)


def classic(bits, n_trees, seed):
    """As the classic way does it: one item a picture, in the order of the list."""
    index = annoy.AnnoyIndex(bits.shape[1], "hamming")
    if seed is not None:
        index.set_seed(seed)
    for item, row in enumerate(bits):
        index.add_item(item, row.tolist())
    index.build(n_trees, 1)
    return index


@pytest.mark.parametrize(("width_bits", "seed", "n_trees"), [(64, None, 200), (64, 3, 5), (42, 3, 20), (256, None, 10)])
def test_nearest_to_item_equals_the_classic_call(width_bits, seed, n_trees):
    bits = random_bits(900, width_bits)
    index = classic(bits, n_trees, seed)
    engine = AnnoyEngine(width_bits, n_trees=n_trees, seed=seed)
    engine.add(np.arange(900) + 1000, np.packbits(bits, axis=1))
    for item in range(0, 900, 90):
        ids, distances = engine.nearest_to_item(item + 1000, 9)
        items, apart = index.get_nns_by_item(item, 9, include_distances=True)
        assert (ids - 1000).tolist() == items
        assert distances.tolist() == apart
        assert ids[0] == item + 1000


def test_few_trees_and_a_short_search_find_less_than_many():
    bits = random_bits(3000, 64)
    packed = np.packbits(bits, axis=1)
    recalls = []
    for n_trees, search_k in [(1, 9), (200, -1)]:
        engine = AnnoyEngine(64, n_trees=n_trees, search_k=search_k, seed=1)
        engine.add(np.arange(3000), packed)
        recalls.append(engine.measured_recall(packed[:50], k=9))
    assert recalls[0] < 0.6
    assert recalls[1] > 0.97


def test_places_that_a_short_search_leaves_over_say_so():
    packed = np.packbits(random_bits(3000, 64), axis=1)
    engine = AnnoyEngine(64, n_trees=1, search_k=1, seed=1)
    engine.add(np.arange(3000), packed)
    ids, distances = engine.nearest(packed[:3], 2500)
    assert ids.shape == (3, 2500)
    assert np.array_equal(ids == -1, distances == 65_535)
    assert (ids == -1).any()


def test_ids_may_be_as_high_as_they_like_since_annoy_only_sees_positions():
    engine = AnnoyEngine(64, n_trees=2)
    engine.add([5, 2**62], np.array([[0] * 8, [255] * 8], np.uint8))
    assert engine.nearest(np.full((1, 8), 255, np.uint8), 1)[0].tolist() == [[2**62]]
    assert engine.nearest_to_item(2**62, 1)[0].tolist() == [2**62]


def test_the_index_follows_what_is_added_and_removed():
    packed = np.packbits(random_bits(50, 64), axis=1)
    engine = AnnoyEngine(64, n_trees=10)
    engine.add(np.arange(40), packed[:40])
    assert engine.nearest(packed[45:46], 1)[1][0, 0] > 0
    engine.add(np.arange(40, 50), packed[40:])
    assert engine.nearest(packed[45:46], 1)[0].tolist() == [[45]]
    engine.remove([45])
    assert engine.nearest(packed[45:46], 1)[0].tolist() != [[45]]


def test_the_stated_memory_is_near_the_size_of_a_saved_index(tmp_path):
    bits = random_bits(5000, 64)
    saved = tmp_path / "classic.annoy"
    classic(bits, 50, None).save(str(saved))
    engine = AnnoyEngine(64, n_trees=50)
    engine.add(np.arange(5000), np.packbits(bits, axis=1))
    without_trees = engine.bytes_used
    engine.nearest(np.zeros((1, 8), np.uint8), 1)
    assert engine.bytes_used - without_trees == pytest.approx(saved.stat().st_size, rel=0.2)


def test_questions_only_annoy_answers_are_checked_too():
    engine = AnnoyEngine(64)
    with pytest.raises(SearchError, match="recall needs codes held"):
        engine.measured_recall(np.zeros((1, 8), np.uint8))
    engine.add([1], np.zeros((1, 8), np.uint8))
    with pytest.raises(SearchError, match="recall needs codes held and queries; there are 1 and 0"):
        engine.measured_recall(np.zeros((0, 8), np.uint8))
    with pytest.raises(SearchError, match="id 2 isn't held"):
        engine.nearest_to_item(2, 9)
    for options in ({"n_trees": 0}, {"search_k": -2}, {"seed": -1}):
        with pytest.raises(SearchError, match="must be a whole number"):
            AnnoyEngine(64, **options)
