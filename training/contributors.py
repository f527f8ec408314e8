"""Which contributors `look` learns from, and which it is measured on. Needs nothing but Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

FOLDS = 4
HELD_OUT = 3


def held_out_contributors(senders: Sequence[str]) -> set[str]:
    """Contributors whose photos training never sees, of the sender of each photo.

    Four folds of contributors with as equal numbers of photos as can be: the largest first, each to the smallest fold.
    The last one is held out: of the four it has the most contributors, 33, and none of the three giants.
    """
    counts = Counter(senders)
    folds: list[list[str]] = [[] for _ in range(FOLDS)]
    for sender in sorted(counts, key=lambda sender: (-counts[sender], sender)):
        min(folds, key=lambda fold: sum(counts[one] for one in fold)).append(sender)
    return set(folds[HELD_OUT])
