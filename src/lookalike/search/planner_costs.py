"""What a step of each way to search takes, measured. Written by ``benchmarks/fit_planner.py``; don't edit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """Nanoseconds, on one core.

    Attributes:
        scan_call_ns: calling a scan, from Python and back.
        scan_query_ns: a query of a scan, before its first row.
        scan_word_ns: one 64-bit word of a row, one query at a time.
        scan_tiled_word_ns: the same where *queries_a_tile* queries or more come together.
        index_call_ns: calling an index.
        index_query_ns: a query of an index, before its first bucket.
        look_ns: looking into one bucket.
        row_ns: comparing one row found in a bucket.
        hit_ns: a row that is answered, by either way, to be put in order and handed over.
        table_row_ns: putting one row into one table while building.
        queries_a_tile: queries that share a block of codes in the cache.
    """

    scan_call_ns: float
    scan_query_ns: float
    scan_word_ns: float
    scan_tiled_word_ns: float
    index_call_ns: float
    index_query_ns: float
    look_ns: float
    row_ns: float
    hit_ns: float
    table_row_ns: float
    queries_a_tile: int = 8


# Measured on AMD EPYC, kernel avx512, 2026-11-23.
COSTS = Costs(
    scan_call_ns=8000.0,
    scan_query_ns=190.0,
    scan_word_ns=0.12,
    scan_tiled_word_ns=0.084,
    index_call_ns=13000.0,
    index_query_ns=680.0,
    look_ns=10.0,
    row_ns=6.2,
    hit_ns=40.0,
    table_row_ns=33.0,
    queries_a_tile=8,
)
