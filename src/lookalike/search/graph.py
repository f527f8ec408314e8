"""What engines over a graph share: rows are linked to near ones, and a question walks the links greedily.

The graph: Malkov and Yashunin 2016, https://arxiv.org/abs/1603.09320.
"""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from lookalike.optional import import_extra
from lookalike.search.approximate import ApproximateEngine
from lookalike.search.checks import whole_number


class GraphEngine(ApproximateEngine):
    """Approximate neighbours by a library's graph; each has its own defaults for the same three numbers, and ours are
    alike, so that they can be compared.
    """

    module: ClassVar[str]
    """What is imported of the package that the engine ``needs``."""

    def __init__(
        self,
        width_bits: int,
        threads: int = 1,
        *,
        links: int = 32,
        candidates: int = 128,
        candidates_when_built: int = 128,
    ) -> None:
        """See ``Engine``.

        Args:
            width_bits: width of the codes.
            threads: threads that build and that share the queries of one call.
            links: edges of a row.
            candidates: rows kept while a query walks.
            candidates_when_built: the same while a row is added.

        Raises:
            MissingExtra: the library isn't installed.
            SearchError: a number out of range.
        """
        super().__init__(width_bits, threads)
        self._links = whole_number(links, "links", least=2)
        self._candidates = whole_number(candidates, "candidates", least=1)
        self._candidates_when_built = whole_number(candidates_when_built, "candidates_when_built", least=1)
        self._library: ModuleType = import_extra(self.module, extra=self.needs.name if self.needs else "")
