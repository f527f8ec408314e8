"""Reads a table of attributes from CSV, JSON, JSON Lines or Parquet: typed rows, and the line each came from."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lookalike.catalog.attribute_values import stored_text, stored_value, typed_column
from lookalike.errors import AttributesError
from lookalike.optional import import_extra

KEY_NAMES = ("path", "file", "filename", "image", "img", "name")
"""Columns that may say which picture a row is about, in any case; the first wins where several fit equally well."""

DELIMITERS = ",;\t"
SNIFFED_ROWS = 50
"""Rows that decide which delimiter a CSV file has: enough that a comma inside some text doesn't."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: the line (or, without lines, the row) it came from, counted from 1; its keys as text; its values.

    ``keys`` holds the text of every column, as it stood in the file: a picture ``007.jpg`` isn't picture 7.
    ``values`` lacks the columns that are empty.
    """

    line: int
    keys: dict[str, str]
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AttributeTable:
    """What a file of attributes holds.

    Attributes:
        source: the file's path.
        columns: names, in order.
        key_column: the one that says which picture a row is about, where the file's form tells (an object keyed by
        name).
    """

    source: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    key_column: str | None = None

    def check_key(self, key: str | None) -> tuple[str, ...]:
        """The columns that may name the picture: *key* where it is given, else the form's, else those so called.

        Raises:
            AttributesError: there is no such column.
        """
        told = key if key is not None else self.key_column
        if told is not None:
            if told not in self.columns:
                raise AttributesError(
                    f"{self.source}: there is no column {told!r}; there are: {', '.join(self.columns)}"
                )
            return (told,)
        candidates = tuple(column for word in KEY_NAMES for column in self.columns if column.lower() == word)
        if not candidates:
            raise AttributesError(
                f"{self.source}: no column is named {', '.join(KEY_NAMES)}, so none says which picture a row is about; "
                f"name one as the key, of: {', '.join(self.columns)}"
            )
        return candidates


def read_attributes(path: str | os.PathLike[str]) -> AttributeTable:
    """Read the table at *path*; its ending says the form: .csv .tsv .txt, .json, .jsonl .ndjson, .parquet .pq.

    Raises:
        AttributesError: unreadable, malformed, or another ending. MissingExtra: Parquet needs the extra ``parquet``.
    """
    source = os.fspath(path)
    ending = os.path.splitext(source)[1].lower()
    if ending in (".parquet", ".pq"):
        return _read_parquet(source)
    if ending not in (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson"):
        raise AttributesError(
            f"{source}: attributes come as .csv, .tsv, .json, .jsonl or .parquet, {ending or 'no ending'} came"
        )
    text = _read_text(source)
    if ending == ".json":
        return _read_json(source, text)
    return _read_json_lines(source, text) if ending in (".jsonl", ".ndjson") else _read_csv(source, text)


def _read_text(source: str) -> str:
    try:
        with open(source, "rb") as file:
            data = file.read()
    except (OSError, ValueError) as error:
        raise AttributesError(f"{source}: can't be read: {error}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AttributesError(
            f"{source}, line {line}: this isn't UTF-8: save the file as UTF-8 and try again"
        ) from error


def _read_csv(source: str, text: str) -> AttributeTable:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    lines: list[int] = []
    cells: list[list[str]] = []
    last_line = 0
    try:
        for row in reader:
            if row:  # an empty line holds no row
                lines.append(last_line + 1)
                cells.append([cell.strip() for cell in row])
            last_line = reader.line_num
    except csv.Error as error:
        raise AttributesError(f"{source}, line {reader.line_num}: not well-formed CSV: {error}") from error
    if not cells:
        raise AttributesError(f"{source}: the file is empty, a first line with the columns' names was expected")
    columns = _column_names(source, cells[0])
    for line, row in zip(lines, cells, strict=True):
        if len(row) != len(columns):
            raise AttributesError(
                f"{source}, line {line}: {len(row)} cells came, the first line names {len(columns)} columns"
            )
        for cell in row:
            stored_text(cell, f"{source}, line {line}")
    typed = [typed_column([row[place] for row in cells[1:]]) for place in range(len(columns))]
    rows = tuple(
        TableRow(
            line,
            dict(zip(columns, row, strict=True)),
            {name: values[at] for name, values in zip(columns, typed, strict=True) if values[at] is not None},
        )
        for at, (line, row) in enumerate(zip(lines[1:], cells[1:], strict=True))
    )
    return AttributeTable(source, columns, rows)


def _delimiter(text: str) -> str:
    """The delimiter that gives the first rows most columns, all of them equally many; a comma where there is one
    column.
    """
    best, most = ",", 1
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = set()
        try:
            for _, row in zip(range(SNIFFED_ROWS), reader, strict=False):
                if row:
                    widths.add(len(row))
        except csv.Error:
            continue  # the real reading tells the line
        if len(widths) == 1 and max(widths) > most:
            best, most = delimiter, max(widths)
    if most > 1:
        return best
    header = text.split("\n", 1)[0]  # no delimiter fits all rows: the header's own, so that the ragged line is told
    return max(DELIMITERS, key=header.count)


def _column_names(source: str, header: list[str]) -> tuple[str, ...]:
    # Tables saved with their row numbers have a first column without a name.
    names = [
        "row" if place == 0 and not name and len(header) > 1 and "row" not in header else name
        for place, name in enumerate(header)
    ]
    for name in names:
        if not name:
            raise AttributesError(f"{source}, line 1: a column without a name came")
        if names.count(name) > 1:
            raise AttributesError(f"{source}, line 1: the column {name!r} came twice")
    return tuple(names)


def _read_json(source: str, text: str) -> AttributeTable:
    try:
        whole = _parse(source, text, 1)
    except AttributesError:
        # Many write JSON Lines into a .json file; a first line that is a whole object tells.
        first = text.lstrip().split("\n", 1)[0]
        if first.startswith("{") and first.rstrip().endswith("}"):
            return _read_json_lines(source, text)
        raise
    if isinstance(whole, list):
        return _from_objects(source, enumerate(whole, start=1), "row")
    if isinstance(whole, dict) and whole and all(isinstance(value, dict) for value in whole.values()):
        key = next((name for name in ("file", *KEY_NAMES) if not any(name in value for value in whole.values())), None)
        if key is None:
            raise AttributesError(
                f"{source}: every name for the key is taken by a column: rename one of {', '.join(KEY_NAMES)}"
            )
        objects = ({key: name, **value} for name, value in whole.items())
        return _from_objects(source, enumerate(objects, start=1), "row", key)
    raise AttributesError(f"{source}: a list of objects, or an object of objects keyed by file name, was expected")


def _read_json_lines(source: str, text: str) -> AttributeTable:
    lines = ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())
    return _from_objects(source, ((number, _parse(source, line, number)) for number, line in lines), "line")


def _parse(source: str, text: str, first_line: int) -> Any:
    def refuse(word: str) -> None:
        raise AttributesError(f"{source}: {word} came, which JSON doesn't have: use null")

    try:
        return json.loads(text, parse_constant=refuse)
    except AttributesError:  # a ValueError too
        raise
    except json.JSONDecodeError as error:
        raise AttributesError(
            f"{source}, line {first_line + error.lineno - 1}: not well-formed JSON: {error.msg}"
        ) from error
    except (RecursionError, ValueError) as error:  # nested too deeply; an integer of more than 4,300 digits
        raise AttributesError(f"{source}, line {first_line}: JSON that can't be read: {error}") from error


def _from_objects(source: str, objects: Iterable[tuple[int, Any]], unit: str, key: str | None = None) -> AttributeTable:
    rows: list[TableRow] = []
    columns: dict[str, None] = {}
    for number, one in objects:
        place = f"{source}, {unit} {number}"
        if not isinstance(one, dict):
            raise AttributesError(f"{place}: {type(one).__name__} came, an object was expected")
        values = stored_value(one, place)
        if "" in values:
            raise AttributesError(f"{place}: an attribute without a name came")
        columns.update(dict.fromkeys(values))
        keys = {name: str(value) for name, value in values.items() if isinstance(value, str | int)}
        rows.append(TableRow(number, keys, {name: value for name, value in values.items() if value is not None}))
    return AttributeTable(source, tuple(columns), tuple(rows), key)


def _read_parquet(source: str) -> AttributeTable:
    parquet = import_extra("pyarrow.parquet", extra="parquet")
    arrow = import_extra("pyarrow", extra="parquet")
    try:
        rows = parquet.ParquetFile(source).read().to_pylist()
    except (OSError, arrow.ArrowException) as error:
        raise AttributesError(f"{source}: not a Parquet file that can be read: {error}") from error
    return _from_objects(source, enumerate(rows, start=1), "row")
