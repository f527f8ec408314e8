"""Pictures that people sent, in memory and for a while: never on a disk, and found by who knows the name alone."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from lookalike.jobs.read_pictures import PictureFacts
from lookalike.web.problems import Problem

TOKEN_BYTES = 18  # 144 bits: nobody guesses one


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture's bytes and facts, until *expires_at* (of the clock)."""

    token: str
    data: bytes
    facts: PictureFacts
    expires_at: float


class Uploads:
    """The uploads of a server; the oldest go first where there are too many or too large ones."""

    def __init__(self, ttl_s: float, most: int, most_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.ttl_s = ttl_s
        self.most = most
        self.most_bytes = most_bytes
        self.bytes = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Upload] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def add(self, data: bytes, facts: PictureFacts) -> Upload:
        """Keep a picture."""
        upload = Upload(secrets.token_urlsafe(TOKEN_BYTES), data, facts, self._clock() + self.ttl_s)
        with self._lock:
            self._held[upload.token] = upload
            self.bytes += len(data)
            while len(self._held) > 1 and (len(self._held) > self.most or self.bytes > self.most_bytes):
                self._drop(next(iter(self._held)))
            self._expire()
        return upload

    def get(self, token: str) -> Upload:
        """The picture of *token*.

        Raises:
            Problem: it was forgotten, or never was.
        """
        with self._lock:
            self._expire()
            upload = self._held.get(token)
        if upload is None:
            raise Problem(
                "upload-gone",
                f"no picture is kept under this name: uploads are forgotten after {self.ttl_s:g} s; send it again",
            )
        return upload

    def remove(self, token: str) -> None:
        """Forget it now, if it is there."""
        with self._lock:
            if token in self._held:
                self._drop(token)

    def expires_in_s(self, upload: Upload) -> int:
        """Seconds that it has left."""
        return max(0, round(upload.expires_at - self._clock()))

    def _expire(self) -> None:
        now = self._clock()
        while self._held and (first := next(iter(self._held.values()))).expires_at <= now:
            self._drop(first.token)

    def _drop(self, token: str) -> None:
        self.bytes -= len(self._held.pop(token).data)
