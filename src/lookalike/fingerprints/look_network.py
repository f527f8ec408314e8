"""The small network of `look`, in whole numbers: the same bits on every machine.

Weights are -127 to 127, activations 0 to 255, both kept in float32 because NumPy multiplies matrices of floats fast.
Every sum stays below 2**24, where float32 is exact, so neither the order of adding nor fused operations can change it.
Scaling a sum back to an activation is one multiplication, one addition and one rounding in float64 each, and IEEE 754
says what these give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lookalike.fingerprints.look_numbers import Convolution, LookNumbers
    from lookalike.fingerprints.resampling import Pixels

SIDE = 64  # the picture is stretched to 64 x 64, as in training
MIDDLE = 128.0
LARGEST = 255.0
FOREGROUND_STAGE = 1  # the foreground is read off this stage's planes

Planes = NDArray[np.float32]


class Seen(NamedTuple):
    """What the network says of a picture and its mirror twin.

    Attributes:
        sums: float64 (160,): each last plane summed over both; whole numbers.
        foreground: float64 (8, 8): the odds that the garment is there, as logarithm times 64, twins averaged.
    """

    sums: NDArray[np.float64]
    foreground: NDArray[np.float64]


def see(picture: Pixels, numbers: LookNumbers) -> Seen:
    """Run the network on *picture*, uint8 (64, 64, 3), and its mirror twin: both get one code."""
    planes: Planes = np.stack([picture, picture[:, ::-1]]).astype(np.float32) - np.float32(MIDDLE)
    stem, *rest = numbers.convolutions
    planes = _convolve(planes, stem, stride=2)
    foreground = np.zeros(())
    for stage in range(len(rest) // 2):
        planes = _convolve(planes, rest[2 * stage], stride=2)
        planes = _convolve(planes, rest[2 * stage + 1], stride=1, added=planes)
        if stage == FOREGROUND_STAGE:
            odds = planes.astype(np.float64) @ numbers.foreground.weights + numbers.foreground.shift
            foreground = np.floor((odds[0, :, :, 0] + odds[1, :, ::-1, 0]) / 512)
    return Seen(planes.sum(axis=(0, 1, 2), dtype=np.float64), foreground)


def _convolve(planes: Planes, convolution: Convolution, stride: int, added: Planes | None = None) -> Planes:
    """Planes (n, rows, columns, channels) after the convolution, *added* and the cut to 0..255."""
    number, rows, columns, channels = planes.shape
    padded = np.zeros((number, rows + 2, columns + 2, channels), np.float32)
    padded[:, 1:-1, 1:-1] = planes
    a, b, c, d = padded.strides
    windows = np.lib.stride_tricks.as_strided(
        padded,
        (number, rows // stride, columns // stride, 3, 3, channels),
        (a, b * stride, c * stride, b, c, d),
        writeable=False,
    )
    sums = windows.reshape(-1, 9 * channels) @ convolution.weights
    scaled = sums * convolution.scale
    scaled += convolution.shift
    if added is not None:
        scaled += added.reshape(scaled.shape)
    np.rint(scaled, out=scaled)
    np.clip(scaled, 0.0, LARGEST, out=scaled)
    return scaled.astype(np.float32).reshape(number, rows // stride, columns // stride, -1)
