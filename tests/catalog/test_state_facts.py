"""What is kept of one state of the catalog is forgotten with it, whoever writes."""

from dataclasses import replace
from unittest import mock

from catalog_samples import COLORHASH, WHASH, make_fingerprint, make_result

from lookalike.catalog import Store, codes, state_facts


def fill(store, root, recipe=WHASH):
    scan = store.begin_scan([root])
    store.record(scan, [make_result(root / name, name.encode(), recipe) for name in ("a", "b")])
    store.mark_vanished(scan, [root])


def test_writes_through_another_connection_are_followed(store, root):
    fill(store, root)
    newer = replace(WHASH, version=WHASH.version + 1)
    with Store.open(store.path) as other:
        assert not other.has_recipe(COLORHASH)
        assert (other.count_outdated(newer), other.has_recipe(newer)) == (2, False)
        store.add_fingerprints(1, [make_fingerprint(COLORHASH, b"a"), make_fingerprint(newer, b"a")])
        assert other.has_recipe(COLORHASH)
        assert (other.count_outdated(newer), other.has_recipe(newer)) == (1, True)
        assert other.fingerprint(1, newer) == store.fingerprint(1, newer)


def test_within_one_moment_answers_stay_though_another_connection_writes(store, root):
    fill(store, root)
    with Store.open(store.path) as other:
        with other.reading():
            assert not other.has_recipe(COLORHASH)
            token = other.state_token()
            store.add_fingerprints(1, [make_fingerprint(COLORHASH, b"a")])
            assert not other.has_recipe(COLORHASH)
            assert other.state_token() == token
        assert other.state_token() == store.state_token() != token
        assert other.has_recipe(COLORHASH)


def test_the_same_is_asked_once_a_state(store, root):
    fill(store, root)
    with mock.patch.object(codes, "count_outdated", wraps=codes.count_outdated) as count:
        assert [store.count_outdated(WHASH) for _ in range(3)] == [0, 0, 0]
        assert count.call_count == 1
        store.begin_scan([root])
        store.add_fingerprints(1, [make_fingerprint(WHASH, b"other")])
        store.count_outdated(WHASH)
        assert count.call_count == 2


def test_what_strangers_ask_for_is_bounded(store, root):
    fill(store, root)
    for version in range(2 * state_facts.MOST_FACTS):
        store.has_recipe(replace(WHASH, version=version + 10))
        assert len(store._facts._facts) <= state_facts.MOST_FACTS
    assert store.has_recipe(WHASH)
