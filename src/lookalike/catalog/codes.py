"""Fingerprints by recipe: all codes of one for an engine, one fingerprint, and what is still to be computed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import apsw
import numpy as np
from numpy.typing import NDArray

from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.state_token import changed_since, state_token
from lookalike.catalog.summaries import RecipeRecord
from lookalike.errors import NotInCatalog, RecipeMismatch
from lookalike.model import ANIMATION_FRAMES, Codes, Fingerprint, Ids, Recipe

PRESENT = "vanished_scan_id IS NULL AND content_id IS NOT NULL"
"""Files that hold a content now; the partial index ``present_files`` answers it alone."""


class RecipeCodes(NamedTuple):
    """All codes of one recipe, of contents that are present, and the state of the catalog that they are from.

    Attributes:
        ids: int64 (n,): contents, rising; one that has several codes comes several times.
        parts: int64 (n,): the number of the code within its content, from 0.
        codes: uint8 (n, bytes_per_code).
        token: the catalog's ``state_token``.
    """

    ids: Ids
    parts: NDArray[np.int64]
    codes: Codes
    token: bytes


class CodesChanged(NamedTuple):
    """What became of one recipe's codes since an earlier state.

    Attributes:
        contents: int64 (n,), rising: whatever was known of these is to be forgotten.
        now: what is true of them now, those without codes or files left out.
    """

    contents: Ids
    now: RecipeCodes


def recipes(db: Database) -> list[RecipeRecord]:
    """Every recipe that was ever stored, by text and version, with the number of contents that have it."""
    rows = db.rows(
        "SELECT text, width_bits, version, (SELECT count(*) FROM fingerprints WHERE recipe_id = recipes.id AND"
        " part = 0)"
        " FROM recipes ORDER BY text, version"
    )
    return [RecipeRecord(*row) for row in rows]


def has_recipe(db: Database, recipe: Recipe) -> bool:
    """Whether any content has a fingerprint of *recipe*, or of the one that goes with it for animations; never counts
    them.
    """
    found = db.value(
        "SELECT EXISTS (SELECT 1 FROM fingerprints WHERE recipe_id = recipes.id) FROM recipes"
        " WHERE version = ? AND (text = ? AND width_bits = ? OR text = ?) ORDER BY 1 DESC LIMIT 1",
        (recipe.version, str(recipe), recipe.width_bits, animation_text(recipe)),
    )
    return bool(found)


def count_outdated(db: Database, recipe: Recipe) -> int:
    """How many present contents have *recipe*, or the one that goes with it for animations, of an older version only:
    they are not found by it.
    """
    texts = "(?1, ?3)"
    return int(
        db.value(
            "SELECT count(DISTINCT content_id)"
            " FROM recipes CROSS JOIN fingerprints AS old ON old.recipe_id = recipes.id"
            f" WHERE text IN {texts} AND version < ?2 AND part = 0"
            f" AND EXISTS (SELECT 1 FROM files WHERE content_id = old.content_id AND {PRESENT})"
            " AND NOT EXISTS (SELECT 1 FROM fingerprints AS new WHERE new.content_id = old.content_id AND part = 0"
            f" AND new.recipe_id IN (SELECT id FROM recipes WHERE text IN {texts} AND version = ?2))",
            (str(recipe), recipe.version, animation_text(recipe)),
        )
    )


def animation_text(recipe: Recipe) -> str:
    """The text of the recipe by which a content gets its fingerprints in place of *recipe* where it is an animation."""
    return str(replace(recipe, frames=ANIMATION_FRAMES))


def recipe_id_for(db: Database, recipe: Recipe) -> int:
    """The recipe's number, given to it now where it has none; inside the caller's transaction."""
    found = find_recipe_id(db, recipe)
    if found is None:
        found = db.value(
            "INSERT INTO recipes (text, width_bits, version) VALUES (?, ?, ?) RETURNING id",
            (str(recipe), recipe.width_bits, recipe.version),
        )
    return int(found)


def find_recipe_id(db: Database, recipe: Recipe) -> int | None:
    """The recipe's number, None where it was never stored.

    Raises:
        RecipeMismatch: the same text and version were stored with another width.
    """
    rows = db.rows("SELECT id, width_bits FROM recipes WHERE text = ? AND version = ?", (str(recipe), recipe.version))
    if not rows:
        return None
    if rows[0][1] != recipe.width_bits:
        raise RecipeMismatch(
            f"{recipe} came with {recipe.width_bits} bits, the catalog {db.path!r} holds it with {rows[0][1]}: "
            "a recipe whose bits change needs a new version"
        )
    return int(rows[0][0])


def _ids_either_way(db: Database, recipe: Recipe) -> tuple[int | None, int | None]:
    """The numbers of *recipe* and of the one that goes with it for animations; None for what was never stored."""
    animated = db.value(
        "SELECT id FROM recipes WHERE text = ? AND version = ?", (animation_text(recipe), recipe.version)
    )
    return find_recipe_id(db, recipe), None if animated is None else int(animated)


def codes(db: Database, recipe: Recipe) -> RecipeCodes:
    """Everything of one recipe, ordered by content id and part, of contents that a present file holds."""
    # SQLite joins the columns itself, four times as fast as making 100,000 tuples of Python objects. Casting to BLOB
    # gives a text's bytes as they are (https://www.sqlite.org/lang_expr.html#castexpr), zero bytes among them.
    sql = (
        "SELECT group_concat(content_id), group_concat(part), CAST(group_concat(code, x'') AS BLOB),"
        " total(typeof(code) <> 'blob' OR length(code) <> ? OR typeof(content_id + part) <> 'integer')"
        " FROM fingerprints WHERE recipe_id = ?"
    )
    with db.reading(), rows_understood(db.path):
        token = state_token(db)
        ids_text, parts_text, joined, misfits = db.rows(sql, (recipe.bytes_per_code, find_recipe_id(db, recipe)))[0]
        ids, parts = _integers(ids_text), _integers(parts_text)
        if misfits:
            raise ValueError(f"{misfits:.0f} codes of {recipe} don't have {recipe.bytes_per_code} bytes")
        all_codes = np.frombuffer(joined or b"", dtype=np.uint8).reshape(len(ids), recipe.bytes_per_code)
        present = present_contents(db)
    kept = np.flatnonzero(is_in_sorted(ids, present))
    # The key's order, which an aggregate reads in but doesn't promise: the sort finds it sorted.
    kept = kept[np.lexsort((parts[kept], ids[kept]))]
    return RecipeCodes(ids[kept], parts[kept], all_codes[kept], token)


def codes_changed(db: Database, recipe: Recipe, since: bytes, most: int) -> CodesChanged | None:
    """What to change in the codes of the state *since*; None where that state isn't remembered, or for over *most*."""
    with db.reading(), rows_understood(db.path):
        token = state_token(db)
        contents = changed_since(db, since)
        if contents is None or len(contents) > most:
            return None
        rows = (
            db.rows(
                "SELECT content_id, part, code FROM fingerprints WHERE recipe_id = ?"
                " AND content_id IN (SELECT value FROM carray(?))"
                f" AND EXISTS (SELECT 1 FROM files WHERE files.content_id = fingerprints.content_id AND {PRESENT})"
                " ORDER BY content_id, part",
                (find_recipe_id(db, recipe), apsw.carray(contents)),
            )
            if len(contents)
            else []
        )
        misfits = sum(not isinstance(code, bytes) or len(code) != recipe.bytes_per_code for _, _, code in rows)
        if misfits:
            raise ValueError(f"{misfits} codes of {recipe} don't have {recipe.bytes_per_code} bytes")
        ids, parts = (np.array([row[column] for row in rows], dtype=np.int64) for column in (0, 1))
        joined = b"".join(code for _, _, code in rows)
    found = np.frombuffer(joined, dtype=np.uint8).reshape(len(rows), recipe.bytes_per_code)
    return CodesChanged(contents, RecipeCodes(ids, parts, found, token))


