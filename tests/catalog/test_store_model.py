"""The store against a dict, over random lives of a folder: files come, change, move, fail, vanish and come back."""

import os
import tempfile
from pathlib import Path

from catalog_samples import WHASH, make_failure, make_result
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lookalike.catalog import Store

NAMES = st.sampled_from([b"a", b"b", b"sub/c", b"sub/caf\xe9", b"sub2/d", b"sub.x"])
TEXTS = st.sampled_from([b"one", b"two", b"three"])


class FolderLife(RuleBasedStateMachine):
    """``disk`` is what lies in the folder: text, or None for a broken file; ``ledger`` is what the catalog must say."""

    def __init__(self):
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.root = os.fsencode(self.place.name) + b"/pictures"
        os.mkdir(self.root)
        Path(os.fsdecode(self.root), "readme").touch()
        self.file = os.path.join(self.place.name, "c.lookalike")
        self.store = Store.open(self.file)
        self.disk, self.clock, self.recorded, self.order = {}, 0, {}, []
        self.seen_unchanged, self.vanished = set(), set()

    @rule(name=NAMES, text=TEXTS | st.none())
    def put(self, name, text):
        self.clock += 1
        self.disk[name] = (text, self.clock)

    @rule(name=NAMES)
    def remove(self, name):
        self.disk.pop(name, None)

    @rule(name=NAMES)
    def hide_for_one_scan(self, name):
        """It comes back just as it was, as from a folder that couldn't be reached for a while."""
        hidden = self.disk.pop(name, None)
        self.scan(stop_after=8)
        if hidden is not None:
            self.disk[name] = hidden

    @rule(old=NAMES, new=NAMES)
    def move(self, old, new):
        if old in self.disk:
            self.disk[new] = self.disk.pop(old)

    @rule(stop_after=st.integers(0, 8))
    def scan(self, stop_after):
        """As an index job does it; a scan that is stopped marks nothing as vanished."""
        number = self.store.begin_scan([self.root])
        known = self.store.known_files(self.root, [WHASH])
        for name, (text, mtime_ns) in sorted(self.disk.items())[:stop_after]:
            path = os.path.join(self.root, name)
            stamp = known.get(path)
            if stamp is not None and stamp.mtime_ns == mtime_ns and stamp.complete:
                assert self.store.touch_unchanged(number, [path]) == 1
                self.seen_unchanged.add(name)
            else:
                if text is None:
                    result = make_failure(path, mtime_ns=mtime_ns)
                else:
                    content_id = self.store.has_content(make_result(path, text).content.hash, [WHASH])
                    recipes = [] if content_id else [WHASH]
                    result = make_result(path, text, *recipes, mtime_ns=mtime_ns, known=content_id)
                self.store.record(number, [result])
                self.recorded[name] = (text, mtime_ns)
                self.seen_unchanged.discard(name)
            self.vanished.discard(name)
            if name not in self.order:
                self.order.append(name)
        if stop_after >= len(self.disk):
            gone = {name for name in self.order if name not in self.disk} - self.vanished
            assert self.store.mark_vanished(number, [self.root]).vanished == len(gone)
            self.vanished |= gone

    @rule()
    def reopen(self):
        self.store.close()
        self.store = Store.open(self.file)

    def expected_outcome(self, name):
        text, _ = self.recorded[name]
        if name in self.vanished:
            return "vanished"
        if text is None:
            return "failed"
        if name in self.seen_unchanged:
            return "unchanged"
        holders = [other for other in self.order if other not in self.vanished and self.recorded[other][0] == text]
        return "indexed" if holders[0] == name else "duplicate"

    @invariant()
    def the_ledger_is_as_expected(self):
        found = [(os.path.relpath(entry.path, self.root), entry.outcome) for entry in self.store.ledger()]
        assert found == [(name, self.expected_outcome(name)) for name in self.order]

    @invariant()
    def contents_are_found_by_their_present_paths(self):
        holders = {}
        for name in self.order:
            text, _ = self.recorded[name]
            content_id = self.store.find_content(os.path.join(self.root, name))
            assert (content_id is None) == (text is None or name in self.vanished)
            if content_id is not None:
                holders.setdefault(content_id, []).append(name)
        assert self.store.present_contents().tolist() == sorted(holders) == self.store.codes(WHASH)[0].tolist()
        for record in self.store.contents(list(holders)):
            found = [os.path.relpath(file.path, self.root) for file in record.files]
            assert found == holders[record.id]
            assert len({self.recorded[name][0] for name in found}) == 1

    def teardown(self):
        assert self.store.check().problems == ()
        self.store.close()
        self.place.cleanup()


FolderLife.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestFolderLife = FolderLife.TestCase
