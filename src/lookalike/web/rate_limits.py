"""How many requests one client may make: a bucket of tokens each, filled at a steady rate."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_CLIENTS = 10_000  # remembered at once; one that was forgotten begins with a full bucket


class RateLimits:
    """Buckets of *burst* tokens by client, filled by *rate_per_s*; a rate of 0 limits nobody."""

    def __init__(self, rate_per_s: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate_per_s = rate_per_s
        self.burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """Take a token: 0 where there was one, otherwise the seconds after which there will be."""
        if self.rate_per_s <= 0:
            return 0.0
        now = self._clock()
        left, at = self._buckets.pop(client, (float(self.burst), now))
        left = min(float(self.burst), left + (now - at) * self.rate_per_s)
        wait_s = 0.0 if left >= 1 else (1 - left) / self.rate_per_s
        self._buckets[client] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return wait_s