def present_contents(db: Database) -> Ids:
    """int64 (n,): ids of the contents that a present file holds, ascending."""
    with rows_understood(db.path):
        told, misfits = db.rows(
            "SELECT group_concat(content_id), total(typeof(content_id) <> 'integer')"
            f" FROM (SELECT DISTINCT content_id FROM files WHERE {PRESENT})"
        )[0]
        if misfits:
            raise ValueError("a file's content has no number")
        return np.sort(_integers(told))


def _integers(told: str | None) -> Ids:
    """The integers of a text such as ``1,2,3``; none of None, which is what joining no rows gives."""
    return np.array([], dtype=np.int64) if told is None else np.fromstring(told, dtype=np.int64, sep=",")


def is_in_sorted(values: Ids, ascending: Ids) -> NDArray[np.bool_]:
    """Whether each of *values* is among *ascending*: bool (n,)."""
    if not len(ascending):
        return np.zeros(len(values), dtype=np.bool_)
    places = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[places] == values
    return found


def fingerprint(db: Database, content_id: int, recipe: Recipe, recipe_id: int | None) -> Fingerprint:
    """One fingerprint, with the content's quality and marks; *recipe_id* is what `find_recipe_id` says of *recipe*.

    Raises:
        NotInCatalog: no such content, or it has no fingerprint of this recipe.
    """
    with rows_understood(db.path):
        rows = db.rows(
            "SELECT quality, marks, code FROM contents LEFT JOIN fingerprints ON content_id = contents.id"
            " AND recipe_id = ? WHERE contents.id = ? ORDER BY part",
            (recipe_id, content_id),
        )
        if rows and rows[0][2] is not None:
            quality, marks, _ = rows[0]
            return Fingerprint(recipe, tuple(code for _, _, code in rows), int(quality), tuple(json.loads(marks)))
    what = f"fingerprint {recipe} of content {content_id}" if rows else f"content {content_id}"
    raise NotInCatalog(f"the catalog {db.path!r} holds no {what}")


