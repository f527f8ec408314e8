"""What the attributes of a whole catalog are: kinds, values, ranges."""

from __future__ import annotations

import pytest
from catalog_samples import make_result

from lookalike.catalog import AttributeSummary, read_attributes

ITEMS = """file,brand,price,kids,size
1.jpg,Acme,20,true,38
2.jpg,Acme,9.5,false,M
3.jpg,Bolt,,false,L
4.jpg,,100,true,L
gone.jpg,Cord,999,true,S
"""


@pytest.fixture
def told(store, root, tmp_path):
    """name -> summary, with at most two values each."""
    names = ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "gone.jpg"]
    store.record(store.begin_scan([root]), [make_result(root / name, name.encode()) for name in names])
    (tmp_path / "items.csv").write_text(ITEMS)
    store.apply_attributes(read_attributes(tmp_path / "items.csv"))
    again = store.begin_scan([root])
    store.record(again, [make_result(root / name, name.encode()) for name in names[:-1]])
    store.mark_vanished(again, [root])
    return {summary.name: summary for summary in store.attribute_summaries(2)}


def test_texts_come_with_how_many_present_files_have_each(told):
    assert told["brand"] == AttributeSummary("brand", "text", 3, 2, (("Acme", 2), ("Bolt", 1)))


def test_numbers_come_with_their_range_whether_whole_or_not(told):
    assert told["price"] == AttributeSummary("price", "number", 3, 3, (), 9.5, 100)


def test_flags_are_counted_as_such(told):
    assert told["kids"] == AttributeSummary("kids", "flag", 4, 2, ((False, 2), (True, 2)))


def test_only_the_most_frequent_values_are_listed_and_all_are_counted(told):
    assert told["size"].values == (("L", 2), ("38", 1))
    assert (told["size"].distinct, told["size"].files) == (3, 4)


def test_a_catalog_without_attributes_has_none(store):
    assert store.attribute_summaries(5) == []
