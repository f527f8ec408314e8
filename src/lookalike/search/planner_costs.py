"""What a step of each way to search takes, measured. Written by ``benchmarks/fit_planner.py``; don't edit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """Nanoseconds, on one core.

    Attributes:
        scan_query_ns: a scan, before its first row.
        scan_word_ns: one 64-bit word of a row, one query at a time.
        scan_tiled_word_ns: the same where *queries_a_tile* queries or more come together.
        index_query_ns: a question to the index, before its first bucket.
        look_ns: looking into one bucket.
        row_ns: comparing one row found in a bucket.
        table_row_ns: putting one row into one table while building.
        queries_a_tile: queries that share a block of codes in the cache.
    """

    scan_query_ns: float
    scan_word_ns: float
    scan_tiled_word_ns: float
    index_query_ns: float
    look_ns: float
    row_ns: float
    table_row_ns: float
    queries_a_tile: int = 8


COSTS = Costs(
    scan_query_ns=6000.0,
    scan_word_ns=0.12,
    scan_tiled_word_ns=0.09,
    index_query_ns=3000.0,
    look_ns=15.0,
    row_ns=12.0,
    table_row_ns=20.0,
)
