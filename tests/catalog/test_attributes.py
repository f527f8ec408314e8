import csv
import json

import pytest
from catalog_samples import make_failure, make_result

from lookalike.catalog import read_attributes
from lookalike.catalog.attribute_values import typed_column
from lookalike.errors import AttributesError


@pytest.fixture
def table(tmp_path):
    """A function that writes a file of attributes and reads it."""

    def read(text, name="items.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_attributes(path)

    return read


@pytest.fixture
def shelf(store, root):
    names = ["shirts/1.jpg", "shirts/2.jpg", "hats/1.jpg", "hats/3.png", "top.jpg"]
    store.record(store.begin_scan([root]), [make_result(root / name, name.encode()) for name in names])
    return store


def known(store, root):
    """What is known of each picture, by its path below the root."""
    records = store.contents(store.present_contents())
    return {
        path[len(str(root)) + 1 :]: file.attributes
        for record in records
        for path, file in zip(record.paths, record.files, strict=True)
        if file.attributes
    }


def values(read):
    return [row.values for row in read.rows]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "", "-20"], [1, None, -20]),
        (["1", "2.5", "1e3"], [1.0, 2.5, 1000.0]),
        (["007", "8"], ["007", "8"]),
        (["+491", "1"], ["+491", "1"]),
        (["nan", "1"], ["nan", "1"]),
        (["inf", "1.0"], ["inf", "1.0"]),
        (["1e999"], ["1e999"]),
        (["True", "false", ""], [True, False, None]),
        (["true", "1"], ["true", "1"]),
        (["9223372036854775807"], [2**63 - 1]),
        (["9223372036854775808"], ["9223372036854775808"]),
        (["\u0661"], ["\u0661"]),  # a digit, but none of ASCII
        (["1_000"], ["1_000"]),
        (["", ""], [None, None]),
        ([], []),
    ],
)
def test_a_column_of_a_csv_has_the_type_that_all_its_cells_have(cells, expected):
    found = typed_column(cells)
    assert found == expected
    assert [type(one) for one in found] == [type(one) for one in expected]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_may_be_delimited_by_commas_semicolons_or_tabs(table, delimiter):
    lines = ["\ufefffile| price |note", 'a.jpg|5|"x, y; z\tw"', "", "b.jpg||two", ""]
    text = "\r\n".join(lines).replace("|", delimiter)
    read = table(text)
    assert read.columns == ("file", "price", "note")
    assert values(read) == [{"file": "a.jpg", "price": 5, "note": "x, y; z\tw"}, {"file": "b.jpg", "note": "two"}]
    assert [row.line for row in read.rows] == [2, 4]


def test_lines_are_those_of_the_file_even_after_cells_of_several_lines(table):
    read = table('file,note\na,"one\ntwo"\nb,x\n')
    assert [(row.line, row.values["file"]) for row in read.rows] == [(2, "a"), (4, "b")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("file,price\na,1\nb,2,3\n", "line 3: 3 cells came, the first line names 2"),
        ("file;price\na;1\nb\n", "line 3: 1 cells came, the first line names 2"),
        ("file,file\na,b\n", "the column 'file' came twice"),
        ("file,,price\na,b,c\n", "a column without a name"),
        ('file,price\n"a,1\n', "not well-formed CSV"),
        (b"file,price\na,1\ncaf\xe9,2\n", "line 3: this isn't UTF-8"),
        ("file,price\na,\0\n", "NUL"),
    ],
)
def test_a_malformed_csv_is_told_with_its_line(table, text, told):
    with pytest.raises(AttributesError, match=told):
        table(text)


