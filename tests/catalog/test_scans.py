import os

import pytest
from catalog_samples import COLORHASH, CROPS, WHASH, make_failure, make_fingerprint, make_result

from lookalike.catalog import FileResult, FileStat, Store, read_attributes
from lookalike.errors import CatalogError, NotInCatalog


def outcomes(store):
    return {entry.path: entry.outcome for entry in store.ledger()}


def scan(store, root, results=(), unchanged=()):
    number = store.begin_scan([root])
    store.record(number, results)
    store.touch_unchanged(number, unchanged)
    return number, store.mark_vanished(number, [root])


def test_every_path_ends_in_the_ledger_with_its_outcome_and_reason(store, root):
    number, _ = scan(
        store,
        root,
        [
            make_result(root / "a", b"one", WHASH),
            make_result(root / "b", b"one"),
            make_failure(root / "c"),
            make_failure(root / "d", "too-many-pixels", "skipped"),
        ],
    )
    told = {os.path.basename(entry.path): (entry.outcome, entry.reason) for entry in store.ledger()}
    assert told == {
        b"a": ("indexed", None),
        b"b": ("duplicate", None),
        b"c": ("failed", "cut-off"),
        b"d": ("skipped", "too-many-pixels"),
    }
    expected = {"indexed": 1, "unchanged": 0, "duplicate": 1, "skipped": 1, "failed": 1, "vanished": 0}
    assert store.counts() == store.scan_counts(number) == expected
    assert [entry.reason for entry in store.ledger("failed")] == ["cut-off"]
    assert [entry.path for entry in store.ledger(reason="too-many-pixels")] == [os.fsencode(root / "d")]
    assert next(store.ledger("duplicate")).duplicate_of == os.fsencode(root / "a")
    assert store.reason_counts() == {"cut-off": 1, "too-many-pixels": 1}


def test_files_seen_again_are_unchanged_and_failures_stay_failures(store, root):
    scan(store, root, [make_result(root / "a", b"one"), make_result(root / "b", b"one"), make_failure(root / "c")])
    paths = [os.fsencode(root / name) for name in "abc"]
    number, report = scan(store, root, unchanged=paths)
    assert outcomes(store) == dict(zip(paths, ["unchanged", "unchanged", "failed"], strict=True))
    assert store.scan_counts(number)["unchanged"] == 2
    assert report.vanished == 0


def test_files_not_seen_vanish_and_come_back_without_being_read(store, root):
    scan(store, root, [make_result(root / "a", b"one", WHASH), make_result(root / "b", b"two", WHASH)])
    a, b = os.fsencode(root / "a"), os.fsencode(root / "b")
    number, report = scan(store, root, unchanged=[a])
    assert (report.vanished, report.moved, outcomes(store)[b]) == (1, 0, "vanished")
    assert store.scan_counts(number) == {**dict.fromkeys(store.counts(), 0), "unchanged": 1, "vanished": 1}
    assert store.find_content(b) is None
    assert len(store.codes(WHASH)[0]) == 1
    stamp = store.known_files(root, [WHASH])[b]
    assert (stamp.present, stamp.complete) == (False, True)
    scan(store, root, unchanged=[a, b])
    assert outcomes(store)[b] == "unchanged"
    assert len(store.codes(WHASH)[0]) == 2


def test_a_duplicate_whose_original_vanished_is_no_duplicate_any_more(store, root):
    a, b = make_result(root / "a", b"one"), make_result(root / "b", b"one")
    scan(store, root, [a, b])
    number = store.begin_scan([root])
    store.record(number, [b])
    assert outcomes(store)[b.path] == "duplicate"
    store.mark_vanished(number, [root])
    assert outcomes(store) == {a.path: "vanished", b.path: "indexed"}


def test_only_files_under_the_scanned_folders_vanish(store, tmp_path):
    places = ["pics/a", "pics/sub/b", "pics2/c", "pics.old/d", "pics0/e"]
    for folder in {os.path.dirname(place) for place in places}:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    scan(store, tmp_path, [make_result(tmp_path / place, place.encode()) for place in places])
    _, report = scan(store, tmp_path / "pics")
    assert report.vanished == 2
    gone = [os.path.relpath(entry.path, os.fsencode(tmp_path)) for entry in store.ledger("vanished")]
    assert gone == [b"pics/a", b"pics/sub/b"]


