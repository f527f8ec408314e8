"""Materials as grey tiles: how light each point of the surface is, 128 being the plain colour.

Every tile is made once a process and cut at a random place for each bag. Noise comes from ``random.Random``, whose
stream Python keeps from version to version.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TILE_PX: Final = 640  # larger than any bag, so that a cut never meets its own edge
_Field = NDArray[np.float64]


def _grid() -> tuple[_Field, _Field]:
    columns, rows = np.meshgrid(np.arange(TILE_PX, dtype=np.float64), np.arange(TILE_PX, dtype=np.float64))
    return rows, columns


def _noise(seed: int, grain_px: float) -> _Field:
    """Smooth noise with mean 0 and standard deviation 1, whose grains are about *grain_px* wide."""
    side = round(TILE_PX / grain_px)
    raw = Image.frombytes("L", (side, side), Random(seed).randbytes(side * side))  # noqa: S311 - a texture
    # Enlarged as floats: blurring the bytes instead would leave steps in wide, faint noise.
    wide = raw.convert("F").resize((TILE_PX, TILE_PX), Image.Resampling.BICUBIC)
    field: _Field = np.asarray(wide, dtype=np.float64)
    return (field - float(field.mean())) / float(field.std())


def _smooth() -> _Field:
    return 128 + 2.5 * _noise(1, 60) + 1.0 * _noise(2, 1.5)


def _grained() -> _Field:
    return 128 + 7 * _noise(3, 3.2) + 4 * _noise(4, 5.5)


def _suede() -> _Field:
    return 128 + 4.5 * _noise(5, 1.6) + 4 * _noise(6, 26)


def _canvas() -> _Field:
    rows, columns = _grid()
    weave = np.sin(rows * 2.1) * np.sin(columns * 2.1)
    return 128 + 9 * weave + 4 * _noise(7, 2.2)


def _ribbed() -> _Field:
    _, columns = _grid()
    return 128 + 16 * np.sin(columns * (2 * np.pi / 11)) + 2 * _noise(8, 2.0)


def _quilted() -> _Field:
    """Diamond cushions: bright towards the upper left, with a dark seam around each."""
    rows, columns = _grid()
    side = 33.0
    along, across = (columns + rows) / side, (columns - rows) / side
    u, v = along - np.floor(along) - 0.5, across - np.floor(across) - 0.5
    seam = np.minimum(0.5 - np.abs(u), 0.5 - np.abs(v))
    lightness: _Field = 128 - 46 * u + 6 - 52 * np.exp(-((seam / 0.055) ** 2)) + 1.5 * _noise(9, 2.0)
    return lightness


def _woven() -> _Field:
    """Leather strips, over and under, on the diagonal."""
    rows, columns = _grid()
    side = 17.0
    along, across = (columns + rows) / side, (columns - rows) / side
    over = (np.floor(along) + np.floor(across)) % 2 == 0
    u, v = along - np.floor(along) - 0.5, across - np.floor(across) - 0.5
    strip = np.where(over, np.cos(u * np.pi) * (1 - 0.35 * np.abs(v)), np.cos(v * np.pi) * (0.92 - 0.35 * np.abs(u)))
    return 72 + 76 * strip + 2 * _noise(10, 2.0)


def _croc() -> _Field:
    """Scales: the nearest of jittered points on a brick pattern, dark where two scales are equally near."""
    rows, columns = _grid()
    scale_height, scale_width = 21.0, 29.0
    first = np.full(rows.shape, np.inf)
    second = np.full(rows.shape, np.inf)
    tone = np.zeros(rows.shape)
    random = Random(11)  # noqa: S311 - a texture
    jitter = np.array([[(random.random(), random.random(), random.random()) for _ in range(64)] for _ in range(64)])
    row, column = np.floor(rows / scale_height).astype(int), np.floor(columns / scale_width).astype(int)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            at_row, at_column = row + down, column + right
            shift = jitter[at_row % 64, at_column % 64]
            centre_y = (at_row + 0.3 + 0.4 * shift[..., 0]) * scale_height
            centre_x = (at_column + 0.3 + 0.4 * shift[..., 1] + 0.5 * (at_row % 2) - 0.25) * scale_width
            away = np.hypot((rows - centre_y) / scale_height, (columns - centre_x) / scale_width)
            nearer = away < first
            second = np.where(nearer, first, np.minimum(second, away))
            tone = np.where(nearer, shift[..., 2] - 0.5 - 0.9 * (rows - centre_y) / scale_height, tone)
            first = np.where(nearer, away, first)
    seam = np.exp(-(((second - first) / 0.09) ** 2))
    lightness: _Field = 134 + 20 * tone - 58 * seam + 1.5 * _noise(12, 2.0)
    return lightness


_SURFACES: Final[dict[str, Callable[[], _Field]]] = {
    "smooth leather": _smooth,
    "grained leather": _grained,
    "quilted leather": _quilted,
    "croc leather": _croc,
    "woven leather": _woven,
    "suede": _suede,
    "canvas": _canvas,
    "striped canvas": _canvas,
    "checked canvas": _canvas,
    "dotted canvas": _canvas,
    "ribbed nylon": _ribbed,
}
MATERIALS: Final = tuple(_SURFACES)


@cache
def surface_tile(material: str) -> Image.Image:
    """The material's lightness, mode L, ``TILE_PX`` a side, 128 where the colour is plain."""
    return Image.fromarray(np.clip(np.round(_SURFACES[material]()), 0, 255).astype(np.uint8))


def _stripes() -> _Field:
    rows, _ = _grid()
    return np.where((rows % 44) < 22, 255.0, 0.0)


def _checks() -> _Field:
    rows, columns = _grid()
    return 127.5 * (((rows % 48) < 24).astype(np.float64) + ((columns % 48) < 24).astype(np.float64))


def _dots() -> _Field:
    rows, columns = _grid()
    side = 30.0
    shifted = columns + side / 2 * (np.floor(rows / side) % 2)
    away = np.hypot(rows % side - side / 2, shifted % side - side / 2)
    return np.clip(7.5 - away, 0.0, 1.0) * 255.0


_PATTERNS: Final[dict[str, Callable[[], _Field]]] = {
    "striped canvas": _stripes,
    "checked canvas": _checks,
    "dotted canvas": _dots,
}


@cache
def pattern_tile(material: str) -> Image.Image | None:
    """Where the second colour shows (255), mode L; None for materials of one colour."""
    if material not in _PATTERNS:
        return None
    return Image.fromarray(np.round(_PATTERNS[material]()).astype(np.uint8))
