import json
import os
import re

import numpy as np
import pytest
from catalog_samples import make_result
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lookalike.catalog import Store, read_attributes
from lookalike.catalog.where_parser import parse_where
from lookalike.catalog.where_syntax import Among, Compare, Contains, Every, IsNull, Like, Not, Some
from lookalike.errors import WhereError

NAMES = ["price", "brand", "with space", 'odd "quote" \\ back', "é.dot-dash", "and", "tags"]
WORDS = ["", "Acme", "acme", "ACME Ltd", "x%y_z", "50", "true", "'", "É", "é", "日本", "a'; DROP TABLE files; --"]
NUMBERS = [0, 1, -1, 50, 2**53 + 1, -(2**63), 2**63 - 1, 0.5, -0.25, 1e300, 50.0]
values = st.sampled_from([*WORDS, *NUMBERS, True, False])
rows = st.dictionaries(st.sampled_from(NAMES), values | st.lists(st.sampled_from(WORDS), max_size=3), max_size=5)


def comparisons():
    names, texts, negated, at = st.sampled_from(NAMES), st.sampled_from(WORDS), st.booleans(), st.just(0)
    ordered = values.filter(lambda value: not isinstance(value, bool))
    return st.one_of(
        st.builds(Compare, names, st.sampled_from(["=", "!="]), values, at),
        st.builds(Compare, names, st.sampled_from(["<", "<=", ">", ">="]), ordered, at),
        st.builds(Among, names, st.lists(values, min_size=1, max_size=4).map(tuple), negated, at),
        st.builds(Like, names, st.sampled_from([*WORDS, "a%", "%e", "_cme", "%", "_", "é", "%L_d"]), negated, at),
        st.builds(Contains, names, texts, negated, at),
        st.builds(IsNull, names, negated, at),
    )


trees = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Every, st.lists(inner, min_size=2, max_size=4).map(tuple)),
        st.builds(Some, st.lists(inner, min_size=2, max_size=4).map(tuple)),
    ),
    max_leaves=8,
)


def write(tree):
    """The tree as a filter's text."""

    def name(text):
        plain = re.fullmatch(r"[a-z]+", text) and text not in ("and", "or", "not", "in", "like")
        return text if plain else '"' + text.replace('"', '""') + '"'

    def value(one):
        if isinstance(one, bool):
            return "TRUE" if one else "false"
        return "'" + one.replace("'", "''") + "'" if isinstance(one, str) else repr(one)

    match tree:
        case Not(operand):
            return f"NOT ({write(operand)})"
        case Every(operands):
            return " and ".join(f"({write(operand)})" for operand in operands)
        case Some(operands):
            return "(" + ") Or (".join(write(operand) for operand in operands) + ")"
        case Compare(called, operator, operand, _):
            return f"{name(called)}{operator}{value(operand)}"
        case Among(called, operands, negated, _):
            return f"{name(called)}{' not' * negated} in ({', '.join(map(value, operands))})"
        case Like(called, text, negated, _):
            return f"{name(called)}{' not' * negated} like {value(text)}"
        case Contains(called, text, negated, _):
            return f"{name(called)}{' not' * negated} contains {value(text)}"
        case IsNull(called, negated, _):
            return f"{name(called)} is{' not' * negated} null"


def fold(text):
    """A to Z in lower case, and no other letter."""
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)


