"""Following folders: after every kind of change the catalog is as an indexing run from scratch would make it."""

from __future__ import annotations

import os
import queue
import shutil
import sys
import threading
import time

import pytest

from lookalike.assembly import Catalog
from lookalike.errors import CatalogError, CatalogLocked
from lookalike.jobs.index_progress import IndexReport
from lookalike.jobs.pending_changes import BURST_PATHS, SETTLED_S, PendingChanges
from lookalike.jobs.scan_rules import ScanRules
from lookalike.jobs.watch_folders import WatchNotice, watch_folders
from lookalike.settings import Settings
from lookalike.watching import Changes, PollingWatcher, Watcher

PATIENCE_S = 60.0  # for a machine that does much else: no test waits longer than it must


class Follower:
    """A catalog that follows a folder in a thread of its own, and what it tells."""

    def __init__(self, catalog, folder, **options):
        self.catalog = catalog
        self.folder = folder
        self.stop = threading.Event()
        self.told = queue.Queue()
        self.notices = []
        self.thread = threading.Thread(target=self.follow, kwargs=options)
        self.thread.start()
        self.reports = [self.next_report()]

    def follow(self, **options):
        try:
            for event in self.catalog.watch_events([self.folder], fingerprints="whash", stop=self.stop, **options):
                self.told.put(event)
        except Exception as error:  # noqa: BLE001 - the test is to see it
            self.told.put(error)
        self.told.put(None)

    def next_report(self):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            event = self.told.get(timeout=PATIENCE_S)
            if isinstance(event, IndexReport):
                return event
            if isinstance(event, WatchNotice):
                self.notices.append(event.words)
            elif event is None or isinstance(event, Exception):
                raise AssertionError(f"it ended: {event}")
        raise AssertionError("nothing was told")

    def present(self):
        root = os.fsencode(self.folder) + b"/"
        entries = self.catalog.store.ledger(("indexed", "unchanged", "duplicate"))
        return {entry.path.removeprefix(root) for entry in entries}

    def wait_for(self, *names):
        """Until just these pictures are in the catalog."""
        wanted = {os.fsencode(name) for name in names}
        while self.present() != wanted:
            self.reports.append(self.next_report())

    def close(self):
        self.stop.set()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@pytest.fixture
