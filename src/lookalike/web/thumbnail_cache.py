"""Small copies that were made lately, up to so many bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable


class ThumbnailCache:
    """Bytes by key; what was used longest ago goes first."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._held: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> bytes | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Hashable, data: bytes) -> None:
        with self._lock:
            if key in self._held or len(data) > self.most_bytes:
                return
            self._held[key] = data
            self.bytes += len(data)
            while self.bytes > self.most_bytes:
                self.bytes -= len(self._held.popitem(last=False)[1])