def test_nothing_vanishes_under_a_folder_that_is_gone(store, tmp_path):
    scan(store, tmp_path, [make_result(tmp_path / "usb/a", b"one")])
    _, report = scan(store, tmp_path / "usb")
    assert report.kept_roots == (os.fsencode(tmp_path / "usb"),)
    assert report.vanished == 0
    assert store.counts()["indexed"] == 1


def test_nothing_vanishes_under_the_empty_place_of_a_disk_that_is_not_mounted(store, tmp_path, monkeypatch):
    place = tmp_path / "disk"
    place.mkdir()
    scan(store, place, [make_result(place / "a", b"one")])
    real = os.stat

    def on_another_device(path, **options):
        status = real(path, **options)
        fields = list(status)
        fields[2] = status.st_dev + 1
        return os.stat_result(fields)

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", on_another_device)
        assert scan(store, place)[1].kept_roots == (os.fsencode(place),)
    assert scan(store, place)[1].vanished == 1, "a folder that was really emptied is believed"


def test_a_moved_file_keeps_its_content_its_fingerprints_and_what_is_known_of_it(store, root, tmp_path):
    scan(store, root, [make_result(root / "old.jpg", b"one", WHASH)])
    content_id = store.find_content(root / "old.jpg")
    table = tmp_path / "items.csv"
    table.write_text("file,brand\nold.jpg,Acme\n")
    store.apply_attributes(read_attributes(table))
    number = store.begin_scan([root])
    known = store.has_content(make_result("/x", b"one").content.hash, [WHASH])
    assert known == content_id
    store.record(number, [make_result(root / "sub/new.jpg", b"one", known=known)])
    report = store.mark_vanished(number, [root])
    assert (report.vanished, report.moved) == (1, 1)
    record = store.content(content_id)
    assert record.paths == (str(root / "sub/new.jpg"),)
    assert record.attributes == {"file": "old.jpg", "brand": "Acme"}
    assert store.fingerprint(content_id, WHASH).parts == make_fingerprint(WHASH, b"one").parts


def test_a_scan_that_ends_late_leaves_alone_what_a_younger_one_saw(store, root):
    a = make_result(root / "a", b"one")
    scan(store, root, [a])
    slow, quick = store.begin_scan([root]), store.begin_scan([root])
    store.touch_unchanged(quick, [a.path])
    store.touch_unchanged(slow, [])
    assert store.mark_vanished(slow, [root]).vanished == 0


def test_a_file_is_complete_when_its_content_has_every_recipe_asked_for(store, root):
    scan(store, root, [make_result(root / "a", b"one", WHASH, COLORHASH), make_result(root / "b", b"two", WHASH)])
    store.record(store.begin_scan([root]), [make_failure(root / "c")])

    def complete(*recipes):
        return [stamp.complete for _, stamp in sorted(store.known_files(root, recipes).items())]

    assert complete() == complete(WHASH) == [True, True, True]
    assert complete(WHASH, COLORHASH) == [True, False, True]
    assert complete(CROPS) == [False, False, True]


def test_adding_a_recipe_later_asks_for_that_one_alone(store, root):
    scan(store, root, [make_result(root / "a", b"one", WHASH, COLORHASH), make_result(root / "b", b"two", WHASH)])
    a, b = store.find_content(root / "a"), store.find_content(root / "b")
    assert store.missing_recipes([a, b], [WHASH, COLORHASH]) == {b: (COLORHASH,)}
    assert store.has_content(make_result("/x", b"two").content.hash, [COLORHASH]) is None
    store.add_fingerprints(b, [make_fingerprint(COLORHASH, b"two")])
    assert store.missing_recipes([a, b], [WHASH, COLORHASH]) == {}
    assert store.missing_recipes([], [WHASH]) == {}
    with pytest.raises(NotInCatalog, match="no content 99"):
        store.add_fingerprints(99, [])


def test_a_stamp_knows_the_file_it_was_made_of(store, root):
    path = root / "a"
    path.write_bytes(b"one")
    status = os.stat(path)
    number = store.begin_scan([root])
    store.record(number, [FileResult(os.fsencode(path), FileStat.of(status), "failed", "cut-off")])
    stamp = store.known_files(root)[os.fsencode(path)]
    assert stamp.describes(status)
    path.write_bytes(b"two!")
    assert not stamp.describes(os.stat(path))