def two(shop, tmp_path):
    """A folder with two pictures, and a third one outside."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    first, second, third = sorted((shop / "images").iterdir())[:3]
    shutil.copy2(first, folder / "a.jpg")
    shutil.copy2(second, folder / "b.jpg")
    shutil.copy2(third, tmp_path / "new.jpg")
    return folder


@pytest.fixture
def follow(two):
    pytest.importorskip("watchfiles", reason="the extra watch isn't installed")
    followers = []
    catalog = Catalog(two / "here.lookalike", settings=Settings(workers=1))  # among the pictures: it must not be seen

    def begin(**options):
        followers.append(Follower(catalog, two, **options))
        return followers[-1]

    yield begin
    for follower in followers:
        follower.close()
    catalog.close()


def test_files_that_come_change_move_and_go_are_followed(follow, two, tmp_path):
    follower = follow()
    follower.wait_for("a.jpg", "b.jpg")
    shutil.copy(tmp_path / "new.jpg", two / "c.jpg")
    follower.wait_for("a.jpg", "b.jpg", "c.jpg")
    first = follower.catalog.store.find_content(two / "c.jpg")
    found = follower.catalog.search(tmp_path / "new.jpg", k=1)
    assert [match.path for match in found] == [str(two / "c.jpg")], "it can be searched for at once"
    (two / "c.jpg").write_bytes((two / "a.jpg").read_bytes() + b"more")
    while follower.catalog.store.find_content(two / "c.jpg") == first:
        follower.reports.append(follower.next_report())
    (two / "c.jpg").rename(two / "d.jpg")
    follower.wait_for("a.jpg", "b.jpg", "d.jpg")
    (two / "a.jpg").unlink()
    follower.wait_for("b.jpg", "d.jpg")
    assert not follower.notices
    assert all(report.files <= 3 for report in follower.reports), "only what changed was looked at"
    assert follower.catalog.index(two).unchanged == 2


def test_folders_that_come_move_and_go_are_followed(follow, two, tmp_path):
    (tmp_path / "album" / "deep").mkdir(parents=True)
    shutil.copy(tmp_path / "new.jpg", tmp_path / "album" / "deep")
    follower = follow()
    (tmp_path / "album").rename(two / "album")
    follower.wait_for("a.jpg", "b.jpg", "album/deep/new.jpg")
    (two / "album").rename(two / "renamed")
    follower.wait_for("a.jpg", "b.jpg", "renamed/deep/new.jpg")
    shutil.copy(two / "a.jpg", two / "renamed" / "deep" / "late.jpg")
    follower.wait_for("a.jpg", "b.jpg", "renamed/deep/new.jpg", "renamed/deep/late.jpg")
    shutil.rmtree(two / "renamed")
    follower.wait_for("a.jpg", "b.jpg")


def test_names_that_are_not_utf8_are_followed_too(follow, two, tmp_path):
    follower = follow()
    name = b"caf\xe9.jpg"
    shutil.copy(os.fsencode(tmp_path / "new.jpg"), os.fsencode(two) + b"/" + name)
    follower.wait_for("a.jpg", "b.jpg", name)
    shutil.copy(tmp_path / "new.jpg", two / "after.jpg")
    follower.wait_for("a.jpg", "b.jpg", name, "after.jpg")
    os.unlink(os.fsencode(two) + b"/" + name)
    follower.wait_for("a.jpg", "b.jpg", "after.jpg")


def test_rules_hold_for_what_comes_later_and_a_new_ignore_file_holds_at_once(follow, two, tmp_path):
    follower = follow(rules=ScanRules(exclude=("*.tmp.jpg",)))
    for name in ("x.tmp.jpg", ".hidden.jpg", "c.jpg"):
        shutil.copy(tmp_path / "new.jpg", two / name)
    follower.wait_for("a.jpg", "b.jpg", "c.jpg")
    (two / ".lookalikeignore").write_text("a.*\n")
    follower.wait_for("b.jpg", "c.jpg")
    reasons = {os.path.basename(entry.path): entry.reason for entry in follower.catalog.store.ledger("skipped")}
    assert reasons == {
        b"x.tmp.jpg": "excluded", b".hidden.jpg": "hidden", b"a.jpg": "ignored", b".lookalikeignore": "system"
    }  # fmt: skip


def test_a_root_that_goes_loses_nothing_and_is_followed_again_when_it_is_back(follow, two, tmp_path):
    follower = follow()
    two.rename(tmp_path / "away")
    shutil.copy(tmp_path / "new.jpg", tmp_path / "away" / "c.jpg")
    (tmp_path / "away").rename(two)
    follower.wait_for("a.jpg", "b.jpg", "c.jpg")
    assert follower.catalog.store.counts()["vanished"] == 0


def test_a_root_that_goes_is_told_and_so_is_that_it_is_back(two, tmp_path):
    pytest.importorskip("watchfiles", reason="the extra watch isn't installed")
    with Catalog(tmp_path / "outside.lookalike", settings=Settings(workers=1)) as catalog:
        follower = Follower(catalog, two)
        try:
            two.rename(tmp_path / "away")
            assert follower.next_report().kept_roots == (str(two),)
            (tmp_path / "away").rename(two)
            assert follower.next_report().kept_roots == ()
        finally:
            follower.close()
        assert catalog.store.counts()["vanished"] == 0


def test_only_a_folder_that_went_or_is_back_makes_a_report_without_counts_worth_telling(monkeypatch):
    kept = iter([(), (), ("/p",), ("/p",), ()])

    def index(_):
        yield IndexReport(0, 0, 0, 0, 0, 0, 0, 0, 0.0, {}, None, next(kept))

    told, asked = drive(index, monkeypatch, *[Changes(frozenset([b"/p/a"]))] * 4)
    assert len(asked) == 5
    assert [report.kept_roots for report in told] == [(), ("/p",), ()]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_catalog_that_is_deleted_or_replaced_meanwhile_ends_it(two, tmp_path, replaced):
    path = tmp_path / "outside.lookalike"
    with Catalog(path, settings=Settings(workers=1)) as catalog:
        events = catalog.watch_events([two], fingerprints="whash")
        try:
            while not isinstance(next(events), IndexReport):
                pass
            for file in tmp_path.glob("outside.lookalike*"):
                file.unlink()
            if replaced:
                path.write_bytes(b"another file")
            shutil.copy(tmp_path / "new.jpg", two / "c.jpg")
            reports = (event for event in events if isinstance(event, IndexReport))
            with pytest.raises(CatalogError, match="deleted, moved or replaced"):
                next(reports)
        finally:
            events.close()
    assert path.exists() is replaced


def test_stopping_ends_it_and_leaves_no_process(follow, two):
    follower = follow()
    follower.close()
    assert follower.told.get(timeout=PATIENCE_S) is None


class Told(Watcher):
    """A watcher that tells what it was given, then stops the watching."""

    def __init__(self, stop, *changes):
        self.stop = stop
        self.changes = list(changes)

    def wait(self, timeout_s):
        if not self.changes:
            self.stop.set()
            return Changes()
        return self.changes.pop(0)

    def close(self):
        pass


def drive(index, monkeypatch, *changes):
    """What `watch_folders` yields and the places that it had indexed, with changes that need not settle."""
    monkeypatch.setattr(sys.modules["lookalike.jobs.pending_changes"], "SETTLED_S", 0.0)
    stop = threading.Event()
    asked = []

    def note(places):
        asked.append(places)
        yield from index(places)

    own = b"/p/catalog"
    watching = watch_folders(note, Told(stop, *changes), is_own=lambda path: path == own, stop=stop)
    return list(watching), asked


def nothing(_):
    yield from ()


def test_a_burst_of_changes_is_one_look_at_everything(monkeypatch):
    burst = frozenset(b"/p/%d" % number for number in range(BURST_PATHS + 1))
    _, asked = drive(nothing, monkeypatch, Changes(burst))
    assert asked == [None, None]


def test_the_catalogs_own_changes_are_none(monkeypatch):
    _, asked = drive(nothing, monkeypatch, Changes(frozenset([b"/p/catalog"])), Changes(frozenset([b"/p/a"])))
    assert asked == [None, [b"/p/a"]]


def test_a_locked_catalog_is_told_and_the_changes_are_tried_again(monkeypatch):
    tries = []

    def locked_once(places):
        tries.append(places)
        if len(tries) == 2:
            raise CatalogLocked("another process writes")
        yield from ()

    told, asked = drive(locked_once, monkeypatch, Changes(frozenset([b"/p/a"])), Changes())
    assert asked == [None, [b"/p/a"], [b"/p/a"]]
    assert [event.words for event in told] == ["another process writes; it is tried again"]


def test_a_path_is_looked_at_once_it_was_left_alone():
    pending = PendingChanges(lambda _: False)
    pending.add([b"/p/growing"], 0.0)
    pending.add([b"/p/done"], 0.1)
    pending.add([b"/p/growing"], 0.4)
    assert pending.take(0.1 + SETTLED_S) == [b"/p/done"]
    assert pending.take(0.2 + SETTLED_S) == []
    assert pending.take(0.4 + SETTLED_S) == [b"/p/growing"]
    assert not pending


def test_a_new_folder_waits_for_what_is_put_into_it_and_stands_for_all_of_it():
    pending = PendingChanges(lambda _: False)
    pending.add([b"/p/new"], 0.0)
    pending.add([b"/p/new/deep/a", b"/p/new-b"], 0.3)
    assert pending.take(SETTLED_S) == []
    assert pending.take(0.3 + SETTLED_S) == [b"/p/new-b", b"/p/new"]


def test_where_changes_can_not_be_announced_it_says_so_and_looks_again_and_again(two, tmp_path, monkeypatch):
    from lookalike.watching import announced, polling

    def exhausted(*_, **__):
        raise OSError("OS file watch limit reached. about ['/x']")
        yield set()

    watchfiles = type("watchfiles", (), {"watch": staticmethod(exhausted)})
    monkeypatch.setattr(announced, "import_extra", lambda *_, **__: watchfiles)
    monkeypatch.setattr(polling.PollingWatcher.__init__, "__defaults__", (0.2,))
    with Catalog(tmp_path / "own.lookalike", settings=Settings(workers=1)) as catalog:
        follower = Follower(catalog, two)
        try:
            shutil.copy(tmp_path / "new.jpg", two / "c.jpg")
            follower.wait_for("a.jpg", "b.jpg", "c.jpg")
        finally:
            follower.close()
    assert len(follower.notices) == 1
    assert "max_user_watches" in follower.notices[0]


def test_a_folder_whose_own_name_is_not_utf8_is_looked_at_again_and_again(tmp_path):
    pytest.importorskip("watchfiles", reason="the extra watch isn't installed")
    from lookalike.watching import AnnouncedChanges

    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)
    with AnnouncedChanges([folder]) as watcher:
        first = watcher.wait(0.01)
        assert first.everything
        assert "can't be announced" in first.notice
        assert isinstance(watcher.instead, PollingWatcher)


def test_a_new_folder_that_the_system_does_not_watch_is_noticed(two, monkeypatch):
    pytest.importorskip("watchfiles", reason="the extra watch isn't installed")
    from lookalike.watching import AnnouncedChanges, inotify_watches

    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells what is watched")
    with AnnouncedChanges([os.fsencode(two)]) as watcher:
        assert not inotify_watches.any_unwatched([os.fsencode(two)])
        monkeypatch.setattr(inotify_watches, "watched_inodes", lambda: {1})  # as after the limit was reached
        (two / "late").mkdir()
        until = time.monotonic() + PATIENCE_S
        told = []
        while not any(changes.everything for changes in told):
            assert time.monotonic() < until
            told.append(watcher.wait(0.1))
        assert os.fsencode(two / "late") in frozenset().union(*(changes.paths for changes in told))


def test_polling_rests_longer_where_looking_takes_longer(monkeypatch):
    from lookalike.watching import polling

    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

        def sleep(self, seconds):
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr(polling, "time", clock)
    watcher = PollingWatcher(2.0)
    told_at = []
    for look_s in (0.0, 1.0, 0.0):
        while not watcher.wait(0.1).everything:
            pass
        told_at.append(round(clock.now))
        clock.now += look_s
    while not watcher.wait(0.1).everything:
        pass
    assert [*told_at, round(clock.now)] == [2, 4, 15, 17]


def test_without_the_extra_it_looks_again_and_again_and_says_how_to_install_it(monkeypatch):
    from lookalike.upkeep import make_watcher

    monkeypatch.setitem(sys.modules, "watchfiles", None)
    watcher, notice = make_watcher([b"/"])
    assert isinstance(watcher, PollingWatcher)
    assert "pip install 'lookalike[watch]'" in notice