def test_a_first_column_of_row_numbers_may_have_no_name(table):
    assert table(",file\n0,a\n").columns == ("row", "file")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.json", '[{"file": "a", "price": 5, "tags": ["x"], "old": null}]'),
        ("x.json", '{"a": {"price": 5, "tags": ["x"]}}'),
        ("x.jsonl", '{"file": "a", "price": 5, "tags": ["x"]}\n\n'),
        ("x.json", '{"file": "a", "price": 5, "tags": ["x"]}\n{"file": "b"}'),
    ],
)
def test_json_may_be_a_list_an_object_by_name_or_lines(table, name, text):
    read = table(text, name)
    assert read.rows[0].values == {"file": "a", "price": 5, "tags": ["x"]}
    assert read.rows[0].keys["file"] == "a"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("x.json", "{", "line 1: not well-formed JSON"),
        ("x.json", "[1]", "row 1: int came, an object was expected"),
        ("x.json", "5", "a list of objects"),
        ("x.json", "{}", "a list of objects"),
        ("x.json", '[{"a": NaN}]', "NaN came, which JSON doesn't have"),
        ("x.json", '[{"a": 1e999}]', "infinite"),
        ("x.json", '[{"a": "\\ud800"}]', "isn't valid Unicode"),
        ("x.json", '[{"a": "\\u0000"}]', "NUL"),
        ("x.json", '[{"": 1}]', "without a name"),
        ("x.json", "[" * 100_000, "can't be read"),
        ("x.json", '[{"a": ' + "[" * 40 + "]" * 40 + "}]", "more than 32 lists"),
        ("x.jsonl", '{"file": "a"}\n{"file": \n', "line 2: not well-formed JSON"),
        ("x.parquet", "nothing", "not a Parquet file"),
        ("x.xlsx", "", "attributes come as .csv"),
    ],
)
def test_other_malformed_files_are_told(table, name, text, told):
    with pytest.raises(AttributesError, match=told):
        table(text, name)


def test_a_file_that_is_not_there_is_told(tmp_path):
    for name in ("none.csv", "none.parquet"):
        with pytest.raises(AttributesError, match="none"):
            read_attributes(tmp_path / name)


def test_integers_too_large_for_sqlite_keep_their_digits_as_text(table):
    assert (
        values(table('[{"file": "a", "code": 123456789012345678901}]', "x.json"))[0]["code"] == "123456789012345678901"
    )


