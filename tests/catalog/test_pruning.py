"""Pruning: what vanished goes for good, what anybody still holds stays."""

from __future__ import annotations

import os

import pytest
from catalog_samples import COLORHASH, WHASH, make_failure, make_result

from lookalike.catalog import FileStat, PruneCount, PruneReport, Store, read_attributes
from lookalike.errors import NotInCatalog, PruneRefused
from lookalike.jobs.prune_vanished import prune_vanished


def scan(store, root, results=(), unchanged=(), places=None):
    number = store.begin_scan([root])
    store.record(number, results)
    store.touch_unchanged(number, unchanged)
    return store.mark_vanished(number, [root], places)


def paths(store):
    return {os.path.basename(entry.path): entry.outcome for entry in store.ledger()}


def test_vanished_files_go_with_what_only_they_hold_and_the_rest_stays(store, root, tmp_path):
    scan(
        store,
        root,
        [
            make_result(root / "a", b"one", WHASH, COLORHASH),
            make_result(root / "b", b"two", WHASH),
            make_result(root / "copy-of-a", b"one"),
            make_result(root / "c", b"three", WHASH),
            make_failure(root / "d"),
        ],
    )
    table = tmp_path / "items.csv"
    table.write_text("file,price\na,1\nb,2\n")
    store.apply_attributes(read_attributes(table))
    scan(store, root, unchanged=[os.fsencode(root / "copy-of-a"), os.fsencode(root / "c")])
    token = store.state_token()
    assert store.count_vanished([root]) == PruneCount(3, 5)
    assert store.prune_vanished([root]) == PruneReport(files=3, contents=1, fingerprints=1)
    assert paths(store) == {b"copy-of-a": "unchanged", b"c": "unchanged"}
    assert store.statistics().contents == 2
    assert len(store.codes(WHASH).ids) == 2
    assert store.state_token() != token
    assert store.check().ok
    assert store.prune_vanished([root]) == PruneReport(0, 0, 0)


def test_a_content_that_a_vanished_file_elsewhere_holds_stays(store, root):
    (root / "x").mkdir()
    scan(store, root, [make_result(root / "a", b"one", WHASH), make_result(root / "x" / "b", b"one")])
    scan(store, root)
    assert store.prune_vanished([root / "x"]) == PruneReport(1, 0, 0)
    assert store.check().ok
    assert store.has_content(make_result("/x", b"one").content.hash, [WHASH]) is not None
    assert store.prune_vanished([root, root / "x"]) == PruneReport(1, 1, 1)


def test_rows_that_would_refer_to_nothing_undo_it_all(store, root, monkeypatch):
    from lookalike.errors import CatalogDamaged

    scan(store, root, [make_result(root / "a", b"one", WHASH)])
    scan(store, root)
    real = store._db.execute
    monkeypatch.setattr(store._db, "execute", lambda sql, *rest: 0 if "FROM sightings" in sql else real(sql, *rest))
    with pytest.raises(CatalogDamaged, match="nothing was removed"):
        store.prune_vanished([root])
    monkeypatch.undo()
    assert paths(store) == {b"a": "vanished"}
    assert store.check().ok


@pytest.mark.parametrize(("gone", "asked"), [(1, False), (2, True)])
def test_more_than_a_tenth_is_removed_only_when_somebody_agrees(store, root, gone, asked):
    files = [make_result(root / f"{number}", bytes([number]), WHASH) for number in range(10)]
    scan(store, root, files)
    scan(store, root, unchanged=[one.path for one in files[gone:]])
    if not asked:
        assert prune_vanished(store, [os.fsencode(root)]).files == gone
        return
    with pytest.raises(PruneRefused, match="2 of 10 known files are gone"):
        prune_vanished(store, [os.fsencode(root)])
    assert len(paths(store)) == 10
    counts = []
    assert prune_vanished(store, [os.fsencode(root)], confirm=lambda count: counts.append(count) or True).files == 2
    assert counts == [PruneCount(2, 10)]


def test_nothing_is_removed_below_a_folder_that_is_not_there(store, root):
    scan(store, root, [make_result(root / "a", b"one")])
    scan(store, root)
    root.rename(root.with_name("unmounted"))
    assert prune_vanished(store, [os.fsencode(root)], confirm=lambda _: True) == PruneReport(0, 0, 0)


def test_only_the_places_that_were_looked_at_vanish_and_count(store, root):
    for folder in ("x", "y"):
        (root / folder).mkdir()
    scan(store, root, [make_result(root / "x" / "a", b"one"), make_result(root / "y" / "b", b"two")])
    number = store.begin_scan([root])
    moved = make_result(root / "z", b"one")._replace(stat=FileStat(3, 1, 1, 5, 7))
    store.record(number, [moved])
    places = [os.fsencode(root / "x"), os.fsencode(root / "z")]
    report = store.mark_vanished(number, [root], places)
    assert (report.vanished, report.moved) == (1, 1)
    assert paths(store) == {b"a": "vanished", b"b": "indexed", b"z": "indexed"}
    assert store.scan_counts(number, places) == store.scan_counts(number)
    assert store.scan_counts(number, places)["indexed"] == 1


def test_a_number_is_never_given_again_so_that_nobody_takes_one_picture_for_another(store, root):
    scan(store, root, [make_result(root / "cat", b"cat", WHASH)])
    known = store.find_content(root / "cat")
    scan(store, root)
    store.prune_vanished([root])
    scan(store, root, [make_result(root / "dog", b"dog", WHASH)])
    assert store.find_content(root / "dog") != known
    assert store.unknown_contents([known, store.find_content(root / "dog")]) == {known}
    number = store.begin_scan([root])
    with pytest.raises(NotInCatalog, match="refers to content"):
        store.record(number, [make_result(root / "cat", b"cat", known=known)])
    assert store.check().ok


def test_reading_shows_one_moment_whoever_writes_meanwhile(store, root):
    scan(store, root, [make_result(root / "a", b"one", WHASH)])
    content = store.find_content(root / "a")
    with Store.open(store.path) as other, store.reading():
        before = store.present_contents()
        with store.reading():
            scan(other, root)
            other.prune_vanished([root])
            assert store.present_contents().tolist() == before.tolist() == [content]
        assert store.contents([content])[0].paths == (str(root / "a"),)
    assert store.present_contents().tolist() == []
