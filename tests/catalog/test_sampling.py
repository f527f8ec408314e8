"""The random sample of a large catalog, which reads slices of the hashes; small ones are in test_codes."""

import pytest
from catalog_samples import make_result

from lookalike.catalog import Store, sampling


@pytest.fixture
def large(monkeypatch):
    """Catalogs of some 100 pictures count as large, and have 64 slices."""
    monkeypatch.setattr(sampling, "SIGN_BITS", 1)
    monkeypatch.setattr(sampling, "SIGN_CONTENTS", 20)
    monkeypatch.setattr(sampling, "SLICE_BITS", 6)


def fill(path, root, numbers):
    store = Store.open(path)
    store.record(store.begin_scan([root]), [make_result(root / str(one), b"%d" % one) for one in numbers])
    return store


def drawn(store, count, seed, **options):
    records = store.contents(store.random_contents(count, seed, **options))
    return [int(record.path.rsplit("/", 1)[1]) for record in records]


def mix(word):
    """SplitMix64 in plain integers."""
    word = (word + 0x9E3779B97F4A7C15) % 2**64
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB % 2**64
    return word ^ (word >> 31)


def rank(number, seed, slices=64):
    """The turn of the picture's slice, found by visiting all, then where it stands in a small catalog."""
    digest = int.from_bytes(make_result("/x", b"%d" % number).content.hash[:8], "big")
    step, start = mix((mix(seed % 2**64) + 1) % 2**64), mix((mix(seed % 2**64) + 2) % 2**64)
    visited = [(start + turn * (step | 1)) % slices for turn in range(slices)]
    assert sorted(visited) == list(range(slices))
    return visited.index(digest * slices // 2**64), mix(digest ^ mix(seed % 2**64))


@pytest.mark.parametrize("count", [0, 1, 10, 60, 150, 400])
@pytest.mark.parametrize("seed", [0, 1, -(2**70)])
def test_the_sample_of_a_large_catalog_follows_its_ranks(large, tmp_path, root, count, seed):
    with fill(tmp_path / "c", root, range(200)) as store:
        assert drawn(store, count, seed) == sorted(range(200), key=lambda n: rank(n, seed))[:count]


def test_slices_one_by_one_and_all_contents_at_once_give_the_same_sample(large, monkeypatch, tmp_path, root):
    with fill(tmp_path / "c", root, range(200)) as store:
        slices = [drawn(store, 30, seed) for seed in range(8)]
        monkeypatch.setattr(sampling, "MOST_SLICES", 1)
        assert [drawn(store, 30, seed) for seed in range(8)] == slices


def test_the_order_in_which_pictures_came_and_one_more_change_little(large, tmp_path, root):
    with fill(tmp_path / "a", root, range(200)) as first, fill(tmp_path / "b", root, reversed(range(201))) as second:
        for seed in range(8):
            one, other = drawn(first, 40, seed), drawn(second, 40, seed)
            assert [n for n in other if n != 200] == one[: len(other) - (200 in other)]


def test_a_sample_of_a_large_catalog_reads_few_of_its_contents(large, tmp_path, root, monkeypatch):
    with fill(tmp_path / "c", root, range(2000)) as store:
        monkeypatch.setattr(sampling, "SLICE_BITS", 10)
        read = []
        rows = store._db.rows
        monkeypatch.setattr(store._db, "rows", lambda *asked: read.extend(found := rows(*asked)) or found)
        assert len(drawn(store, 20, seed=3)) == 20
        assert len(read) < 100


def test_vanished_pictures_are_not_drawn_from_a_large_catalog(large, tmp_path, root):
    with fill(tmp_path / "c", root, range(200)) as store:
        number = store.begin_scan([root])
        store.touch_unchanged(number, [bytes(root / str(one)) for one in range(0, 200, 2)])
        store.mark_vanished(number, [root])
        assert drawn(store, 30, seed=5) == sorted(range(0, 200, 2), key=lambda n: rank(n, 5))[:30]


def test_every_picture_is_drawn_about_equally_often(large, tmp_path, root):
    with fill(tmp_path / "c", root, range(200)) as store:
        times = [0] * 200
        for seed in range(400):
            for number in drawn(store, 20, seed):
                times[number] += 1
    assert sum(times) == 8000
    assert min(times) >= 10  # 40 on average
    assert max(times) <= 80
