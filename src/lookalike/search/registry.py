"""Engines by name. A new engine is one file, one line here and one extra."""

from __future__ import annotations

import importlib

from lookalike.errors import SearchError
from lookalike.search.base import Engine

ENGINES = {
    "reference": "lookalike.search.reference:ReferenceEngine",
    "exact": "lookalike.search.exact:HammingIndex",
    "multi_index": "lookalike.search.multi_index_engine:MultiIndexEngine",
    "annoy": "lookalike.search.annoy_engine:AnnoyEngine",
    "balltree": "lookalike.search.ball_tree_engine:BallTreeEngine",
    "faiss": "lookalike.search.faiss_engine:FaissEngine",
    "faiss_hnsw": "lookalike.search.faiss_hnsw_engine:FaissHnswEngine",
    "usearch": "lookalike.search.usearch_engine:UsearchEngine",
}


def load_engine(name: str) -> type[Engine]:
    """The engine's class; make one with ``load_engine(name)(width_bits=64)``.

    Raises:
        SearchError: no engine has this name.
        MissingExtra: raised when one is made whose package isn't installed.
    """
    if name not in ENGINES:
        raise SearchError(f"no engine is named {name!r}; there are: {', '.join(ENGINES)}")
    module, class_name = ENGINES[name].split(":")
    engine = getattr(importlib.import_module(module), class_name)
    if not (isinstance(engine, type) and issubclass(engine, Engine)):
        raise TypeError(f"{ENGINES[name]} is registered as an engine and isn't one")
    return engine
