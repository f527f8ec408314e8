"""What an attack is: a picture, a strength and a seeded generator -> the picture as somebody might have changed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import blake3
import numpy as np
from PIL import Image

from lookalike.optional import Extra

Attacked = Image.Image | bytes
"""Pixels, or an encoded file where the encoding is the attack."""

Change = Callable[[Image.Image, float, np.random.Generator], Attacked]


@dataclass(frozen=True, slots=True)
class Attack:
    """One way to change a picture, in steps of strength.

    Attributes:
        how: what is done, with its strength as ``{}``, for people.
        steps: strengths in the unit that *how* names, rising or falling; ``(1,)`` where there is only one.
        change: pure: the same picture, strength and generator state give the same result, and the picture stays as it
            is. It gets and gives mode ``RGB``, upright; ``RGBA`` comes out where transparency is the attack.
        needs: the extra without which it can't be made; None where the core suffices.
    """

    how: str
    steps: tuple[float, ...]
    change: Change
    needs: Extra | None = None

    def describe(self, step: float) -> str:
        """What is done at *step*."""
        return self.how.format(f"{step:g}")


def random_for(seed: int, attack: str, step: float, picture: str) -> np.random.Generator:
    """The generator of one attack at one step on one picture: none depends on which others are made, or when."""
    digest = blake3.blake3(f"{seed}\0{attack}\0{step:g}\0{picture}".encode("utf-8", "surrogateescape")).digest(8)
    return np.random.default_rng(int.from_bytes(digest, "little"))
