import numpy as np
import pytest
from catalog_samples import COLORHASH, CROPS, WHASH, make_fingerprint, make_result

from lookalike.catalog import Store
from lookalike.catalog.codes import is_in_sorted
from lookalike.errors import CatalogError, NotInCatalog, RecipeMismatch
from lookalike.model import Fingerprint, Recipe


@pytest.fixture
def filled(store, root):
    """Contents 1 to 6: crops have two parts, 3 and 5 have vanished, 6 has no colours."""
    number = store.begin_scan([root])
    results = [make_result(root / str(place), b"text %d" % place, WHASH, COLORHASH) for place in range(5)]
    store.record(number, [*results, make_result(root / "5", b"text 5", WHASH)])
    for place in reversed(range(6)):
        content_id = store.find_content(root / str(place))
        store.add_fingerprints(content_id, [make_fingerprint(CROPS, b"text %d" % place, parts=2)])
    number = store.begin_scan([root])
    store.touch_unchanged(number, [results[place].path for place in (0, 1, 3)] + [bytes(root / "5")])
    store.mark_vanished(number, [root])
    return store


def test_codes_are_those_of_present_contents_by_id_and_part(filled):
    for recipe in (WHASH, COLORHASH, CROPS):
        expected = []
        for content_id in filled.present_contents().tolist():
            try:
                parts = filled.fingerprint(content_id, recipe).parts
            except NotInCatalog:
                continue
            expected += [(content_id, part, code) for part, code in enumerate(parts)]
        ids, parts, codes, _ = filled.codes(recipe)
        assert (ids.dtype, parts.dtype, codes.dtype) == (np.int64, np.int64, np.uint8)
        assert codes.shape == (len(expected), recipe.bytes_per_code)
        assert [
            (i, part, code.tobytes()) for i, part, code in zip(ids.tolist(), parts.tolist(), codes, strict=True)
        ] == (expected)
    assert filled.present_contents().tolist() == [1, 2, 4, 6]
    assert filled.codes(COLORHASH)[0].tolist() == [1, 2, 4]


def test_codes_with_any_byte_come_back_as_they_went_in(store, root):
    store.record(store.begin_scan([root]), [make_result(root / str(byte), b"text %d" % byte) for byte in range(256)])
    ids = store.present_contents().tolist()
    for byte, content_id in enumerate(ids):
        code = bytes([byte, 0, 255 - byte, byte, byte, 0x80, 0xC0, byte])
        store.add_fingerprints(content_id, [Fingerprint(WHASH, (code,))])
    codes = store.codes(WHASH)[2]
    assert codes[:, 0].tolist() == codes[:, 7].tolist() == list(range(256))
    assert codes[:, 2].tolist() == list(range(255, -1, -1))
    assert set(codes[:, 1].tolist()) == {0}


def test_a_recipe_that_was_never_stored_has_no_codes(store):
    ids, parts, codes, _ = store.codes(Recipe("pdq", (), 256))
    assert (ids.shape, parts.shape, codes.shape) == ((0,), (0,), (0, 32))
    assert store.present_contents().shape == (0,)


def test_a_fingerprint_comes_back_whole_with_the_contents_quality(store, root):
    store.record(store.begin_scan([root]), [make_result(root / "a", b"one")])
    store.add_fingerprints(1, [make_fingerprint(CROPS, b"one", parts=3, quality=60, marks=("flat",))])
    stored = make_fingerprint(CROPS, b"one", parts=3, quality=60, marks=("flat",))
    assert store.fingerprint(1, CROPS) == stored
    store.add_fingerprints(1, [make_fingerprint(WHASH, b"one", quality=40, marks=("two-tone",))])
    assert (store.content(1).quality, store.content(1).marks) == (40, ("flat", "two-tone"))
    with pytest.raises(NotInCatalog, match="no fingerprint colorhash of content 1"):
        store.fingerprint(1, COLORHASH)
    with pytest.raises(NotInCatalog, match="no content 2"):
        store.fingerprint(2, WHASH)


