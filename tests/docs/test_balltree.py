"""The figures of docs/balltree.md are what comes out when its experiment is run again."""

from __future__ import annotations

import pathlib
import re

import numpy as np
import pytest

from lookalike.search.registry import load_engine

neighbors = pytest.importorskip("sklearn.neighbors", reason="scikit-learn isn't installed (extra sklearn)")
PAGE = pathlib.Path(__file__).parents[2] / "docs" / "balltree.md"
K = 9


def experiment():
    """2,000 codes of 64 bits in groups of ten, as near-duplicates make them, and 200 queries near them."""
    rng = np.random.default_rng(2026)
    groups = rng.integers(0, 2, (200, 64), dtype=np.uint8)
    bits = groups.repeat(10, axis=0) ^ (rng.random((2000, 64)) < 0.08)
    queries = groups ^ (rng.random((200, 64)) < 0.08)
    return bits.astype(np.uint8), queries.astype(np.uint8)


def as_integers(bits):
    return np.packbits(bits, axis=1).view(">u8").astype(np.float64)  # what scikit-learn makes of integers


def as_columns(bits):
    return bits.astype(np.float64)


FEEDS = {
    "one integer a hash": as_integers,
    "packed bytes, 8 columns": lambda bits: np.packbits(bits, axis=1).astype(np.float64),
    "hex digits, 16 columns": lambda bits: np.packbits(bits.reshape(len(bits), 16, 4), axis=2)[:, :, 0].astype(
        np.float64
    ),
    "bits, 64 columns of 0 and 1": as_columns,
}


def true_distances(bits, queries):
    return (queries[:, None, :] != bits[None, :, :]).sum(axis=2)


def recall(feed):
    """The share of answers no farther than the true 9th nearest."""
    bits, queries = experiment()
    found = neighbors.BallTree(feed(bits), metric="hamming").query(feed(queries), k=K, return_distance=False)
    distances = true_distances(bits, queries)
    ninth = np.sort(distances, axis=1)[:, K - 1 : K]
    return float(np.mean(np.take_along_axis(distances, found, axis=1) <= ninth))


def stated(label):
    """The figure in the second column of the row that begins with the label."""
    row = re.search(rf"^\| {re.escape(label)} \| ([\d,.]+)", PAGE.read_text(), flags=re.MULTILINE)
    assert row, f"docs/balltree.md has no row {label!r}"
    return float(row[1].replace(",", ""))


@pytest.mark.parametrize("label", FEEDS)
def test_the_recall_of_each_feed_is_what_the_page_says(label):
    assert recall(FEEDS[label]) == pytest.approx(stated(label), abs=0.005)


def test_hashes_that_become_equal_as_floats_are_as_many_as_the_page_says():
    bits, _ = experiment()
    flipped = bits.copy()
    flipped[:, -1] ^= 1
    equal = np.mean(as_integers(bits) == as_integers(flipped))
    assert equal == pytest.approx(stated("hashes equal to themselves with the last bit flipped"), abs=0.005)


def test_fractions_read_as_bits_find_as_much_too_much_as_the_page_says():
    bits, queries = experiment()
    tree = neighbors.BallTree(as_columns(bits), metric="hamming")
    columns = as_columns(queries)
    wrong = tree.query_radius(columns, r=8, count_only=True)
    right = tree.query_radius(columns, r=8.5 / 64, count_only=True)
    assert wrong.mean() == stated("found within 'radius 8', 8 given as the radius")
    assert right.mean() == pytest.approx(stated("found within 8 bits, 8.5 / 64 given as the radius"), abs=0.005)
    np.testing.assert_array_equal(right, (true_distances(bits, queries) <= 8).sum(axis=1))
    distances, _ = tree.query(columns, k=K)
    as_whole_numbers = np.mean(distances.astype(int) == 0)
    assert as_whole_numbers == stated("distances that are 0 once cut to whole numbers, share")


def test_the_tree_leaves_out_as_little_as_the_page_says():
    bits, queries = experiment()
    tree = neighbors.BallTree(as_columns(bits), metric="hamming")
    tree.reset_n_calls()
    tree.query(as_columns(queries), k=K)
    left_out, _, _ = tree.get_tree_stats()
    assert left_out == stated("balls left out by 200 queries together")
    assert tree.get_n_calls() / len(queries) == stated("rows compared by each query, of 2,000")


def test_lookalikes_ball_tree_engine_is_exact_on_the_same_codes():
    bits, queries = experiment()
    engine = load_engine("balltree")(64)
    engine.add(np.arange(len(bits)), np.packbits(bits, axis=1))
    _, distances = engine.nearest(np.packbits(queries, axis=1), K)
    np.testing.assert_array_equal(distances, np.sort(true_distances(bits, queries), axis=1)[:, :K])
