"""Engines that stay in memory answer as one that was just filled, whatever the catalog does meanwhile."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from lookalike.assembly import Catalog
from lookalike.catalog import ContentFacts, FileResult, FileStat, Store
from lookalike.errors import CropError, NotInCatalog
from lookalike.fingerprints import parse_recipe
from lookalike.jobs import resident_indexes
from lookalike.jobs.resident_indexes import ResidentIndexes
from lookalike.model import Fingerprint, ImageId
from lookalike.search import load_engine

RECIPE = parse_recipe("whash")
EXACT = load_engine("exact")


def add(store, root, numbers, random):
    scan = store.begin_scan([root])
    rows = []
    for number in numbers:
        content = ContentFacts(int(number).to_bytes(32, "big"), 1, 40, 50, "JPEG", "RGB")
        stat = FileStat(1, 1, 1, 1, int(number) + 1)
        code = Fingerprint(RECIPE, (random.bytes(8),))
        path = os.fsencode(root / f"{number}.jpg")
        rows.append(FileResult(path, stat, "indexed", content=content, fingerprints=(code,)))
    store.record(scan, rows)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "codes.lookalike") as opened:
        add(opened, tmp_path, range(300), np.random.default_rng(1))
        yield opened


def answer(index, random):
    query = Fingerprint(RECIPE, (random.bytes(8),))
    ids, distances = index.nearest(query, 20)
    return ids.tolist(), distances.tolist()


def load(resident, store):
    with store.reading():
        return resident.load(store, RECIPE, EXACT, "exact")


def test_the_engine_is_the_same_one_until_the_catalog_changes(store, tmp_path):
    resident = ResidentIndexes()
    first = load(resident, store)
    assert load(resident, store) is first
    add(store, tmp_path, range(300, 310), np.random.default_rng(2))
    assert load(resident, store) is not first


@pytest.mark.parametrize("way", ["followed", "loaded anew"])
def test_after_any_change_the_answers_are_those_of_a_fresh_engine(store, tmp_path, monkeypatch, way):
    if way == "loaded anew":
        monkeypatch.setattr(resident_indexes, "follow", lambda *_: None)
    else:
        monkeypatch.setattr(resident_indexes.RecipeIndex, "load", only_once(resident_indexes.RecipeIndex.load))
    resident = ResidentIndexes()
    load(resident, store)
    for turn in range(4):
        add(store, tmp_path, range(300 + 10 * turn, 315 + 10 * turn), np.random.default_rng(turn))
        store.forget_content(turn + 1)
        here = answer(load(resident, store), np.random.default_rng(9))
        with store.reading():
            fresh = ResidentIndexes().load(store, RECIPE, EXACT, "exact") if way == "loaded anew" else None
        codes = store.codes(RECIPE)
        query = np.frombuffer(np.random.default_rng(9).bytes(8), np.uint8)
        distances = np.bitwise_count(codes.codes ^ query).sum(axis=1)
        order = np.lexsort((codes.ids, distances))[:20]
        assert here == (codes.ids[order].tolist(), distances[order].tolist())
        assert fresh is None or answer(fresh, np.random.default_rng(9)) == here


def only_once(load_index):
    """`RecipeIndex.load` that may be called a single time: later states must be followed."""
    calls = []

    def once(*words):
        calls.append(words)
        assert len(calls) == 1, "it was loaded anew, though little had changed"
        return load_index(*words)

    return once


def test_threads_with_stores_of_their_own_share_it_while_another_writes(store, tmp_path):
    resident, failures = ResidentIndexes(), []
    stop = threading.Event()

    def ask():
        with Store.open(store.path, read_only=True) as own:
            while not stop.is_set():
                with own.reading():
                    index = resident.load(own, RECIPE, EXACT, "exact")
                    if not np.isin(index.owners, own.codes(RECIPE).ids).all():
                        failures.append("an answer of another moment")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(8):
        add(store, tmp_path, range(400 + turn, 401 + turn), np.random.default_rng(turn))
        store.forget_content(20 + turn)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_catalog_with_resident_engines_answers_as_one_without(shop_catalog):
    with Catalog(shop_catalog.path, create=False, resident=True) as resident:
        for image in (1, 2, 3):
            for by in ("whash", "whash,colorhash", "crop_resistant"):
                assert resident.search(ImageId(image), by=by) == shop_catalog.search(ImageId(image), by=by)


def test_an_id_is_searched_as_the_path_that_holds_it(shop_catalog):
    record = shop_catalog.store.content(5)
    assert shop_catalog.search(ImageId(5), by="phash") == shop_catalog.search(record.path, by="phash")
    crop = (20, 30, 200, 210)
    by_path = shop_catalog.search(record.path, by="phash", crop=crop)
    assert shop_catalog.search(ImageId(5), by="phash", crop=crop) == by_path
    with pytest.raises(NotInCatalog):
        shop_catalog.search(ImageId(10**9))


def test_a_fingerprint_is_searched_by_its_own_recipe_and_cannot_be_cropped(shop_catalog):
    fingerprint = shop_catalog.store.fingerprint(5, parse_recipe("colorhash"))
    found = shop_catalog.find(fingerprint, k=3)
    assert found.by == ("colorhash",)
    by_id = shop_catalog.search(ImageId(5), k=3, by="colorhash", with_self=True)
    assert [(one.id, one.distances) for one in found.matches] == [(one.id, one.distances) for one in by_id]
    with pytest.raises(CropError):
        shop_catalog.find(fingerprint, crop=(0, 0, 5, 5))
