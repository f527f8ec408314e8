"""The state token changes with every change that a search could see, and with nothing else."""

import shutil

import apsw
import pytest
from catalog_samples import COLORHASH, WHASH, make_failure, make_fingerprint, make_result

from lookalike.catalog import Store
from lookalike.errors import CatalogDamaged


@pytest.fixture
def scanned(store, root):
    scan = store.begin_scan([root])
    store.record(scan, [make_result(root / name, name.encode(), WHASH) for name in ("a", "b", "c")])
    store.mark_vanished(scan, [root])
    return store


def see(store, root, *names):
    scan = store.begin_scan([root])
    store.touch_unchanged(scan, [bytes(root / name) for name in names])
    store.mark_vanished(scan, [root])


def test_what_changes_codes_or_presence_changes_the_token(scanned, root):
    def replace():
        scanned.record(scanned.begin_scan([root]), [make_result(root / "a", b"other", WHASH)])

    def fail():
        scanned.record(scanned.begin_scan([root]), [make_failure(root / "b")])

    tokens = [scanned.state_token()]
    for change in (
        replace,
        fail,
        lambda: scanned.add_fingerprints(3, [make_fingerprint(COLORHASH, b"c")]),
        lambda: see(scanned, root, "a", "b"),  # c is gone
        lambda: see(scanned, root, "a", "b", "c"),  # and comes back
    ):
        change()
        tokens.append(scanned.state_token())
    assert len(set(tokens)) == len(tokens)


def test_what_a_search_cant_see_leaves_the_token(scanned, root):
    before = scanned.state_token()
    see(scanned, root, "a", "b", "c")
    scanned.record(scanned.begin_scan([root]), [])
    scanned.add_fingerprints(1, [])
    assert scanned.state_token() == before
    with Store.open(scanned.path, read_only=True) as other:
        assert other.state_token() == before
        assert other.codes(WHASH).token == before


def test_a_write_that_is_undone_leaves_the_token(scanned, root):
    before = scanned.state_token()
    scan = scanned.begin_scan([root])
    with pytest.raises(LookupError):
        scanned.record(scan, [make_result(root / "d", b"d", WHASH), make_result(root / "e", b"e", known=99)])
    assert scanned.state_token() == before


def test_two_copies_of_a_catalog_that_go_on_alike_have_different_tokens(scanned, root, tmp_path):
    scanned.close()
    shutil.copy(scanned.path, tmp_path / "copy.lookalike")
    tokens = []
    for path in (scanned.path, tmp_path / "copy.lookalike"):
        with Store.open(path) as store:
            store.record(store.begin_scan([root]), [make_result(root / "d", b"d", WHASH)])
            tokens.append(store.state_token())
    assert tokens[0] != tokens[1]


def test_a_lost_token_is_damage(scanned):
    scanned.close()
    raw = apsw.Connection(scanned.path)
    raw.execute("DELETE FROM state")
    raw.close()
    with Store.open(scanned.path) as store, pytest.raises(CatalogDamaged, match="token"):
        store.state_token()


def test_a_recipe_is_held_once_a_content_has_it(scanned):
    assert scanned.has_recipe(WHASH)
    assert not scanned.has_recipe(COLORHASH)
    scanned.add_fingerprints(3, [make_fingerprint(COLORHASH, b"c")])
    assert scanned.has_recipe(COLORHASH)
