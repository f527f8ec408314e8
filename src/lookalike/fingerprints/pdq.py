"""PDQ: which of 16 x 16 low frequencies of the picture exceed their median. Meta's, within 10 bits of its codes.

Source: see ``pdq_rows``; the preparation is its choice. Luminance is that of the picture's colours (0.299 red, 0.587
green, 0.114 blue), unrounded: the rounded luminance that a JPEG stores gives plain pictures up to 36 other bits. So
PDQ asks for colours though it uses none.

Just half of the bits are set, the largest 128 of 256 values, unless values tie: distances of two codes are even.
The radius that Meta recommends is 31. PDQ's own quality is a sum of first differences, which calls a plain gradient
good; a fingerprint's ``quality`` is Lookalike's here as everywhere, a sum of second ones, see ``quality.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import RecipeError
from lookalike.fingerprints import _pixels
from lookalike.fingerprints.blas_threads import one_blas_thread
from lookalike.fingerprints.pdq_rows import CELLS, COSINES, FREQUENCIES, cell_bands, frequency_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookalike.fingerprints.base import Bits, Options
    from lookalike.fingerprints.pdq_rows import Bands, Rows
    from lookalike.fingerprints.views import Size, Views
    from lookalike.model import Recipe

RADIUS_BITS = 31  # up to here Meta takes two pictures to be the same (pdq/README.md of ThreatExchange)
WIDTH_BITS = FREQUENCIES * FREQUENCIES
LOWEST_ABOVE = WIDTH_BITS // 2  # the median of an even number of values is PDQ's lower one, the 128th
# Frequencies sum up 64 * 64 levels of at most 255; sums of doubles err by less than 1e-9 there. Values so near the
# median lie at it: flat and symmetric pictures would have rounding for bits.
AT_MEDIAN = 1e-6


class PdqHash:
    """Facebook's PDQ, 2019. No options."""

    version: ClassVar[int] = 1
    many_parts: ClassVar[bool] = False
    reads_colors: ClassVar[bool] = True

    def read_options(self, words: Sequence[str]) -> tuple[Options, int]:
        if words:
            raise RecipeError(f"pdq got the option {words[0]!r}: it takes none")
        return (), WIDTH_BITS

    def thumbnails(self, _recipe: Recipe, _size: Size) -> tuple[Size, ...]:
        return ()

    @one_blas_thread
    def make_bits(self, views: Views, _recipe: Recipe) -> Bits:
        return compare_frequencies(measure_frequencies(views.luminance))

    @one_blas_thread
    def make_turned_bits(self, views: Views, _recipe: Recipe) -> Sequence[Bits]:
        """From one product: a turned picture has the same frequencies, transposed, of rows read from the other end.

        The published filters lean to one side, so that changed signs alone are 10 bits off. These values are those of
        a turned picture but for the order of sums, which decides where two frequencies at the median are as good as
        equal.
        """
        as_is, mirrored, flipped, half_turned = _measure_four(views.luminance)
        laid = (as_is, mirrored.T, half_turned, flipped.T, mirrored, flipped, as_is.T, half_turned.T)
        return [compare_frequencies(frequencies) for frequencies in laid]


def measure_frequencies(luminance: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64 (16, 16), vertical by horizontal frequencies 1 to 16, of *luminance* (height, width)."""
    height, width = luminance.shape
    mixed = _mix(luminance, cell_bands(height, width))
    return _sum_products(mixed, frequency_rows(width, height))


def _measure_four(luminance: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """The frequencies of the picture as it is, mirrored, flipped, and both."""
    height, width = luminance.shape
    mixed = _mix(luminance, cell_bands(height, width, both_ways=True))
    across = frequency_rows(width, height)
    backwards = [columns[:, ::-1] for columns in across]
    halves = mixed[: len(across)], mixed[len(across) :]
    return [_sum_products(half, columns) for half in halves for columns in (across, backwards)]


def _mix(luminance: NDArray[np.float32], bands: Bands) -> list[Rows]:
    """For each way, float64 (16, width): the vertical frequencies of each column."""
    cells = _pixels.sum_bands(np.ascontiguousarray(luminance), *bands)
    return [COSINES @ some for some in np.split(cells, len(cells) // CELLS)]


def _sum_products(mixed: Sequence[NDArray[np.float64]], across: Sequence[Rows]) -> NDArray[np.float64]:
    """The mean over the ways to shrink."""
    frequencies = np.zeros((FREQUENCIES, FREQUENCIES))
    for rows, columns in zip(mixed, across, strict=True):
        frequencies += rows @ columns.T
    return frequencies / len(across)


def compare_frequencies(frequencies: NDArray[np.float64]) -> Bits:
    """Bits, bool (1, 256): the highest frequency's bit first, as PDQ prints its codes."""
    values = frequencies.ravel()[::-1]
    above: Bits = values > np.partition(values, LOWEST_ABOVE - 1)[LOWEST_ABOVE - 1] + AT_MEDIAN
    return above[None, :]
