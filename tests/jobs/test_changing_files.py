"""Files that others write, move or delete at the same time, and files with several names."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from lookalike.catalog import FileResult, FileStat
from lookalike.errors import CutOff, ImageChanging, ImageGone
from lookalike.images import Limits
from lookalike.jobs.fingerprint_file import FingerprintFile
from lookalike.jobs.hard_links import HardLinks, Turn
from lookalike.jobs.read_settled import read_settled
from lookalike.jobs.scan_rules import ScanRules

module = sys.modules["lookalike.jobs.read_settled"]


def reading_while(monkeypatch, *events):
    """Each read of a file is preceded by the next of *events*."""
    waiting = list(events)

    def disturbed(real):
        def read(path, limits):
            data = real(path, limits)
            if waiting:
                waiting.pop(0)()
            return data

        return read

    for name in ("read_bytes", "read_file"):
        monkeypatch.setattr(module, name, disturbed(getattr(module, name)))


def test_a_file_that_changed_while_it_was_read_is_read_again(own_copy, monkeypatch):
    path = min(own_copy.iterdir())
    whole = path.read_bytes()
    reading_while(monkeypatch, lambda: path.write_bytes(whole + b"more"))
    data, told = read_settled(os.fsencode(path), Limits())
    assert data == whole + b"more"
    assert told == FileStat.of(path.stat())


def test_a_file_that_never_rests_fails_with_its_own_reason_and_is_looked_at_again(catalog, own_copy, monkeypatch):
    path = min(own_copy.iterdir())
    catalog.index(own_copy, fingerprints="whash")
    sizes = iter(range(1, 100))
    reading_while(monkeypatch, *[lambda: path.write_bytes(path.read_bytes() + b"x" * next(sizes))] * 9)
    with pytest.raises(ImageChanging):
        read_settled(os.fsencode(path), Limits())
    worker = FingerprintFile((), Limits(), str(catalog.path))
    result = worker(os.fsencode(path))
    assert (result.outcome, result.reason) == ("failed", "changed-while-read")
    catalog.store.record(catalog.store.begin_scan([own_copy]), [result._replace(stat=FileStat.of(path.stat()))])
    assert catalog.index(own_copy).indexed == 1, "though its stat is the recorded one"


def test_a_file_that_was_cut_off_only_while_it_was_copied_is_no_failure(own_copy, monkeypatch):
    path = min(own_copy.iterdir())
    whole = path.read_bytes()
    path.write_bytes(b"")
    with pytest.raises(CutOff):
        read_settled(os.fsencode(path), Limits())
    real, tries = module.read_bytes, []

    def finish_copying(name, limits):
        tries.append(name)
        if len(tries) == 1:
            try:
                return real(name, limits)
            finally:
                path.write_bytes(whole)
        return real(name, limits)

    monkeypatch.setattr(module, "read_bytes", finish_copying)
    assert read_settled(os.fsencode(path), Limits())[0] == whole


def test_a_file_that_went_before_it_was_read_is_skipped_and_vanishes_with_the_next_scan(catalog, own_copy):
    path = os.fsencode(min(own_copy.iterdir()))
    os.unlink(path)
    with pytest.raises(ImageGone):
        read_settled(path, Limits())
    result = FingerprintFile((), Limits(), "")(path)
    assert (result.outcome, result.reason) == ("skipped", "gone-meanwhile")
    catalog.store.record(catalog.store.begin_scan([own_copy]), [result])
    report = catalog.index(own_copy, fingerprints="whash")
    assert (report.indexed, report.vanished) == (9, 1)


def test_hard_links_are_decoded_once_and_the_ledger_says_whose_copy_each_is(catalog, own_copy, monkeypatch):
    first, *others = sorted(own_copy.iterdir())
    for path in others:
        path.unlink()
    names = [own_copy / "sub" / f"{number}.jpg" for number in range(3)]
    names[0].parent.mkdir()
    for name in names:
        os.link(first, name)
    given = []
    folders = sys.modules["lookalike.jobs.found_files"].FoundFiles
    take_back = folders.take_back
    monkeypatch.setattr(folders, "take_back", lambda self, path: given.append(path) or take_back(self, path))
    report = catalog.index(own_copy, fingerprints="whash")
    assert (report.files, report.indexed, report.duplicate) == (4, 1, 3)
    assert given == [os.fsencode(first)], "workers saw one name only"
    originals = {entry.duplicate_of for entry in catalog.store.ledger("duplicate")}
    assert originals == {os.fsencode(first)}
    os.link(first, own_copy / "later.jpg")  # which changes the ctime of all names
    report = catalog.index(own_copy)
    assert (report.files, len(given)) == (5, 2)
    assert catalog.index(own_copy).unchanged == 5
    os.link(first, own_copy.parent / "elsewhere.jpg")
    assert catalog.store.statistics().contents == 1


def test_names_of_a_broken_file_share_its_fault(catalog, own_copy):
    broken = own_copy / "a-broken.jpg"
    broken.write_bytes(min(own_copy.iterdir()).read_bytes()[:3000])
    os.link(broken, own_copy / "z-broken.jpg")
    assert catalog.index(own_copy, fingerprints="whash").reasons == {"cut-off": 2}


def test_a_name_seen_before_or_after_the_first_was_read_gets_what_came_of_it(own_copy):
    first = min(own_copy.iterdir())
    second = own_copy / "second.jpg"
    for name in (second, own_copy / "third.jpg", own_copy / "fourth.jpg"):
        os.link(first, name)
    status = second.stat()
    stat = FileStat.of(status)
    result = FileResult(os.fsencode(first), stat, "failed", "cut-off", "it ends too soon")
    links = HardLinks()
    for _ in (first, second):
        links.see(status)
    assert links.take(0, os.fsencode(first), stat) is Turn.READ
    assert links.take(1, os.fsencode(second), stat) is Turn.WAIT
    twin = result._replace(path=os.fsencode(second))
    assert links.finish(result, stat) == [(1, twin)]
    assert links.take(2, os.fsencode(second), stat) == twin
    assert links.take(3, os.fsencode(second), stat._replace(size=1)) is Turn.READ, "it was written to since"


@pytest.mark.parametrize("gone", [1, 2])
def test_a_name_that_went_says_nothing_of_the_other_names_of_its_file(catalog, own_copy, monkeypatch, gone):
    first, *others = sorted(own_copy.iterdir())
    for path in others:
        path.unlink()
    names = [first] + [own_copy / f"z{number}.jpg" for number in range(3)]
    for name in names[1:]:
        os.link(first, name)
    folders = sys.modules["lookalike.jobs.found_files"].FoundFiles
    draw = folders.__next__

    def remove_what_is_handed_out(self):
        given = draw(self)
        if isinstance(given, bytes) and os.fsdecode(given) in map(str, names[:gone]):
            os.unlink(given)
        return given

    monkeypatch.setattr(folders, "__next__", remove_what_is_handed_out)
    report = catalog.index(own_copy, fingerprints="whash")
    assert (report.indexed, report.duplicate, report.reasons) == (1, 3 - gone, {"gone-meanwhile": gone})
    for entry in catalog.store.ledger("skipped"):
        assert os.fsdecode(entry.path) in entry.detail, "each line tells of its own path"


def test_a_fault_told_of_one_name_is_told_of_each_under_its_own_path(own_copy):
    first = min(own_copy.iterdir())
    second = os.fsencode(own_copy / "second.jpg")
    os.link(first, second)
    stat = FileStat.of(first.stat())
    links = HardLinks()
    links.see(first.stat())
    assert links.take(0, os.fsencode(first), stat) is Turn.READ
    assert links.take(1, second, stat) is Turn.WAIT
    fault = FileResult(os.fsencode(first), stat, "failed", "too-many-bytes", f"{str(first)!r} is too large")
    [(_, told)] = links.finish(fault, stat)
    assert (told.path, told.detail) == (second, f"{os.fsdecode(second)!r} is too large")


@pytest.mark.parametrize("unchanged", [True, False])
def test_a_file_all_of_whose_names_were_met_is_forgotten(own_copy, unchanged):
    first = min(own_copy.iterdir())
    names = [os.fsencode(own_copy / f"{number}.jpg") for number in range(3)]
    for name in names:
        os.link(first, name)
    status = first.stat()
    stat = FileStat.of(status)
    links = HardLinks()
    for number, name in enumerate([os.fsencode(first), *names]):
        if unchanged:
            links.see_unchanged(name, status, 7)
        else:
            links.see(status)
            if links.take(number, name, stat) is Turn.READ:
                assert links.finish(FileResult(name, stat, "indexed", content_id=7), stat) == []
        assert len(links.to_come) == len(links.read) == (number < 3)


def test_what_the_rules_leave_out_now_is_told_and_comes_back_known(catalog, own_copy):
    raw = own_copy / "raw"
    raw.mkdir()
    files = sorted(path for path in own_copy.iterdir() if path.is_file())
    for path in files[:3]:
        shutil.move(path, raw)
    assert catalog.index(own_copy, fingerprints="whash").indexed == 10
    out = ScanRules(exclude=("raw/", files[5].name))
    report = catalog.index(own_copy, rules=out)
    assert (report.unchanged, report.skipped, report.vanished, report.reasons) == (6, 2, 3, {"excluded": 2})
    assert catalog.store.find_content(files[5]) is None
    assert catalog.store.find_content(raw / files[0].name) is None
    report = catalog.index(own_copy)
    assert (report.unchanged, report.indexed, report.vanished) == (6, 4, 1), "the folder's own line is gone"
    numbers = catalog.store.statistics()
    assert (numbers.contents, numbers.present_contents) == (10, 10), "read again, and known"


def test_the_catalog_and_its_index_files_among_the_pictures_are_not_looked_at(own_copy):
    from lookalike.assembly import Catalog

    with Catalog(own_copy / "here.lookalike") as catalog:
        catalog.index(own_copy, fingerprints="whash")
        catalog.search(min(own_copy.glob("*.jpg")))
        assert (own_copy / "here.lookalike-index").is_dir()
        assert catalog.index(own_copy).files == 10
