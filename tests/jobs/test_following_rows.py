"""Rows that follow the catalog from an earlier state are those that it tells now, whatever happened in between."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from unittest import mock

import blake3
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lookalike.catalog import ContentFacts, FileResult, FileStat, Store, state_token
from lookalike.jobs import recipe_rows
from lookalike.jobs.recipe_rows import index_path, load_recipe_rows
from lookalike.model import Fingerprint, Recipe
from lookalike.search import pack_words

WHASH = Recipe("whash", (), 64)
CROPS = Recipe("crop_resistant", (), 64)
NAMES = st.sampled_from("abcdefgh")
TEXTS = st.sampled_from(["one", "two", "three", "four", None])


def some_codes(recipe, text, parts=1):
    digest = blake3.blake3(f"{recipe} {text}".encode()).digest(8 * parts)
    return Fingerprint(recipe, tuple(digest[at : at + 8] for at in range(0, 8 * parts, 8)))


def a_file(folder, name, text, clock=1):
    """A file that holds *text*, with as many crops as the text has letters; a broken one where that is None."""
    path, stat = os.fsencode(folder) + b"/" + name.encode(), FileStat(9, clock, clock, 5, 7)
    if text is None:
        return FileResult(path, stat, "failed", "cut-off", "it ends too soon")
    facts = ContentFacts(blake3.blake3(text.encode()).digest(), 9, 40, 30, "JPEG", "RGB")
    made = (some_codes(WHASH, text), some_codes(CROPS, text, len(text)))
    return FileResult(path, stat, "indexed", content=facts, fingerprints=made)


def assert_rows_are_the_catalogs(store, recipe):
    found = load_recipe_rows(store, recipe)
    ids, _, codes, _ = store.codes(recipe)
    np.testing.assert_array_equal(found.owners, ids)
    np.testing.assert_array_equal(found.words, pack_words(codes, recipe.width_bits))
    assert found.owners.dtype == np.int64


class FollowedLife(RuleBasedStateMachine):
    """Rows are asked for now and then; few states are remembered and files are soon written anew, so that all occur."""

    def __init__(self):
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.folder = Path(self.place.name, "pictures")
        self.folder.mkdir()
        (self.folder / "readme").touch()
        self.patches = [
            mock.patch.object(state_token, "MOST_STATES", 6),
            mock.patch.object(state_token, "MOST_CHANGED", 12),
            mock.patch.object(recipe_rows, "MANY_CHANGED", 3),
            mock.patch.object(recipe_rows, "MANY_STATES", 4),
        ]
        for patch in self.patches:
            patch.start()
        self.store = Store.open(Path(self.place.name, "c.lookalike"))
        self.held = set()

    @rule(files=st.dictionaries(NAMES, TEXTS, max_size=5))
    def record(self, files):
        number = self.store.begin_scan([self.folder])
        self.store.record(number, [a_file(self.folder, name, text, number) for name, text in files.items()])
        self.held |= set(files)

    @rule(seen=st.sets(NAMES))
    def see_only(self, seen):
        """The others have vanished, and what had vanished comes back."""
        number = self.store.begin_scan([self.folder])
        self.store.touch_unchanged(number, [os.fsencode(self.folder / name) for name in sorted(seen & self.held)])
        self.store.mark_vanished(number, [self.folder])

    @rule(name=NAMES, text=st.sampled_from(["new", "newer"]), parts=st.integers(1, 3))
    def fingerprint_anew(self, name, text, parts):
        content_id = self.store.find_content(self.folder / name)
        if content_id is not None:
            self.store.add_fingerprints(content_id, [some_codes(WHASH, text), some_codes(CROPS, text, parts)])

    @rule(recipe=st.sampled_from([WHASH, CROPS]))
    def ask(self, recipe):
        assert_rows_are_the_catalogs(self.store, recipe)

    @rule(recipe=st.sampled_from([WHASH, CROPS]))
    def damage(self, recipe):
        path = Path(index_path(self.store.path, recipe))
        if path.exists():
            whole = path.read_bytes()
            path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))

    @rule()
    def set_back_to_a_copy_that_goes_another_way(self):
        """The index files are those of a life that this catalog never had."""
        self.store.close()
        path = Path(self.store.path)
        before = path.read_bytes()
        self.store = Store.open(path)
        self.record({"a": "two", "h": None})
        self.ask(WHASH)
        self.store.close()
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.write_bytes(before)
        self.store = Store.open(path)

    @invariant()
    def the_latest_state_is_remembered(self):
        states = self.store.remembered_states()
        assert states[0] == self.store.state_token()
        assert len(set(states)) == len(states) <= 6

    def teardown(self):
        for recipe in (WHASH, CROPS):
            assert_rows_are_the_catalogs(self.store, recipe)
        self.store.close()
        for patch in self.patches:
            patch.stop()
        self.place.cleanup()


FollowedLife.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestFollowedLife = FollowedLife.TestCase


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """A catalog of 300 pictures whose rows were asked for once, and a list of what is read whole or written since."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "readme").touch()
    seen = []
    with Store.open(tmp_path / "c.lookalike") as store:
        number = store.begin_scan([folder])
        store.record(number, [a_file(folder, str(place), f"text {place}") for place in range(300)])
        store.mark_vanished(number, [folder])
        load_recipe_rows(store, WHASH)
        read, write = store.codes, recipe_rows.write_index
        monkeypatch.setattr(store, "codes", lambda recipe: seen.append("read") or read(recipe))
        monkeypatch.setattr(recipe_rows, "write_index", lambda *a, **k: seen.append("written") or write(*a, **k))
        yield store, folder, seen


def change(store, folder, *places):
    store.record(store.begin_scan([folder]), [a_file(folder, str(place), f"new {place}", 2) for place in places])


def test_after_a_small_change_the_catalog_isnt_read_whole_and_nothing_is_written(watched):
    store, folder, seen = watched
    change(store, folder, 3, 400)
    rows = load_recipe_rows(store, WHASH)
    assert seen == []
    truth = store.codes(WHASH)
    np.testing.assert_array_equal(rows.owners, truth.ids)
    np.testing.assert_array_equal(rows.words, pack_words(truth.codes, 64))


def test_after_many_changes_the_file_is_written_anew_and_then_read_as_it_is(watched, monkeypatch):
    store, folder, seen = watched
    monkeypatch.setattr(recipe_rows, "MANY_CHANGED", 3)
    change(store, folder, 1, 2, 3)
    load_recipe_rows(store, WHASH)
    assert seen == ["written"]
    load_recipe_rows(store, WHASH)
    assert seen == ["written"]


@pytest.mark.parametrize("forget", ["MOST_STATES", "MOST_CHANGED"])
def test_what_the_catalog_doesnt_remember_any_more_is_read_whole(watched, monkeypatch, forget):
    store, folder, seen = watched
    monkeypatch.setattr(state_token, forget, 2)
    for place in range(3):
        change(store, folder, place)
    load_recipe_rows(store, WHASH)
    assert seen == ["read", "written"]


def test_where_most_has_changed_all_is_read(watched, monkeypatch):
    store, folder, seen = watched
    monkeypatch.setattr(recipe_rows, "MANY_CHANGED", 3)
    change(store, folder, *range(100))
    load_recipe_rows(store, WHASH)
    assert seen == ["read", "written"]


def test_a_damaged_file_isnt_followed(watched):
    store, folder, seen = watched
    change(store, folder, 5)
    path = Path(index_path(store.path, WHASH))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    load_recipe_rows(store, WHASH)
    assert seen == ["read", "written"]
