"""Index files of every version ever released stay readable, or are refused as of another version.

The bytes are spelled out so that they can't follow the code.
"""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import IndexFileDamaged
from lookalike.search import IndexRows, read_index, write_index

SOURCE = bytes(range(32))
CODES = bytes.fromhex("0123456789abcdef ffffffffffffffff 8000000000000001")
RANGE = bytes.fromhex(
    "4c4b414b4944580a 01000000 40000000 00000000 00004000 0300000000000000 0300000000000000 0000000000000000"
    "1800000000000000 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "c5fc48abbf4d75eaf96f91bd1fe8bdc1 58c53be73ac0d9e400d73489625f5c87b4d0f14e8ff95568dcaa4c7cb31ef65d"
    "0123456789abcdef ffffffffffffffff 8000000000000001"
)
EACH = bytes.fromhex(
    "4c4b414b4944580a 01000000 40000000 01000000 00004000 0300000000000000 0000000000000000 1800000000000000"
    "1800000000000000 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "23f73bea1183101a3049abe6234a0dc9 e178e4798e8547e4741f6a2f840f2f0cfc91ca6faae3940c105a9448003a7abc"
    "0300000000000000 0300000000000000 0900000000000000 0123456789abcdef ffffffffffffffff 8000000000000001"
)
VERSION_1 = [(RANGE, [3, 4, 5]), (EACH, [3, 3, 9])]


@pytest.mark.parametrize(("content", "ids"), VERSION_1)
def test_index_files_of_version_1_are_read(tmp_path, content, ids):
    path = tmp_path / "old.idx"
    path.write_bytes(content)
    rows = read_index(path, width_bits=64, source=SOURCE)
    assert np.asarray(rows.ids).tolist() == ids
    assert rows.words.tobytes() == CODES


@pytest.mark.parametrize(("content", "ids"), VERSION_1)
def test_what_is_written_now_is_version_1_to_the_byte(tmp_path, content, ids):
    path = tmp_path / "new.idx"
    words = np.frombuffer(CODES, np.uint64)[:, None]
    write_index(path, IndexRows(64, np.array(ids, np.int64), words), source=SOURCE)
    assert path.read_bytes() == content


def test_a_version_to_come_is_refused_by_its_number(tmp_path):
    path = tmp_path / "new.idx"
    path.write_bytes(RANGE[:8] + b"\2" + RANGE[9:])
    with pytest.raises(IndexFileDamaged, match="has version 2, this Lookalike reads version 1"):
        read_index(path, source=SOURCE)
