"""Indexing: every path ends in the ledger, and nothing is done twice."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lookalike.assembly import Catalog
from lookalike.catalog import FileResult, FileStat
from lookalike.errors import ImageUnreadable
from lookalike.execution import Control, LocalExecutor
from lookalike.images import Limits
from lookalike.jobs.backlog import Backlog, Entry
from lookalike.jobs.found_files import FoundFiles
from lookalike.jobs.index_folders import IndexProgress, IndexReport, index_folders
from lookalike.jobs.scan_order import ScanOrder
from lookalike.jobs.scan_rules import ScanRules
from lookalike.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "execution"))
import chores


def outcomes(catalog):
    return {os.path.basename(os.fsdecode(entry.path)): entry.outcome for entry in catalog.store.ledger()}


def test_a_cold_run_indexes_all_and_a_second_one_reads_nothing(catalog, own_copy):
    first = catalog.index(own_copy, fingerprints="whash")
    assert (first.files, first.indexed, first.failed, first.unchanged) == (10, 10, 0, 0)
    second = catalog.index(own_copy)
    assert (second.files, second.indexed, second.unchanged) == (10, 0, 10)


def test_the_same_tree_gives_the_same_catalog(tmp_path, own_copy):
    rows = []
    for name in ("one", "two"):
        with Catalog(tmp_path / f"{name}.lookalike") as catalog:
            catalog.index(own_copy, fingerprints="whash,dhash")
            ids, parts, codes, _ = catalog.store.codes(catalog.recipes[0])
            rows.append((ids.tolist(), parts.tolist(), codes.tolist(), [c.path for c in catalog.store.contents(ids)]))
    assert rows[0] == rows[1]


def test_a_moved_file_is_not_decoded_again_and_the_old_path_vanishes(catalog, own_copy, monkeypatch):
    catalog.index(own_copy, fingerprints="whash")
    moved = min(own_copy.iterdir())
    before = catalog.store.find_content(moved)
    (own_copy / "deeper").mkdir()
    moved.rename(own_copy / "deeper" / "renamed.jpg")
    report = catalog.index(own_copy)
    assert (report.vanished, report.moved, report.unchanged) == (1, 1, 9)
    assert catalog.store.find_content(own_copy / "deeper" / "renamed.jpg") == before
    assert catalog.store.statistics().contents == 10


def test_a_copy_is_a_duplicate_and_a_changed_file_gets_its_new_content(catalog, own_copy):
    files = sorted(own_copy.iterdir())
    catalog.index(own_copy, fingerprints="whash")
    shutil.copy(files[0], own_copy / "copy.jpg")
    shutil.copy(files[1], files[2])
    report = catalog.index(own_copy)
    assert report.duplicate == 2
    assert catalog.store.find_content(files[1]) == catalog.store.find_content(files[2])
    assert outcomes(catalog)["copy.jpg"] == "duplicate"


def test_what_is_no_picture_is_skipped_and_what_is_broken_fails_with_its_reason(catalog, own_copy):
    good = min(own_copy.iterdir())
    (own_copy / "notes.txt").write_text("buy milk")
    (own_copy / "cut.jpg").write_bytes(good.read_bytes()[:4000])
    (own_copy / "empty.jpg").touch()
    (own_copy / "link.jpg").symlink_to(good)
    os.mkfifo(own_copy / "pipe.jpg")
    (own_copy / os.fsdecode(b"caf\xe9.jpg")).write_bytes(good.read_bytes() + b"trailing")
    report = catalog.index(own_copy, fingerprints="whash")
    assert (report.files, report.indexed, report.skipped, report.failed) == (16, 11, 3, 2)
    assert report.reasons == {"cut-off": 2, "unsupported-format": 1, "not-a-file": 1, "symbolic-link": 1}
    again = catalog.index(own_copy)
    assert (again.skipped, again.failed, again.unchanged) == (3, 2, 11)


def test_progress_counts_up_to_the_report(catalog, own_copy):
    events = list(catalog.index_events([own_copy], fingerprints="whash"))
    assert all(isinstance(event, IndexProgress) for event in events[:-1])
    assert isinstance(events[-1], IndexReport)
    last = events[-2]
    assert (last.done, last.total, last.scan_done) == (10, 10, True)
    assert [event.done for event in events[:-1]] == sorted(event.done for event in events[:-1])
    assert last.as_dict()["event"] == "progress"


def test_closing_the_iterator_keeps_what_was_done(catalog, own_copy, monkeypatch):
    monkeypatch.setattr(sys.modules["lookalike.jobs.index_folders"], "PROGRESS_EVERY_S", 0.0)
    events = catalog.index_events([own_copy], fingerprints="whash")
    next(event for event in events if 0 < event.done < event.total)
    events.close()
    kept = catalog.store.statistics().contents
    assert 1 <= kept <= 10
    assert catalog.index(own_copy).indexed + kept == 10


def test_a_recipe_added_later_is_computed_for_all(catalog, own_copy):
    catalog.index(own_copy, fingerprints="whash")
    assert catalog.index(own_copy, fingerprints="dhash").unchanged == 0
    assert {str(recipe) for recipe in catalog.recipes} == {"whash", "dhash"}
    assert catalog.index(own_copy).unchanged == 10


def test_a_folder_inside_another_is_scanned_once(catalog, own_copy):
    (own_copy / "inside").mkdir()
    shutil.copy(min(own_copy.glob("*.jpg")), own_copy / "inside" / "a.jpg")
    report = catalog.index([own_copy, own_copy / "inside", own_copy / "." / "inside"], fingerprints="whash")
    assert report.files == 11


def test_a_single_picture_can_be_indexed(catalog, own_copy):
    assert catalog.index(min(own_copy.iterdir()), fingerprints="whash").indexed == 1


def test_a_folder_that_is_not_there_is_an_error(catalog, tmp_path):
    with pytest.raises(ImageUnreadable, match="is not there"):
        catalog.index(tmp_path / "nowhere")


def test_a_root_that_cannot_be_read_any_more_loses_no_rows(catalog, own_copy):
    catalog.index(own_copy, fingerprints="whash")
    hidden = own_copy.with_name("hidden")
    own_copy.rename(hidden)
    with pytest.raises(ImageUnreadable):
        catalog.index(own_copy)
    assert catalog.store.counts()["vanished"] == 0


def test_attributes_that_name_no_picture_are_reported(catalog, own_copy, tmp_path):
    names = [path.name for path in sorted(own_copy.iterdir())]
    table = tmp_path / "items.csv"
    table.write_text(
        "file,price\n" + "".join(f"{name},{10 + n}\n" for n, name in enumerate(names[:8])) + "ghost.jpg,5\n"
    )
    joined = catalog.index(own_copy, fingerprints="whash", attributes=table).attributes
    assert (joined.rows, joined.matched, joined.images_without_row) == (9, 8, 2)
    assert [row.key for row in joined.unmatched_rows] == ["ghost.jpg"]


def test_results_go_out_in_scan_order_even_when_some_were_overtaken():
    order = ScanOrder()
    for number in (1, 2):
        order.put(number, number)
    assert order.take(everything=False) == []
    assert order.take(everything=True) == [1, 2]
    for number in (0, 4):
        order.put(number, number)
    assert order.take(everything=False) == [0]
    order.put(3, 3)
    assert order.take(everything=False) == [3, 4]


def test_the_catalog_is_a_sound_sqlite_file(catalog, own_copy):
    catalog.index(own_copy, fingerprints="whash")
    catalog.close()
    with sqlite3.connect(catalog.path) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()


def test_what_failed_is_remembered_until_it_changes_or_is_asked_for(catalog, own_copy, monkeypatch):
    good = min(own_copy.iterdir())
    (own_copy / "cut.jpg").write_bytes(good.read_bytes()[:3000])
    tried = []
    take_back = FoundFiles.take_back
    monkeypatch.setattr(
        FoundFiles, "take_back", lambda files, path: tried.append(os.path.basename(path)) or take_back(files, path)
    )
    assert catalog.index(own_copy, fingerprints="whash").failed == 1
    assert len(tried) == 11
    for retry, expected in ((False, []), (True, [b"cut.jpg"])):
        tried.clear()
        assert catalog.index(own_copy, fingerprints="whash", retry=retry).failed == 1
        assert tried == expected


@pytest.mark.parametrize("memory_entries", [0, 1, 700, 10_000])
def test_the_backlog_gives_back_what_it_got_in_order_whatever_fits_in_memory(memory_entries):
    backlog = Backlog(memory_entries)
    entries = [Entry(b"/%d" % n, n, -n, 2**62, 2**64 - 1, n, None if n % 3 else "skipped") for n in range(7_500)]
    taken = []
    for entry in entries[:5_000]:
        backlog.put(entry)
    for place, entry in enumerate(entries[5_000:]):  # it grows and shrinks at once
        backlog.put(entry)
        taken += [backlog.take() for _ in range(1 + place % 2)]
    taken += [backlog.take() for _ in range(len(backlog))]
    assert taken == entries
    assert not backlog
    with pytest.raises(IndexError):
        backlog.take()
    backlog.close()


def test_a_run_that_is_stopped_reports_and_keeps_what_was_done_and_marks_nothing_as_vanished(
    catalog, own_copy, monkeypatch
):
    catalog.index(own_copy, fingerprints="whash")
    min(own_copy.iterdir()).unlink()
    control = Control()
    control.stop()
    report = catalog.index(own_copy, control=control)
    assert report.stopped
    assert catalog.store.counts()["vanished"] == 0


def test_a_pictures_crash_is_recorded_and_not_tried_again_until_the_file_changes(catalog, own_copy, monkeypatch):
    bad = min(own_copy.iterdir())
    crashing = chores.CrashesAt(os.fsencode(bad))
    monkeypatch.setattr(sys.modules["lookalike.jobs.index_folders"], "FingerprintFile", lambda *_: crashing)
    report = catalog.index(own_copy, fingerprints="whash")
    assert (report.indexed, report.failed, report.reasons) == (0, 10, {"crashed": 1, "cut-off": 9})
    monkeypatch.undo()
    assert catalog.index(own_copy).reasons == {"crashed": 1, "cut-off": 9}
    os.utime(bad, (1, 1))
    assert catalog.index(own_copy).reasons == {"cut-off": 9}


def test_a_file_whose_content_is_pruned_meanwhile_fails_by_itself_and_is_read_by_the_next_run(
    catalog, own_copy, monkeypatch
):
    one = min(own_copy.iterdir())
    knowing = chores.KnowsWhatIsGone(os.fsencode(one), 77)
    monkeypatch.setattr(sys.modules["lookalike.jobs.index_folders"], "FingerprintFile", lambda *_: knowing)
    assert catalog.index(own_copy, fingerprints="whash").reasons == {"changed-while-read": 1, "cut-off": 9}
    monkeypatch.undo()
    assert catalog.index(own_copy, fingerprints="whash").indexed == 1


def test_a_heic_photo_without_the_extra_is_skipped_by_name_and_looked_at_again(catalog, own_copy):
    from lookalike.errors import MissingDecoder

    photo = own_copy / "photo.heic"
    photo.write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
    scan = catalog.store.begin_scan([own_copy])
    stat = FileStat.of(photo.stat())
    path = os.fsencode(photo)
    catalog.store.record(scan, [FileResult(path, stat, "skipped", MissingDecoder.reason, "install it")])
    stamp = catalog.store.known_files(own_copy)[path]
    assert not stamp.complete
    assert stamp.describes(photo.stat())


def test_a_picture_too_small_for_a_recipe_fails_alone(catalog, own_copy):
    from PIL import Image

    Image.effect_noise((20, 20), 50).save(own_copy / "tiny.png")
    report = catalog.index(own_copy, fingerprints="whash:db4@full,imagehash")
    assert (report.indexed, report.failed, report.reasons) == (10, 1, {"too-small": 1})


def test_a_folder_that_cannot_be_listed_costs_one_line_and_loses_nothing(catalog, own_copy, monkeypatch):
    inside = own_copy / "inside"
    inside.mkdir()
    min(own_copy.glob("*.jpg")).rename(inside / "a.jpg")
    catalog.index(own_copy, fingerprints="whash")
    scandir = os.scandir

    def forbid(path):
        if os.fspath(path) == os.fsencode(inside):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", forbid)
    report = catalog.index(own_copy)
    assert (report.failed, report.vanished, report.reasons) == (1, 0, {"unreadable-folder": 1})
    assert catalog.store.find_content(inside / "a.jpg") is not None


@pytest.mark.parametrize("places", [None, ["link"], ["link/deeper"]])
@pytest.mark.parametrize("fault", ["it leads nowhere", "it can not be looked at"])
def test_what_is_known_below_a_followed_link_stays_while_the_link_can_not_be_followed(
    catalog, own_copy, tmp_path, monkeypatch, fault, places
):
    disk = tmp_path / "disk"
    (disk / "deeper").mkdir(parents=True)
    min(own_copy.glob("*.jpg")).rename(disk / "deeper" / "a.jpg")
    (own_copy / "link").symlink_to(disk)
    rules = ScanRules(follow_links=True)
    catalog.index(own_copy, fingerprints="whash", rules=rules)
    known = catalog.store.find_content(own_copy / "link" / "deeper" / "a.jpg")
    assert known is not None
    if fault == "it leads nowhere":
        disk.rename(tmp_path / "unmounted")
    else:
        stat = os.stat

        def forbid(path, **options):
            if os.fsencode(path).startswith(os.fsencode(own_copy / "link")) and options.get("follow_symlinks", True):
                raise PermissionError(13, "Permission denied")
            return stat(path, **options)

        monkeypatch.setattr(os, "stat", forbid)
    wanted = None if places is None else [os.fsencode(own_copy / place) for place in places]
    *_, report = index_folders(
        catalog.store,
        LocalExecutor(1),
        [os.fsencode(own_copy)],
        catalog.recipes,
        limits=Limits(),
        rules=rules,
        places=wanted,
    )
    assert report.vanished == 0
    assert catalog.store.find_content(own_copy / "link" / "deeper" / "a.jpg") == known
    [told] = [entry for entry in catalog.store.ledger(under=own_copy / "link") if entry.reason]
    expected = "dangling-link" if fault == "it leads nowhere" else "unreadable-folder"
    assert (told.path, told.reason) == (os.fsencode(own_copy / "link"), expected)
    monkeypatch.undo()
    if fault == "it leads nowhere":
        (tmp_path / "unmounted").rename(disk)
    again = catalog.index(own_copy, rules=rules)
    assert (again.files, again.unchanged, again.vanished) == (10, 10, 0)


def test_the_report_is_json_whatever_the_names_are(catalog, own_copy, tmp_path):
    min(own_copy.iterdir()).rename(own_copy / os.fsdecode(b"caf\xe9.jpg"))
    table = tmp_path / "items.csv"
    table.write_text(f"file,price\n{min(own_copy.glob('bag-*')).name},3\n")
    report = catalog.index(own_copy, fingerprints="whash", attributes=table)
    assert json.loads(json.dumps(report.as_dict()))["attributes"]["images_without_row"] == 9


def test_reasons_are_those_of_the_folders_that_were_scanned(catalog, own_copy, tmp_path):
    (own_copy / "notes.txt").write_text("milk")
    catalog.index(own_copy, fingerprints="whash")
    (tmp_path / "other").mkdir()
    assert catalog.index(tmp_path / "other").reasons == {}


def test_what_is_said_of_a_broken_picture_calls_it_the_file(catalog, own_copy):
    picture = min(own_copy.iterdir())
    picture.write_bytes(picture.read_bytes()[:2_000])
    Image.new("1", (9_000, 9_000)).save(own_copy / "huge.png")
    catalog.limits = replace(catalog.limits, max_pixels=80_000_000)
    report = catalog.index(own_copy, fingerprints="whash")
    assert report.failed == 2
    for entry in catalog.store.ledger("failed"):
        assert "given as bytes" not in entry.detail
        assert entry.detail.startswith("the file "), entry.detail


def test_a_run_that_a_younger_one_overtakes_reports_what_it_saw_itself(tmp_path, own_copy):
    shutil.copy2(min(own_copy.iterdir()), own_copy / "copy.jpg")
    (own_copy / "broken.jpg").write_bytes(min(own_copy.iterdir()).read_bytes()[:2_000])
    (own_copy / "notes.txt").write_text("no picture")
    path = tmp_path / "two.lookalike"
    with Catalog(path, settings=Settings(workers=1)) as first, Catalog(path, settings=Settings(workers=1)) as second:
        for expected in [{"indexed": 10, "duplicate": 1, "unchanged": 0}, {"indexed": 0, "unchanged": 11}]:
            events = list(overtaken(first.index_events([own_copy], fingerprints="whash"), second, own_copy))
            told = events[-1].as_dict()
            assert told.items() >= expected.items()
            assert (told["files"], told["skipped"], told["failed"], told["vanished"]) == (13, 1, 1, 0)
            assert sum(told["reasons"].values()) == 2


def overtaken(events, second, folder):
    """*events* of a run, before whose report another one begins and ends."""
    for event in events:
        yield event
        if isinstance(event, IndexProgress) and event.done == event.total and event.scan_done:
            second.index(folder, fingerprints="whash")