def test_a_fingerprint_stored_again_replaces_all_of_its_parts(store, root):
    store.record(store.begin_scan([root]), [make_result(root / "a", b"one")])
    store.add_fingerprints(1, [make_fingerprint(CROPS, b"old", parts=4)])
    store.add_fingerprints(1, [make_fingerprint(CROPS, b"new", parts=2)])
    assert store.fingerprint(1, CROPS).parts == make_fingerprint(CROPS, b"new", parts=2).parts
    assert len(store.codes(CROPS)[0]) == 2


def test_recipes_are_told_with_their_widths_versions_and_counts(filled):
    told = [(recipe.text, recipe.width_bits, recipe.version, recipe.contents) for recipe in filled.recipes()]
    assert told == [("colorhash", 42, 1, 5), ("crop_resistant", 64, 1, 6), ("whash", 64, 1, 6)]
    assert [record.describes(WHASH) for record in filled.recipes()] == [False, False, True]


def test_another_version_of_a_recipe_is_another_recipe(filled):
    newer = Recipe("whash", (), 64, version=2)
    assert len(filled.codes(newer)[0]) == 0
    assert filled.missing_recipes([1], [WHASH, newer]) == {1: (newer,)}


def test_the_same_recipe_with_another_width_is_refused(filled):
    with pytest.raises(RecipeMismatch, match="a recipe whose bits change needs a new version"):
        filled.codes(Recipe("whash", (), 128))


def test_a_random_sample_depends_on_the_pictures_and_the_seed_alone(root, tmp_path):
    def sample(name, order, count, seed):
        with Store.open(tmp_path / name) as store:
            store.record(store.begin_scan([root]), [make_result(root / str(place), b"%d" % place) for place in order])
            return [record.path for record in store.contents(store.random_contents(count, seed))]

    first = sample("first", range(50), 10, seed=1)
    assert len(set(first)) == 10
    assert sample("second", reversed(range(50)), 10, seed=1) == first
    assert sample("first", [], 10, seed=2) != first
    assert sample("first", [], 20, seed=1)[:10] == first
    assert len(sample("first", [], 99, seed=-(2**70))) == 50
    assert sample("first", [], 0, seed=1) == sample("empty", [], 5, seed=1) == []
    assert [int(path.rsplit("/", 1)[1]) for path in first] == sorted(range(50), key=lambda n: rank(n, 1))[:10]


def rank(number, seed):
    """Where the picture with this text stands: SplitMix64 in plain integers, over the first bytes of its hash."""

    def mix(word):
        word = (word + 0x9E3779B97F4A7C15) % 2**64
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB % 2**64
        return word ^ (word >> 31)

    assert mix(0) == 0xE220A8397B1DCDAF, "the generator's first word from seed 0, as published"
    digest = int.from_bytes(make_result("/x", b"%d" % number).content.hash[:8], "big")
    return mix(digest ^ mix(seed))


def test_a_negative_sample_is_refused(store):
    with pytest.raises(CatalogError, match="sample of -1"):
        store.random_contents(-1, seed=0)


def test_records_come_in_the_order_asked_for(filled):
    assert [record.id for record in filled.contents(np.array([4, 1, 4, 2]))] == [4, 1, 4, 2]
    assert filled.contents([]) == []
    with pytest.raises(NotInCatalog, match="no content 77"):
        filled.contents([1, 77])


def test_a_content_whose_files_vanished_is_still_told(filled):
    record = filled.content(3)
    assert (record.files, record.path, record.paths, record.attributes) == ((), None, (), {})


def test_statistics_count_what_is_there(filled, root):
    numbers = filled.statistics()
    assert (numbers.contents, numbers.present_contents, numbers.fingerprints) == (6, 4, 6 + 5 + 12)
    assert numbers.outcomes == filled.counts()
    assert numbers.roots == (bytes(root),)
    assert numbers.bytes > 0


def test_membership_in_a_sorted_array_is_that_of_a_set():
    chance = np.random.default_rng(1)
    for size in (0, 1, 5, 40):
        ascending = np.unique(chance.integers(-20, 20, size))
        values = chance.integers(-25, 25, 60)
        assert is_in_sorted(values, ascending).tolist() == [
            value in set(ascending.tolist()) for value in values.tolist()
        ]
