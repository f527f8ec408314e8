"""Small matrices on one thread: NumPy's BLAS would split them among all cores, which then mostly wait for each other.

Of a 0.2-megapixel photo, `look` took 14 times the processor's time so where another program kept one of two cores busy.
"""

from __future__ import annotations

import threading
from contextlib import ContextDecorator
from functools import cache
from typing import Any, Self

from threadpoolctl import ThreadpoolController


@cache
def blas() -> Any:
    """The libraries that multiply matrices in this process; found once, NumPy's own among them."""
    return ThreadpoolController().select(user_api="blas")


class OneBlasThread(ContextDecorator):
    """While anybody is within, matrices are multiplied on the thread that asks.

    How many threads a BLAS uses is the process's, not a thread's: the first who enters sets one, the last who leaves
    sets what was there before, so that no order of threads leaves another number behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._within = 0
        self._limits: Any = None

    def __enter__(self) -> Self:
        with self._lock:
            self._within += 1
            if self._within == 1:
                self._limits = blas().limit(limits=1)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._within -= 1
            if not self._within:
                self._limits.restore_original_limits()
                self._limits = None


one_blas_thread = OneBlasThread()
"""A decorator and a context manager, one for the process."""