def find_by_hash(db: Database, digest: bytes, wanted: Sequence[Recipe]) -> int | None:
    """The id of the content with this hash where it has fingerprints of all recipes *wanted*, otherwise None."""
    if not wanted:  # one statement sees one moment by itself; workers ask this of every file
        found = db.value("SELECT id FROM contents WHERE hash = ?", (digest,))
        return None if found is None else int(found)
    with db.reading():
        content_id = db.value("SELECT id FROM contents WHERE hash = ?", (digest,))
        if content_id is None or lacking_recipes(db, np.array([content_id], dtype=np.int64), wanted):
            return None
        return int(content_id)


def missing_recipes(db: Database, content_ids: Ids, wanted: Sequence[Recipe]) -> dict[int, tuple[Recipe, ...]]:
    """For each of the contents that lacks some of the recipes *wanted*, which ones."""
    with db.reading():
        return lacking_recipes(db, content_ids, wanted)


def lacking_recipes(db: Database, content_ids: Ids, wanted: Sequence[Recipe]) -> dict[int, tuple[Recipe, ...]]:
    """`missing_recipes` inside the caller's transaction."""
    lacking: dict[int, tuple[Recipe, ...]] = {}
    asked = np.ascontiguousarray(content_ids, dtype=np.int64)
    if not len(asked):
        return lacking
    for recipe in wanted:
        rows = db.stream(
            "SELECT value FROM carray(?) WHERE NOT EXISTS"
            " (SELECT 1 FROM fingerprints WHERE recipe_id IN (?, ?) AND content_id = value AND part = 0)",
            (apsw.carray(asked), *_ids_either_way(db, recipe)),
        )
        for (content_id,) in rows:
            lacking[content_id] = (*lacking.get(content_id, ()), recipe)
    return lacking


def all_complete(db: Database, wanted: Sequence[Recipe]) -> bool:
    """Whether every content has fingerprints of all recipes *wanted*: counted, 0.1 s for 1,000,000 of each recipe."""
    contents = db.value("SELECT count(*) FROM contents")
    count = "SELECT count(*) FROM fingerprints WHERE recipe_id IN (?, ?) AND part = 0"
    return all(db.value(count, _ids_either_way(db, recipe)) == contents for recipe in wanted)
