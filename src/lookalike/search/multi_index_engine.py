"""The exact engine made to look into buckets always: what the planner of ``exact`` chooses where that is cheaper.

It is here to be measured and compared; whoever wants answers takes ``exact``, which knows when to scan.
"""

from __future__ import annotations

from typing import final

from lookalike.search.exact import HammingIndex


@final
class MultiIndexEngine(HammingIndex):
    """Exact neighbours by multi-index hashing, whatever it costs; ``exact`` uses it where it is cheaper than a scan."""

    def __init__(self, width_bits: int, threads: int = 1) -> None:
        """See ``Engine``.

        Raises:
            SearchError: a number out of range.
        """
        super().__init__(width_bits, threads, index="multi")