def test_identities_of_64_bits_come_back_as_they_went_in(store, root):
    stat = FileStat(1, -5, 2**62, 2**64 - 1, 2**63)
    store.record(store.begin_scan([root]), [FileResult(os.fsencode(root / "a"), stat, "failed", "cut-off")])
    assert store.known_files(root)[os.fsencode(root / "a")][:5] == (1, -5, 2**62, 2**64 - 1, 2**63)


def test_paths_are_bytes_of_any_kind(store, root):
    names = [b"caf\xe9.jpg", b"new\nline", b"'; DROP TABLE files; --", b"-rf", b"\xff\xfe", "😀".encode(), b"%00", b" "]
    results = [make_result(os.path.join(os.fsencode(root), name), name) for name in names]
    scan(store, root, results)
    assert set(store.known_files(root)) == {result.path for result in results}
    for result in results:
        record = store.content(store.find_content(result.path))
        assert [os.fsencode(path) for path in record.paths] == [result.path]


def test_a_batch_is_kept_whole_or_not_at_all(store, root):
    number = store.begin_scan([root])
    good = make_result(root / "a", b"one")
    wrong = [
        make_result(root / "b", b"two", known=77),
        FileResult(b"relative", good.stat, "indexed", content=good.content),
        FileResult(good.path, good.stat, "indexed"),
        FileResult(good.path, good.stat, "failed"),
        FileResult(good.path, good.stat, "failed", "cut-off", content=good.content),
        FileResult(good.path, good.stat, "vanished", "gone"),
        FileResult(good.path, good.stat, "failed", "cut-off", fingerprints=(make_fingerprint(WHASH, b"x"),)),
    ]
    for result in wrong:
        with pytest.raises((CatalogError, NotInCatalog)):
            store.record(number, [good, result])
        assert sum(store.counts().values()) == 0


def test_a_scan_that_was_never_begun_is_refused(store, root):
    for job in (
        lambda: store.record(5, [make_result(root / "a", b"one")]),
        lambda: store.touch_unchanged(5, [b"/a"]),
        lambda: store.mark_vanished(5, [root]),
        lambda: store.scan_counts(5),
    ):
        with pytest.raises(NotInCatalog, match="no scan 5"):
            job()


def test_an_outcome_that_does_not_exist_is_refused_at_once(store):
    with pytest.raises(CatalogError, match="expected one of: indexed"):
        store.ledger("lost")


def test_the_ledger_can_be_written_while_it_is_read(catalog, root):
    with Store.open(catalog) as store:
        number = store.begin_scan([root])
        store.record(number, [make_failure(root / f"{place:05d}") for place in range(2_500)])
        for seen, entry in enumerate(store.ledger(), start=1):
            if seen % 1_000 == 0:
                store.record(number, [make_failure(entry.path, "undecodable")])
        assert seen == 2_500
        assert store.reason_counts() == {"cut-off": 2_498, "undecodable": 2}


def describe(store, root, tmp_path, **brands):
    """Give files attributes by their names."""
    table = tmp_path / "items.csv"
    table.write_text("file,brand\n" + "".join(f"{name},{brand}\n" for name, brand in brands.items()))
    store.apply_attributes(read_attributes(table))


def brands(store):
    """What is known of each present file that something is known of."""
    contents = store.contents(store.present_contents().tolist())
    told = {os.path.basename(file.path): file.attributes for content in contents for file in content.files}
    return {name.decode(): attributes["brand"] for name, attributes in told.items() if attributes}


def test_attributes_follow_a_file_onto_a_name_that_was_known_before(store, root, tmp_path):
    scan(store, root, [make_result(root / "a", b"one"), make_result(root / "b", b"two")])
    scan(store, root, unchanged=[os.fsencode(root / "a")])
    describe(store, root, tmp_path, a="Acme")
    _, report = scan(store, root, [make_result(root / "b", b"one")])
    assert (brands(store), report.vanished, report.moved) == ({"b": "Acme"}, 1, 1)


