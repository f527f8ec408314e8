"""Wide codes that are scanned again and again: the same answers through their last words, also after a write."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.search import HammingIndex, tailing
from lookalike.search.reference import ReferenceEngine

WIDTH_BITS = 1024


@pytest.fixture
def engines(monkeypatch):
    """Ours, for which few rows are many, and the reference, over codes of which some lie near each other."""
    monkeypatch.setattr(tailing, "LEAST_BYTES", 1 << 16)
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 256, (3000, WIDTH_BITS // 8), np.uint8)
    codes[::60] = codes[0] ^ np.packbits(rng.random((50, WIDTH_BITS)) < 0.15, axis=1)
    made = HammingIndex(WIDTH_BITS, index="scan"), ReferenceEngine(WIDTH_BITS)
    for engine in made:
        engine.add(np.arange(len(codes)), codes)
    return *made, codes


def test_answers_stay_the_same_once_tails_are_there(engines):
    ours, reference, codes = engines
    before = ours.bytes_used
    for number in range(2 * tailing.SCANS_BEFORE):
        query = codes[[60 * (number % 9)]]
        for found, expected in zip(ours.nearest(query, 12), reference.nearest(query, 12), strict=True):
            assert np.array_equal(found, expected)
    assert ours.bytes_used == before + len(codes) * WIDTH_BITS // 8 * 5 // 8


def test_rows_that_were_written_since_are_found(engines):
    ours, reference, codes = engines
    for _ in range(2 * tailing.SCANS_BEFORE):
        ours.nearest(codes[:1], 5)
    for engine in (ours, reference):
        engine.add([9000], codes[:1])
        engine.remove([60])
    for _ in range(2 * tailing.SCANS_BEFORE):
        for found, expected in zip(ours.nearest(codes[:1], 12), reference.nearest(codes[:1], 12), strict=True):
            assert np.array_equal(found, expected)


def test_a_filter_and_narrow_codes_are_scanned_as_ever(engines):
    ours, reference, codes = engines
    allow = np.arange(0, 3000, 7)
    for _ in range(2 * tailing.SCANS_BEFORE):
        for found, expected in zip(
            ours.nearest(codes[:1], 12, allow), reference.nearest(codes[:1], 12, allow), strict=True
        ):
            assert np.array_equal(found, expected)
    narrow = HammingIndex(256, index="scan")
    narrow.add(np.arange(3000), codes[:, :32])
    before = narrow.bytes_used
    for _ in range(2 * tailing.SCANS_BEFORE):
        narrow.nearest(codes[:1, :32], 12)
    assert narrow.bytes_used == before


def test_where_there_is_no_memory_for_tails_whole_codes_are_scanned(engines, monkeypatch):
    ours, reference, codes = engines
    asked = []

    def none_left(_):
        asked.append(True)
        raise MemoryError

    monkeypatch.setattr(tailing._native, "CodeTails", none_left)
    for _ in range(2 * tailing.SCANS_BEFORE):
        for found, expected in zip(ours.nearest(codes[:1], 5), reference.nearest(codes[:1], 5), strict=True):
            assert np.array_equal(found, expected)
    assert asked == [True]
