"""What Pillow keeps as globals of the whole program, held still while one image is loaded.

Pillow warns through ``warnings``, fills cut-off pictures with grey where ``LOAD_TRUNCATED_IMAGES`` is set, and refuses
above ``MAX_IMAGE_PIXELS``. A program that uses Lookalike has its own wishes about all three. So: its warning filters
don't turn a picture's odd metadata into an error or a line on the terminal, its leniency can't make half a picture
look whole, and afterwards everything is as it was. Safe with threads: the first one in changes, the last one out
restores; what other threads hear of Pillow meanwhile is passed on to whoever listened before.
"""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from PIL import Image, ImageFile

_Show = Callable[[Warning | str, type[Warning], str, int, TextIO | None, str | None], None]


class _Heard(threading.local):
    """What Pillow said in this thread while it was loading; None outside."""

    messages: list[str] | None = None


class _Guard:
    """The changes that are in force while any thread is loading."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._lenient = False
        self._filters = warnings.catch_warnings()
        self._show_before: _Show = warnings.showwarning
        self._heard = _Heard()

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        messages: list[str] = []
        outer = self._heard.messages
        self._enter()
        self._heard.messages = messages
        try:
            yield messages
        finally:
            self._heard.messages = outer
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside > 1:
                return
            self._filters = warnings.catch_warnings()
            self._filters.__enter__()
            warnings.filterwarnings("always", module=r"PIL\.|pillow_heif\.|lookalike\.images\.")
            self._show_before = warnings.showwarning
            warnings.showwarning = self._show
            self._lenient = ImageFile.LOAD_TRUNCATED_IMAGES
            if self._lenient:
                ImageFile.LOAD_TRUNCATED_IMAGES = False

    def _leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside:
                return
            if self._lenient:
                ImageFile.LOAD_TRUNCATED_IMAGES = True
            self._filters.__exit__(None, None, None)

    def _show(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if self._heard.messages is None:
            self._show_before(message, category, filename, lineno, file, line)
        elif not issubclass(category, Image.DecompressionBombWarning):  # Limits decides about sizes
            self._heard.messages.append(str(message))


_guard = _Guard()
_pixel_lock = threading.RLock()


def pillow_guarded() -> contextlib.AbstractContextManager[list[str]]:
    """A ``with`` block in which Pillow is strict and silent; gives the list that its warnings are written to."""
    return _guard.listening()


@contextmanager
def pillow_pixel_limit(max_pixels: int) -> Iterator[None]:
    """A ``with`` block in which Pillow itself refuses above *max_pixels*, whatever the program set.

    Few plugins ask Pillow's global limit, for pictures above it; only those are loaded in here, one at a time.
    """
    with _pixel_lock:
        before = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = (max_pixels + 1) // 2  # Pillow warns above it and refuses above twice as many
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before