def test_attributes_follow_a_file_over_another_one_but_never_replace_what_that_has(store, root, tmp_path):
    scan(store, root, [make_result(root / name, name.encode()) for name in ("a", "b", "c", "d")])
    describe(store, root, tmp_path, a="Acme", c="Coe", d="Doe")
    _, report = scan(store, root, [make_result(root / "b", b"a"), make_result(root / "d", b"c")])
    assert (brands(store), report.vanished, report.moved) == ({"b": "Acme", "d": "Doe"}, 2, 2)


@pytest.mark.parametrize("order", ["new first", "old first", "together"])
def test_attributes_follow_a_file_between_folders_in_whatever_order_they_are_scanned(store, root, tmp_path, order):
    for name in ("old", "new"):
        (root / name).mkdir()
    scan(store, root / "old", [make_result(root / "old" / "a", b"one")])
    describe(store, root, tmp_path, a="Acme")
    result = make_result(root / "new" / "b", b"one")
    if order == "together":
        scan(store, root, [result])
    else:
        for folder in ("new", "old") if order == "new first" else ("old", "new"):
            scan(store, root / folder, [result] if folder == "new" else [])
    assert brands(store) == {"b": "Acme"}


def test_attributes_wait_for_a_file_that_is_gone_for_a_run(store, root, tmp_path):
    scan(store, root, [make_result(root / "a", b"one")])
    describe(store, root, tmp_path, a="Acme")
    scan(store, root)
    scan(store, root, [make_result(root / "b", b"one"), make_result(root / "c", b"two")])
    assert brands(store) == {"b": "Acme"}


def test_a_copy_inherits_the_attributes_when_the_original_is_removed_later(store, root, tmp_path):
    a, b = make_result(root / "a", b"one"), make_result(root / "b", b"one")
    scan(store, root, [a])
    describe(store, root, tmp_path, a="Acme")
    scan(store, root, [b], unchanged=[a.path])
    assert brands(store) == {"a": "Acme"}, "it may be described by itself as long as both are there"
    scan(store, root, unchanged=[b.path])
    assert brands(store) == {"b": "Acme"}


def test_of_several_files_that_are_gone_the_last_ones_attributes_are_inherited(store, root, tmp_path):
    a, b = make_result(root / "a", b"one"), make_result(root / "b", b"one")
    scan(store, root, [a, b])
    describe(store, root, tmp_path, a="Acme", b="Bee")
    scan(store, root, unchanged=[b.path])
    scan(store, root)
    scan(store, root, [make_result(root / "c", b"one")])
    assert brands(store) == {"c": "Bee"}


def test_carrying_attributes_reads_no_table_as_a_whole(store, root, tmp_path, monkeypatch):
    scan(store, root, [make_result(root / "a", b"one")])
    describe(store, root, tmp_path, a="Acme")
    asked = []
    for name in ("execute", "execute_many", "stream", "rows"):
        real = getattr(store._db, name)
        monkeypatch.setattr(
            store._db, name, lambda sql, *rest, real=real: asked.append((sql, *rest)) or real(sql, *rest)
        )
    scan(store, root, [make_result(root / "b", b"one")])
    monkeypatch.undo()
    carrying = [(sql, rest) for sql, *rest in asked if "attributes" in sql or "JOIN" in sql]
    assert len(carrying) >= 3
    for sql, rest in carrying:
        bindings = rest[0] if rest else ()
        if isinstance(bindings, list):
            bindings = bindings[0]
        plan = [row[3] for row in store._db.rows(f"EXPLAIN QUERY PLAN {sql}", bindings)]
        assert not [step for step in plan if step.startswith("SCAN files")], (sql, plan)


@pytest.mark.parametrize("reason", ["unreadable-folder", "bad-ignore-file", "dangling-link", "not-a-file"])
def test_a_line_that_was_never_about_a_file_ends_without_anything_vanishing(store, root, tmp_path, reason):
    a = make_result(root / "a", b"one")
    scan(store, root, [a, make_failure(root / "b"), make_failure(root / "sub", reason)])
    _, report = scan(store, root, unchanged=[a.path])
    assert report.vanished == 1, "the broken picture"
    assert [os.path.basename(entry.path) for entry in store.ledger()] == [b"a", b"b"]
    count = store.count_vanished([root])
    assert (count.vanished, count.known) == (1, 2)
    scan(store, root, [make_result(root / "sub" / "c", b"two")], unchanged=[a.path])
    assert store.check().problems == ()
