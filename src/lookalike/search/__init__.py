"""Fingerprints -> neighbours: the promise, the numpy oracle, the native scan, and one file for each other engine."""

from lookalike.search._native import level_in_use as kernel_level
from lookalike.search.base import Engine
from lookalike.search.checks import pack_words, whole_number
from lookalike.search.exact import HammingIndex
from lookalike.search.id_range import IdRange
from lookalike.search.index_file import IndexRows, read_index, write_index
from lookalike.search.neighbors import Neighbors
from lookalike.search.registry import ENGINES, load_engine
from lookalike.search.rows import Words

__all__ = [
    "ENGINES",
    "Engine",
    "HammingIndex",
    "IdRange",
    "IndexRows",
    "Neighbors",
    "Words",
    "kernel_level",
    "load_engine",
    "pack_words",
    "read_index",
    "whole_number",
    "write_index",
]
