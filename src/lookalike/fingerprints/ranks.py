"""Which values lie above their median, where that is certain in spite of rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lookalike.fingerprints.base import Bits


def upper_half(values: NDArray[np.float64], *, apart: float) -> Bits | None:
    """bool, shape (n,): whether each value exceeds the median; None where a gap of *apart* or less decides.

    Above the median of n values, even or odd, are the largest n // 2: certain as soon as the smallest of them and the
    next value below differ. Values elsewhere may tie.

    Args:
        values: shape (n,), at least two.
        apart: the largest difference that rounding could turn round.
    """
    lowest_above = (values.size + 1) // 2
    ordered = np.sort(values)
    below, above = ordered[lowest_above - 1], ordered[lowest_above]
    return values >= above if above - below > apart else None
