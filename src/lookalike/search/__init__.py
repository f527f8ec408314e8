"""Fingerprints -> neighbours: the promise, the numpy oracle, the native scan, and one file for each other engine."""

from lookalike.search._native import level_in_use as kernel_level
from lookalike.search.base import Engine
from lookalike.search.exact import HammingIndex
from lookalike.search.neighbors import Neighbors
from lookalike.search.registry import ENGINES, load_engine

__all__ = ["ENGINES", "Engine", "HammingIndex", "Neighbors", "kernel_level", "load_engine"]
