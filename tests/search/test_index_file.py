"""An index file gives back what was written, or is refused with a reason: never a wrong row, never a crash."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.errors import IndexFileDamaged, IndexFileStale, IndexFileUnreadable, SearchError
from lookalike.search import index_file
from lookalike.search.exact import HammingIndex
from lookalike.search.id_range import IdRange
from lookalike.search.index_file import IndexRows, read_index, write_index
from lookalike.search.index_format import FIXED_BYTES, HEADER_DIGEST_BYTES

SOURCE = bytes(range(32))


def make_rows(number, width_bits=64, gaps=False, seed=0):
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 2**64, (number, (width_bits + 63) // 64), dtype=np.uint64)
    ids = np.cumsum(rng.integers(0, 4, number)) if gaps else np.arange(5, 5 + number)
    return IndexRows(width_bits, ids.astype(np.int64), words)


def assert_same(found, written):
    assert found.width_bits == written.width_bits
    np.testing.assert_array_equal(np.asarray(found.ids), np.asarray(written.ids))
    np.testing.assert_array_equal(found.words, written.words)
    assert np.asarray(found.ids).dtype == np.int64
    assert found.words.dtype == np.uint64


@pytest.fixture
def small(tmp_path):
    """A file of some 4 KB with ids, several chunks and a last chunk that isn't full; and its bytes."""
    path = tmp_path / "small.idx"
    write_index(path, make_rows(240, gaps=True), source=SOURCE, chunk_bytes=1000)
    return path, path.read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.integers(0, 300),
    width_bits=st.sampled_from([1, 42, 64, 65, 128, 1000]),
    gaps=st.booleans(),
    chunk_bytes=st.sampled_from([1, 8, 100, 4096, 1 << 22]),
    source=st.binary(min_size=32, max_size=32),
)
def test_what_was_written_is_read(tmp_path, number, width_bits, gaps, chunk_bytes, source):
    path = tmp_path / "any.idx"
    rows = make_rows(number, width_bits, gaps)
    write_index(path, rows, source=source, chunk_bytes=chunk_bytes)
    assert_same(read_index(path, source=source), rows)
    assert_same(read_index(path, source=source, width_bits=width_bits), rows)
    assert os.listdir(tmp_path) == ["any.idx"]


def test_ids_without_gaps_take_no_room(tmp_path):
    path = tmp_path / "range.idx"
    write_index(path, make_rows(1000))
    assert path.stat().st_size < 1000 * 8 + 200
    assert isinstance(read_index(path).ids, IdRange)


def test_a_file_cut_off_anywhere_is_refused(small):
    path, whole = small
    assert 4000 < len(whole) < 5000
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(IndexFileDamaged):
            read_index(path, source=SOURCE)


def test_bytes_behind_the_end_are_refused(small):
    path, whole = small
    for more in (b"\0", b"\0" * 1000, whole):
        path.write_bytes(whole + more)
        with pytest.raises(IndexFileDamaged, match="bytes"):
            read_index(path, source=SOURCE)