def kind(value):
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def holds(tree, row):
    """What the filter means, slow and obvious: the oracle."""
    match tree:
        case Not(operand):
            return not holds(operand, row)
        case Every(operands):
            return all(holds(operand, row) for operand in operands)
        case Some(operands):
            return any(holds(operand, row) for operand in operands)
        case IsNull(called, negated, _):
            return (called in row) == negated
    value = row.get(tree.name)
    match tree:
        case Compare(_, operator, other, _):
            if kind(value) != kind(other):
                return False
            return {
                "=": value == other,
                "!=": value != other,
                "<": value < other,
                "<=": value <= other,
                ">": value > other,
                ">=": value >= other,
            }[operator]
        case Among(_, others, negated, _):
            same = [other for other in others if kind(other) == kind(value)]
            return bool(same) and (value in same) != negated
        case Like(_, pattern, negated, _):
            translated = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in fold(pattern))
            return kind(value) == "str" and bool(re.fullmatch(translated, fold(value), re.DOTALL)) != negated
        case Contains(_, text, negated, _):
            if kind(value) == "list":
                return any(fold(one) == fold(text) for one in value) != negated
            return kind(value) == "str" and (fold(text) in fold(value)) != negated


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A function that makes a store hold exactly these rows, one a picture; it gives the pictures' ids."""
    folder = tmp_path_factory.mktemp("where")
    with Store.open(folder / "c.lookalike") as store:
        number = store.begin_scan([folder])
        store.record(number, [make_result(folder / str(place), b"text %d" % place) for place in range(12)])
        ids = [store.find_content(folder / str(place)) for place in range(12)]
        every_kind = {"n": 1, "t": "x", "b": True, "l": ["x"]}

        def fill(rows):
            table = folder / "rows.jsonl"
            # All names with all kinds first, so that no comparison is refused as pointless; then what is asked for.
            for each in every_kind.values():
                table.write_text(json.dumps({"file": "0", **dict.fromkeys(NAMES, each)}))
                store.apply_attributes(read_attributes(table))
            empty = dict.fromkeys(NAMES)
            lines = [{"file": str(place), **empty, **row} for place, row in enumerate(rows)]
            table.write_text("\n".join(map(json.dumps, lines)))
            store.apply_attributes(read_attributes(table))
            return ids[: len(rows)]

        yield store, fill


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=12, max_size=12), trees)
@example([{"price": 1.0}, {"price": True}, {"price": "1"}, {}] * 3, Compare("price", "=", 1, 0))
@example([{"price": 1}, {"price": True}, {"price": False}, {"price": "true"}] * 3, Compare("price", "!=", True, 0))
@example([{"price": 1}, {"price": True}, {"price": "1"}, {"price": []}] * 3, Among("price", (True, 5, "x"), True, 0))
@example([{"brand": "a"}, {"brand": 5}, {"brand": True}, {}] * 3, Like("brand", "b", True, 0))
@example([{"brand": ["Acme"]}, {"brand": []}, {"brand": "acme"}, {}] * 3, Contains("brand", "ACME", True, 0))
def test_a_filter_finds_just_what_its_meaning_says(filled, attributes, tree):
    store, fill = filled
    ids = fill(attributes)
    expected = [content_id for content_id, row in zip(ids, attributes, strict=True) if holds(tree, row)]
    found = store.contents_where(write(tree))
    assert found.dtype == np.int64
    assert found.tolist() == expected


@given(trees)
@settings(max_examples=100, deadline=None)
def test_a_written_tree_is_read_as_the_same_tree(tree):
    def without_places(one):
        match one:
            case Not(operand):
                return Not(without_places(operand))
            case Every(operands) | Some(operands):
                return type(one)(tuple(map(without_places, operands)))
        return type(one)(*(getattr(one, field) for field in one.__slots__ if field != "at"), at=0)

    assert without_places(parse_where(write(tree))) == tree


PIECES = [*"()=<>!',\"%-.1e", " and ", " or ", "not ", "x", " in ", " is ", "null", "'a'"]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_a_filter_or_an_error_that_points_at_its_fault(text):
    try:
        parse_where(text)
    except WhereError as error:
        told = str(error)
    else:
        return
    assert re.fullmatch(r"filter, character \d+: .+\n  .*\n +\^", told, re.DOTALL)


@pytest.mark.parametrize(
    ("text", "at", "told"),
    [
        ("", 1, "the end came, the name of an attribute"),
        ("price <", 8, "the end came, a number, 'text', true or false was expected"),
        ("price 5", 7, "'5' came, = != < <= > >=, 'is'"),
        ("price < 5 brand = 'x'", 11, "'brand' came, 'and', 'or' or the end"),
        ("(price < 5", 11, "the end came, 'and', 'or' or ')'"),
        ("price < 5)", 10, "')' came, 'and', 'or' or the end"),
        ("price in 5", 10, "'5' came, '(' and a list"),
        ("price in ()", 11, "')' came, a number"),
        ("price in (5 6)", 13, "'6' came, ',' or ')'"),
        ("brand = Acme", 9, "'Acme' is a name; a value was expected"),
        ("brand = 'Acme", 9, "the quote ' is never closed"),
        ('"brand = 5', 1, 'the quote " is never closed'),
        ("brand like 5", 12, "text in 'single quotes' after like"),
        ("brand not = 5", 11, "'=' came, 'in', 'like' or 'contains'"),
        ("brand is 5", 10, "'null' or 'not null'"),
        ("price = null", 7, "write price is null"),
        ("price != NULL", 7, "write price is not null"),
        ("kids < true", 6, "true and false have no order"),
        ("price < 1e999", 9, "too large"),
        ("price < 12abc", 9, "a number was expected"),
        ("price ~ 5", 7, "'~' means nothing here"),
        ("brand = 'a\0b'", 9, "NUL"),
        ("brand = '\ud800'", 9, "valid Unicode"),
        ("(" * 65 + "a = 1", 65, "more than 64"),
        ("not " * 65 + "a = 1", 257, "more than 64"),
    ],
)
def test_an_error_says_where_and_what_was_expected(text, at, told):
    with pytest.raises(WhereError) as caught:
        parse_where(text)
    message, line, caret = str(caught.value).split("\n")
    assert message.startswith(f"filter, character {at}: ")
    assert told in message
    assert caret.strip() == "^"
    assert len(line) <= 80
    if at <= 60:
        assert caret.index("^") == 2 + at - 1


