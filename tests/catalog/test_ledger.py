"""The ledger's filters say what a filter over all its entries would."""

from __future__ import annotations

import os

import pytest
from catalog_samples import WHASH, make_failure, make_result

from lookalike.errors import CatalogError, NotInCatalog


@pytest.fixture
def filled(store, root, monkeypatch):
    """Three scans, with more entries than fit on a page."""
    from lookalike.catalog import ledger

    monkeypatch.setattr(ledger, "PAGE_ROWS", 3)
    (root / "x").mkdir()
    results = [
        make_result(root / "a", b"one", WHASH),
        make_result(root / "b", b"one"),
        make_result(root / "x" / "c", b"two"),
        make_failure(root / "x" / "d"),
        make_failure(root / "e", "too-many-pixels", "skipped"),
        make_failure(root / "x-e", "hidden", "skipped"),
        make_result(root / "f", b"three"),
    ]
    first = store.begin_scan([root])
    store.record(first, results)
    store.mark_vanished(first, [root])
    second = store.begin_scan([root])
    store.touch_unchanged(second, [one.path for one in results[:5]])
    store.mark_vanished(second, [root], [root / name for name in ("a", "b", "x", "e", "f")])
    return store


CHOICES = [
    {},
    {"outcome": "failed"},
    {"outcome": ("failed", "skipped")},
    {"reason": ("cut-off", "hidden")},
    {"reason": "hidden", "outcome": "skipped"},
    {"under": "x"},
    {"under": "x", "outcome": ("failed", "unchanged")},
    {"under": "a"},
    {"scan_id": 1},
    {"scan_id": 2, "outcome": ("vanished",)},
    {"outcome": ()},
]


@pytest.mark.parametrize("choice", CHOICES)
def test_each_filter_keeps_just_what_fits(filled, root, choice):
    def allowed(value, wanted):
        return wanted is None or value in ((wanted,) if isinstance(wanted, str) else wanted)

    under = os.fsencode(root / choice["under"]) if "under" in choice else None
    expected = [
        entry
        for entry in filled.ledger()
        if allowed(entry.outcome, choice.get("outcome"))
        and allowed(entry.reason, choice.get("reason"))
        and (under is None or entry.path == under or entry.path.startswith(under + b"/"))
        and choice.get("scan_id") in (None, entry.scan_id)
    ]
    asked = {**choice, **({"under": root / choice["under"]} if under else {})}
    assert list(filled.ledger(**asked)) == expected
    assert bool(expected) == (choice.get("outcome") != ())


def test_a_scan_or_outcome_that_is_none_is_an_error(filled):
    assert filled.last_scan() == 2
    with pytest.raises(NotInCatalog):
        filled.ledger(scan_id=3)
    with pytest.raises(CatalogError, match="lost"):
        filled.ledger(("failed", "lost"))