def test_a_parquet_table_gives_the_values_it_holds(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    from datetime import date

    columns = {"file": ["a", "b"], "price": [1.5, float("nan")], "n": [1, None], "day": [date(2026, 1, 2), None]}
    parquet.write_table(arrow.table({**columns, "tags": [["x"], []]}), tmp_path / "t.parquet")
    assert values(read_attributes(tmp_path / "t.parquet")) == [
        {"file": "a", "price": 1.5, "n": 1, "day": "2026-01-02", "tags": ["x"]},
        {"file": "b", "tags": []},
    ]


@pytest.mark.parametrize(
    ("key", "matched"),
    [
        ("{root}/shirts/1.jpg", ["shirts/1.jpg"]),
        ("shirts/1.jpg", ["shirts/1.jpg"]),
        ("./hats/../shirts/1.jpg", ["shirts/1.jpg"]),
        ("pictures/shirts/1.jpg", ["shirts/1.jpg"]),
        ("2.jpg", ["shirts/2.jpg"]),
        ("shirts/2", ["shirts/2.jpg"]),
        ("3", ["hats/3.png"]),
        ("1.jpg", ["hats/1.jpg", "shirts/1.jpg"]),
        ("1", ["hats/1.jpg", "shirts/1.jpg"]),
        ("irts/1.jpg", []),
        ("/shirts/1.jpg", []),
        ("4", []),
        (".", []),
        ("", []),
    ],
)
def test_a_key_may_be_a_path_the_end_of_one_a_name_or_a_stem(shelf, root, table, key, matched):
    told = key.replace("{root}", str(root))
    report = shelf.apply_attributes(table(f"file,price\n{told},5\n"))
    assert sorted(known(shelf, root)) == matched
    assert report.matched == bool(matched)
    assert [(row.line, row.key) for row in report.unmatched_rows] == ([] if matched else [(2, told)])
    assert len(report.ambiguous) == (len(matched) > 1)


def test_a_key_of_digits_is_the_text_that_stood_there(store, root, table):
    store.record(store.begin_scan([root]), [make_result(root / name, name.encode()) for name in ("7.jpg", "007.jpg")])
    store.apply_attributes(table("image,price\n007,1\n"))
    assert known(store, root) == {"007.jpg": {"image": "007", "price": 1}}
    store.apply_attributes(table("image,price\n7,2\n"))
    assert known(store, root)["7.jpg"] == {"image": 7, "price": 2}


def test_the_key_column_is_the_one_that_fits_best(shelf, table):
    text = "name,Image,price\nA nice shirt,2.jpg,5\nhats,3,6\n"
    assert shelf.apply_attributes(table(text)).key_column == "Image"
    assert shelf.apply_attributes(table(text), key="name").matched == 0
    with pytest.raises(AttributesError, match="there is no column 'img'; there are: name, Image, price"):
        shelf.apply_attributes(table(text), key="img")
    with pytest.raises(AttributesError, match="name one as the key, of: sku, price"):
        shelf.apply_attributes(table("sku,price\n2.jpg,5\n"))
    assert shelf.apply_attributes(table("sku,price\n2.jpg,5\n"), key="sku").matched == 1


def test_the_report_tells_all_that_found_no_partner(shelf, root, table):
    shelf.record(shelf.begin_scan([root]), [make_failure(root / "broken.jpg")])
    report = shelf.apply_attributes(table("file,price\n1.jpg,1\nnone.jpg,2\nshirts/1.jpg,3\nbroken.jpg,4\n,5\n"))
    assert (report.rows, report.matched, report.key_column) == (5, 3, "file")
    assert [(row.line, row.key) for row in report.unmatched_rows] == [(3, "none.jpg"), (6, "")]
    [ambiguous] = report.ambiguous
    assert (ambiguous.line, ambiguous.paths) == (2, (bytes(root / "hats/1.jpg"), bytes(root / "shirts/1.jpg")))
    [replaced] = report.replaced
    assert (replaced.line, replaced.by_line, replaced.path) == (2, 4, bytes(root / "shirts/1.jpg"))
    assert (report.images_with_row, report.images_without_row) == (2, 3)
    assert report.examples_without_row == tuple(
        bytes(root / name) for name in ("shirts/2.jpg", "hats/3.png", "top.jpg")
    )
    assert {name: row["price"] for name, row in known(shelf, root).items()} == {"shirts/1.jpg": 3, "hats/1.jpg": 1}


def test_a_table_speaks_for_its_own_columns_only(shelf, root, table):
    shelf.apply_attributes(table("file,price,brand\n2.jpg,5,Acme\n"))
    shelf.apply_attributes(table("file,price,colour\n2.jpg,,red\n"))
    assert known(shelf, root) == {"shirts/2.jpg": {"file": "2.jpg", "brand": "Acme", "colour": "red"}}


def test_what_is_written_twice_is_as_if_written_once(shelf, root, table):
    read = table("file,price\n2.jpg,5\n3,6\n")
    first = shelf.apply_attributes(read)
    before = known(shelf, root)
    assert shelf.apply_attributes(read) == first
    assert known(shelf, root) == before


def test_the_shops_own_table_joins_every_picture_by_its_stem(store, shared_data, tmp_path):
    items = shared_data / "clothing" / "items.csv"
    images = sorted((shared_data / "clothing" / "images").iterdir())
    store.record(store.begin_scan([images[0].parent]), [make_result(path, path.name.encode()) for path in images])
    report = store.apply_attributes(read_attributes(items))
    with items.open(newline="") as file:
        rows = list(csv.DictReader(file))
    by_stem = {row["image"]: row for row in rows}
    assert (report.key_column, report.rows) == ("image", len(rows))
    assert report.matched + len(report.unmatched_rows) == len(rows)
    assert report.images_with_row == sum(1 for path in images if path.stem in by_stem)
    assert report.images_with_row > 0.9 * len(images)
    hoodies = {
        path
        for record in store.contents(store.contents_where("label = 'Hoodie' and kids = false"))
        for path in record.paths
    }
    expected = {
        str(path)
        for path in images
        if by_stem.get(path.stem, {}).get("label") == "Hoodie" and by_stem[path.stem]["kids"] == "False"
    }
    assert hoodies == expected
    assert hoodies


def test_stored_attributes_are_the_rows_values(shelf, root, table):
    row = {"file": "2.jpg", "text": "é\"\\\n'", "n": -3, "x": 0.1, "yes": True, "tags": ["a", {"b": None}]}
    shelf.apply_attributes(table(json.dumps([row]), "x.json"))
    assert known(shelf, root) == {"shirts/2.jpg": row}