def test_the_caret_stands_under_the_line_of_the_fault():
    with pytest.raises(WhereError) as caught:
        parse_where("price < 5 and\nbrand ! 5")
    assert str(caught.value).split("\n")[1:] == ["  brand ! 5", "        ^"]


def test_a_filter_that_is_too_long_is_refused_and_the_longest_works(store, root):
    with pytest.raises(WhereError, match="at most 16384"):
        parse_where("a = 1 or " * 2_000 + "a = 1")
    fill_one(store, root, '{"file": "a", "a": 1}')
    for text in ("a = 2 or " * 1_800 + "a = 1", "a = 1 and " * 1_600 + "a = 1", f"a in ({'2,' * 8_000} 1)"):
        assert len(store.contents_where(text)) == 1


def fill_one(store, root, row):
    store.record(store.begin_scan([root]), [make_result(root / "a", b"one")])
    table = root / "items.jsonl"
    table.write_text(row)
    store.apply_attributes(read_attributes(table))


def test_names_that_do_not_exist_and_kinds_that_cannot_match_are_told(store, root):
    with pytest.raises(WhereError, match="the catalog has none yet"):
        store.contents_where("price < 5")
    fill_one(store, root, '{"file": "a", "Price": 5, "brand": "x", "kids": true, "sizes": ["S"]}')
    for text, told in {
        "pirce < 5": r"no attribute 'pirce'; did you mean 'Price'\? there are: Price, brand, file, kids, sizes",
        "price < 5": r"did you mean 'Price'\?",
        "Price = 5 and brand < 5": "'brand' is text, it is compared with number",
        "Price like 'x'": "'Price' is number, it is compared with text",
        "Price contains 'x'": "compared with list or text",
        "kids = 'True'": "'kids' is true or false, it is compared with text",
        "sizes in (1, 'x')": "'sizes' is list, it is compared with number or text",
    }.items():
        with pytest.raises(WhereError, match=told):
            store.contents_where(text)
    assert len(store.contents_where("Price in ('x', 5) and sizes contains 's' and kids = TRUE")) == 1


@pytest.mark.parametrize("text", ["brand = '''; DROP TABLE files; --'", "brand like '%'') OR 1=1 --'"])
def test_a_value_that_looks_like_sql_is_only_text(store, root, text):
    fill_one(store, root, '{"file": "a", "brand": "Acme"}')
    assert store.contents_where(text).tolist() == []
    assert store.counts()["indexed"] == 1


def test_a_name_that_looks_like_sql_is_only_a_name(store, root):
    name = "x') IS NULL; DELETE FROM files; --"
    fill_one(store, root, json.dumps({"file": "a", name: 5}))
    assert len(store.contents_where(f'"{name}" = 5')) == 1
    assert len(store.contents_where(f'"{name}" = 6')) == 0
    assert store.counts()["indexed"] == 1


def test_pictures_without_attributes_are_null_in_all_of_them(store, root):
    store.record(store.begin_scan([root]), [make_result(root / name, name.encode()) for name in "ab"])
    fill_one(store, root, '{"file": "a", "brand": "Acme"}')
    b = store.find_content(root / "b")
    assert store.contents_where("brand is null").tolist() == [b]
    assert store.contents_where("not brand = 'Acme'").tolist() == [b]
    assert store.contents_where("brand != 'Acme'").tolist() == []


def test_any_present_file_of_a_content_may_satisfy_and_then_comes_first(store, root):
    number = store.begin_scan([root])
    store.record(number, [make_result(root / name, b"same") for name in "ab"])
    table = root / "items.csv"
    table.write_text("file,price\na,10\nb,20\n")
    store.apply_attributes(read_attributes(table))
    [content_id] = store.contents_where("price > 15").tolist()
    assert store.contents_where("price > 15 and price < 15").tolist() == []
    assert [file.attributes["price"] for file in store.content(content_id).files] == [10, 20]
    [record] = store.contents([content_id], where="price > 15")
    assert (record.path, record.attributes["price"]) == (str(root / "b"), 20)
    number = store.begin_scan([root])
    store.touch_unchanged(number, [os.fsencode(root / "a")])
    store.mark_vanished(number, [root])
    assert store.contents_where("price > 15").tolist() == []
