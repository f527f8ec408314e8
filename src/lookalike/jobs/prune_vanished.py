"""Remove for good what the catalog knows of files that are gone, unless that is suspiciously much."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from lookalike.catalog import PruneCount, PruneReport, Store
from lookalike.errors import PruneRefused

UNASKED_SHARE = 0.1  # who tidies up removes some files; a tenth of all looks like a share that wasn't mounted


def refuse(_: PruneCount) -> bool:
    """The answer where nobody can be asked."""
    return False


def prune_vanished(
    store: Store, roots: Sequence[bytes], *, confirm: Callable[[PruneCount], bool] = refuse
) -> PruneReport:
    """Remove the rows of files under *roots* that vanished, with what only they hold.

    Nothing is removed below a root that can't be read now.

    Args:
        store: the catalog, open for writing.
        roots: absolute real paths.
        confirm: asked where more than a tenth of the known files would go.

    Raises:
        PruneRefused: *confirm* said no; nothing was removed.
    """
    readable = [root for root in roots if os.access(root, os.R_OK)]
    count = store.count_vanished(readable)
    if count.vanished > UNASKED_SHARE * count.known and not confirm(count):
        raise PruneRefused(
            f"{count.vanished:,} of {count.known:,} known files are gone, more than a tenth: nothing was removed from"
            " the catalog. If they are gone for good, and no disk or share is missing, add --yes (prune(force=True))"
        )
    return store.prune_vanished(readable)