def test_every_bit_of_the_header_counts(small):
    path, whole = small
    header = FIXED_BYTES + -(-240 * 16 // 1000) * 16 + HEADER_DIGEST_BYTES
    for bit in range(header * 8):
        broken = bytearray(whole)
        broken[bit // 8] ^= 1 << bit % 8
        path.write_bytes(broken)
        with pytest.raises(IndexFileDamaged):
            read_index(path, source=SOURCE)


def test_ten_thousand_random_flips_are_all_detected(small):
    path, whole = small
    rng = np.random.default_rng(7)
    with open(path, "r+b", buffering=0) as file:
        for _ in range(10_000):
            bits = set(rng.integers(0, len(whole) * 8, rng.integers(1, 9)).tolist())
            for at in {bit // 8 for bit in bits}:
                byte = whole[at]
                for bit in bits:
                    byte ^= 1 << bit % 8 if bit // 8 == at else 0
                os.pwrite(file.fileno(), bytes([byte]), at)
            with pytest.raises(IndexFileDamaged):
                read_index(path, source=SOURCE)
            for bit in bits:
                os.pwrite(file.fileno(), whole[bit // 8 : bit // 8 + 1], bit // 8)
    assert_same(read_index(path, source=SOURCE), make_rows(240, gaps=True))


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"SQLite format 3\0" * 100, bytes(range(256)) * 16])
def test_what_is_no_index_file_is_refused(tmp_path, content):
    path = tmp_path / "other.idx"
    path.write_bytes(content)
    with pytest.raises(IndexFileDamaged, match="delete it, and it is made anew"):
        read_index(path)


def test_numbers_that_announce_more_than_the_file_holds_make_no_room_for_it(small):
    path, whole = small
    for at, value in ((24, 2**63), (24, 2**40), (40, 2**63), (48, 2**63), (12, 2**32 - 1), (20, 0)):
        size = 8 if at >= 24 else 4
        path.write_bytes(whole[:at] + value.to_bytes(8, "little")[:size] + whole[at + size :])
        with pytest.raises(IndexFileDamaged):
            read_index(path, source=SOURCE)


def test_another_source_or_width_is_stale(small):
    path, _ = small
    with pytest.raises(IndexFileStale, match="another state"):
        read_index(path, source=bytes(32))
    with pytest.raises(IndexFileStale, match="64 bits, 65 are asked"):
        read_index(path, source=SOURCE, width_bits=65)


def test_no_file_and_a_folder_are_unreadable(tmp_path):
    for path in (tmp_path / "none.idx", tmp_path, tmp_path / "no" / "folder.idx"):
        with pytest.raises(IndexFileUnreadable, match="can't be read"):
            read_index(path)


def test_a_file_replaced_while_it_is_read_gives_the_rows_it_had(small, monkeypatch):
    path, _ = small
    other = make_rows(500, seed=3)
    read, replaced = os.preadv, []

    def replace_first(*arguments):
        if not replaced:
            replaced.append(write_index(path, other, source=SOURCE))
        return read(*arguments)

    monkeypatch.setattr(index_file.os, "preadv", replace_first)
    assert_same(read_index(path, source=SOURCE), make_rows(240, gaps=True))
    assert_same(read_index(path, source=SOURCE), other)


def test_a_file_cut_off_while_it_is_read_is_refused(small, monkeypatch):
    path, _ = small
    read = os.preadv

    def cut_first(*arguments):
        os.truncate(path, 3000)
        return read(*arguments)

    monkeypatch.setattr(index_file.os, "preadv", cut_first)
    with pytest.raises(IndexFileDamaged):
        read_index(path, source=SOURCE)


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(small, monkeypatch, call):
    path, whole = small

    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index_file.os, call, refuse)
    with pytest.raises(OSError, match="No space left"):
        write_index(path, make_rows(10), source=SOURCE)
    assert path.read_bytes() == whole
    assert os.listdir(path.parent) == [path.name]


def test_what_a_killed_writer_left_is_removed_an_hour_later_and_not_before(tmp_path):
    path = tmp_path / "a.idx"
    old, young, other = (tmp_path / name for name in ("a.idx.1-1.part", "a.idx.2-2.part", "b.idx.1-1.part"))
    for part in (old, young, other):
        part.write_bytes(b"half")
    for part in (old, other):
        os.utime(part, (time.time() - 4000,) * 2)
    write_index(path, make_rows(3))
    assert sorted(os.listdir(tmp_path)) == ["a.idx", "a.idx.2-2.part", "b.idx.1-1.part"]


def test_rows_that_dont_belong_together_are_not_written(tmp_path):
    rows = make_rows(4)
    for bad in (
        rows._replace(width_bits=65),
        rows._replace(ids=rows.ids[:3]),
        rows._replace(words=rows.words.view("f8")),
    ):
        with pytest.raises(SearchError, match="came"):
            write_index(tmp_path / "a.idx", bad)
    with pytest.raises(SearchError, match="32 bytes, 5 came"):
        write_index(tmp_path / "a.idx", rows, source=b"short")
    assert os.listdir(tmp_path) == []


def test_an_engine_that_was_saved_and_opened_answers_as_before_and_can_grow(tmp_path):
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 256, (500, 8), dtype=np.uint8)
    for ids in (np.arange(7, 507), np.sort(rng.permutation(2000)[:500])):
        engine = HammingIndex(64)
        engine.add(ids, codes)
        engine.save(tmp_path / "engine.idx")
        opened = HammingIndex.open(tmp_path / "engine.idx", threads=2)
        assert (len(opened), opened.width_bits, opened.threads) == (500, 64, 2)
        assert int(ids[3]) in opened
        assert -1 not in opened
        assert 2**70 not in opened
        for each in (engine, opened):
            each.add([9000], codes[:1])
            assert each.remove([int(ids[1]), 10**9]) == 1
        for ours, theirs in zip(opened.nearest(codes[:9], 20), engine.nearest(codes[:9], 20), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(opened.within(codes[:9], 24).ids, engine.within(codes[:9], 24).ids)
        np.testing.assert_array_equal(opened.nearest(codes[:2], 5, allow=ids[10:14])[0].shape, (2, 4))


def test_only_rows_as_an_engine_keeps_them_are_adopted():
    words = np.zeros((3, 1), np.uint64)
    for ids, given_words in (
        (np.array([1, 1, 2]), words),
        (np.array([2, 1, 3]), words),
        (np.array([-1, 1, 3]), words),
        (np.array([1, 2]), words),
        (np.array([1, 2, 3]), words.view(np.int64)),
        (np.array([1, 2, 3]), np.zeros((3, 2), np.uint64)),
    ):
        with pytest.raises(SearchError):
            HammingIndex(64).adopt(ids, given_words)
    engine = HammingIndex(64)
    engine.adopt(IdRange(0, 3), words)
    with pytest.raises(SearchError, match="holds 3 rows"):
        engine.adopt(IdRange(0, 3), words)
