"""Writes what an indexer found: contents, fingerprints and the ledger, a batch in one transaction.

What is new, which is nearly everything in a first run, goes in by a few statements with many rows, under numbers given
out here; what the catalog knows already is looked up for the whole batch at once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import apsw
import numpy as np

from lookalike.catalog.codes import recipe_id_for
from lookalike.catalog.database import Database, signed
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.paths import innermost
from lookalike.catalog.records import RECORDED_OUTCOMES, ContentFacts, FileResult
from lookalike.catalog.scans import require_scan
from lookalike.catalog.state_token import renew_state_token
from lookalike.errors import CatalogError, NotInCatalog
from lookalike.model import Fingerprint, Ids, Recipe

HASH_BYTES = 32
"""BLAKE3-256."""


def record(db: Database, scan_id: int, results: Iterable[FileResult]) -> list[int]:
    """Write *results*, all or none; the numbers of their files.

    Raises:
        CatalogError: a result contradicts itself. NotInCatalog: a scan or content that isn't there.
    """
    batch = list(results)
    for result in batch:
        _refuse_contradiction(result)
    with db.writing():
        require_scan(db, scan_id)
        if not batch:
            return []
        changed = _contents_at(db, batch)
        content_ids = _keep_contents(db, _RecipeIds(db), batch)
        file_ids = _keep_files(db, scan_id, batch, content_ids)
        renew_state_token(db, changed.union(content_ids))
        return file_ids


def _contents_at(db: Database, batch: Sequence[FileResult]) -> set[int | None]:
    """What the files of *batch* held until now."""
    rows = _rows_by(db, "files.content_id", "files", "path", tuple(result.path for result in batch))
    return {content_id for (content_id,) in rows}


class _RecipeIds(dict[Recipe, int]):
    """The numbers of the recipes met in one transaction, so that each is looked up once."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._db = db

    def __missing__(self, recipe: Recipe) -> int:
        self[recipe] = recipe_id_for(self._db, recipe)
        return self[recipe]


class _RootIds(dict[bytes, int | None]):
    """The number of the innermost root that holds a folder (with its last slash), found once for each folder."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._roots = {bytes(path): int(root_id) for path, root_id in db.rows("SELECT path, id FROM roots")}

    def of(self, path: bytes) -> int | None:
        """The number of the root of the file *path*, which may be a root itself."""
        return self._roots[path] if path in self._roots else self[path[: path.rfind(b"/") + 1]]

    def __missing__(self, folder: bytes) -> int | None:
        root = innermost(folder, self._roots)
        self[folder] = None if root is None else self._roots[root]
        return self[folder]


def add_fingerprints(db: Database, content_id: int, fingerprints: Sequence[Fingerprint]) -> None:
    """Write fingerprints of a content that is there already; those of the same recipes are replaced.

    Raises:
        NotInCatalog: no such content.
    """
    with db.writing():
        if db.value("SELECT 1 FROM contents WHERE id = ?", (content_id,)) is None:
            raise NotInCatalog(f"the catalog {db.path!r} holds no content {content_id}")
        if fingerprints:
            renew_state_token(db, [content_id])
        _replace_fingerprints(db, _RecipeIds(db), content_id, fingerprints)


def _refuse_contradiction(result: FileResult) -> None:
    path, _, outcome, reason, _, content, content_id, fingerprints = result
    if outcome not in RECORDED_OUTCOMES:
        raise CatalogError(f"{path!r} came with outcome {outcome!r}, expected one of {RECORDED_OUTCOMES}")
    has_content = content is not None or content_id is not None
    if (outcome == "indexed") != has_content:
        raise CatalogError(f"{path!r} is {outcome}: content facts or an id come with indexed files, only with them")
    if (outcome == "indexed") == bool(reason):
        raise CatalogError(f"{path!r} is {outcome}: a reason comes with every other outcome, only with those")
    if fingerprints and not has_content:
        raise CatalogError(f"{path!r} came with fingerprints but without content")
    if not path.startswith(b"/"):
        raise CatalogError(f"{path!r} came, an absolute path was expected")
    if content is not None and len(content.hash) != HASH_BYTES:
        raise CatalogError(f"{path!r} came with a hash of {len(content.hash)} bytes, BLAKE3-256 has {HASH_BYTES}")


def _keep_contents(db: Database, recipe_ids: _RecipeIds, batch: Sequence[FileResult]) -> list[int | None]:
    """Write contents and fingerprints; for each of *batch* the id of its content, None where it has none."""
    _refuse_unknown_contents(db, batch)
    known = _ids_by(db, "contents", "hash", [result.content.hash for result in batch if result.content is not None])
    next_id = _next_id(db, "contents")
    contents: list[tuple[Any, ...]] = []
    codes: list[tuple[int, int, int, bytes]] = []
    met_again: list[tuple[int, Sequence[Fingerprint]]] = []
    content_ids: list[int | None] = []
    for result in batch:
        facts, content_id = result.content, result.content_id
        if facts is not None:
            content_id = known.get(facts.hash)
            if content_id is None:
                content_id = known[facts.hash] = next_id
                next_id += 1
                contents.append(_content_row(content_id, facts, result.fingerprints))
                for fingerprint in result.fingerprints:
                    recipe_id = recipe_ids[fingerprint.recipe]
                    for part, code in enumerate(fingerprint.parts):
                        codes.append((recipe_id, content_id, part, code))
            elif result.fingerprints:
                met_again.append((content_id, result.fingerprints))
        elif content_id is not None and result.fingerprints:
            met_again.append((content_id, result.fingerprints))
        content_ids.append(content_id)
    db.execute_many(
        "INSERT INTO contents (id, hash, bytes, width, height, format, mode, frames, orientation, notes, quality,"
        " marks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        contents,
    )
    codes.sort()  # the key's order: neighbours are written to the same page
    _insert_codes(db, codes)
    for content_id, fingerprints in met_again:
        _replace_fingerprints(db, recipe_ids, content_id, fingerprints)
    return content_ids


def _refuse_unknown_contents(db: Database, batch: Sequence[FileResult]) -> None:
    referred = {result.content_id: result for result in batch if result.content_id is not None}
    for content_id in sorted(unknown_contents(db, referred)):
        path = referred[content_id].path
        raise NotInCatalog(f"{path!r} refers to content {content_id}, which {db.path!r} doesn't hold")


def unknown_contents(db: Database, content_ids: Iterable[int]) -> set[int]:
    """Those of *content_ids* that the catalog doesn't hold."""
    wanted = set(content_ids)
    return wanted - {found for (found,) in _rows_by(db, "contents.id", "contents", "id", _int64s(wanted))}


def _rows_by(db: Database, columns: str, table: str, key: str, values: tuple[bytes, ...] | Ids) -> list[Any]:
    """Rows of *table* whose *key* is one of *values*."""
    if not len(values):
        return []
    # CROSS JOIN: SQLite takes the array as the outer loop and looks each value up, rather than read the table.
    return db.rows(
        f"SELECT {columns} FROM carray(?) AS wanted CROSS JOIN {table} ON {table}.{key} = wanted.value",
        (apsw.carray(values),),
    )


def _int64s(numbers: Iterable[int]) -> Ids:
    return np.fromiter(numbers, dtype=np.int64)


def _ids_by(db: Database, table: str, key: str, values: Sequence[bytes]) -> dict[bytes, int]:
    """Ids of the rows of *table* whose *key* is one of *values*, by that."""
    with rows_understood(db.path):
        return dict(_rows_by(db, f"{table}.{key}, {table}.id", table, key, tuple(values)))


def _next_id(db: Database, table: str) -> int:
    """A number above all that rows of *table* have or had: whoever still holds one of a row that was pruned must find
    nothing by it, never another picture.
    """
    used = f"SELECT max(id) AS id FROM {table} UNION ALL SELECT highest FROM numbers WHERE name = ?"
    return int(db.value(f"SELECT coalesce(max(id), 0) + 1 FROM ({used})", (table,)))


def _content_row(content_id: int, facts: ContentFacts, fingerprints: Sequence[Fingerprint]) -> tuple[Any, ...]:
    digest, length, width, height, format_, mode, frames, orientation, notes = facts
    marks = fingerprints[0].marks if len(fingerprints) == 1 else _united(fingerprints)
    return (
        content_id,
        digest,
        length,
        width,
        height,
        format_,
        mode,
        frames,
        orientation,
        _json_list(notes),
        min((one.quality for one in fingerprints), default=None),
        _json_list(tuple(sorted(marks))),
    )


def _united(fingerprints: Sequence[Fingerprint]) -> Iterable[str]:
    return set().union(*(one.marks for one in fingerprints))


@lru_cache(maxsize=256)
def _json_list(words: tuple[str, ...]) -> str:
    """*words* as JSON; a folder's pictures have few different notes and marks."""
    return json.dumps(words)


def _insert_codes(db: Database, codes: Sequence[tuple[int, int, int, bytes]]) -> None:
    db.execute_many("INSERT INTO fingerprints (recipe_id, content_id, part, code) VALUES (?, ?, ?, ?)", codes)


def _replace_fingerprints(
    db: Database, recipe_ids: _RecipeIds, content_id: int, fingerprints: Sequence[Fingerprint]
) -> None:
    """Put them in the place of those of the same recipes; inside the caller's transaction."""
    if not fingerprints:
        return
    for fingerprint in fingerprints:
        gone = (recipe_ids[fingerprint.recipe], content_id)
        db.execute("DELETE FROM fingerprints WHERE recipe_id = ? AND content_id = ?", gone)
    _insert_codes(
        db,
        [
            (recipe_ids[fingerprint.recipe], content_id, part, code)
            for fingerprint in fingerprints
            for part, code in enumerate(fingerprint.parts)
        ],
    )
    quality, marks = db.rows("SELECT quality, marks FROM contents WHERE id = ?", (content_id,))[0]
    with rows_understood(db.path):
        known_marks = set(json.loads(marks))
    least = min([one.quality for one in fingerprints] + ([] if quality is None else [quality]))
    all_marks = known_marks.union(*(one.marks for one in fingerprints))
    if least != quality or all_marks != known_marks:
        db.execute(
            "UPDATE contents SET quality = ?, marks = ? WHERE id = ?",
            (least, _json_list(tuple(sorted(all_marks))), content_id),
        )


def _keep_files(
    db: Database, scan_id: int, batch: Sequence[FileResult], content_ids: Sequence[int | None]
) -> list[int]:
    """Write the ledger's rows of *batch*, whose contents are *content_ids*; the rows' numbers."""
    known = _ids_by(db, "files", "path", [result.path for result in batch])
    next_id = _next_id(db, "files")
    now = int(time.time())
    root_ids = _RootIds(db)
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    file_ids: list[int] = []
    for result, content_id in zip(batch, content_ids, strict=True):
        path, stat, outcome, reason, detail, _, _, _ = result
        size, mtime_ns, ctime_ns, device, inode = stat
        root_id = root_ids.of(path)
        facts = (
            root_id,
            content_id,
            size,
            mtime_ns,
            ctime_ns,
            signed(device),
            signed(inode),
            outcome,
            reason,
            detail,
        )
        file_id = known.get(path)
        if file_id is None:
            file_id = known[path] = next_id
            next_id += 1
            new.append((file_id, path, *facts, scan_id, now))
        else:
            changed.append((*facts, file_id))
        file_ids.append(file_id)
    db.execute_many(
        "INSERT INTO files (id, path, root_id, content_id, size, mtime_ns, ctime_ns, device, inode, outcome, reason,"
        " detail, first_scan_id, first_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        new,
    )
    db.execute_many(
        "UPDATE files SET root_id = ?, content_id = ?, size = ?, mtime_ns = ?, ctime_ns = ?, device = ?, inode = ?,"
        " outcome = ?, reason = ?, detail = ?, vanished_scan_id = NULL WHERE id = ?",
        changed,
    )
    db.execute(
        "INSERT INTO sightings (file_id, scan_id, unchanged) SELECT value, ?, 0 FROM carray(?) WHERE true"
        " ON CONFLICT (file_id) DO UPDATE SET scan_id = max(scan_id, excluded.scan_id), unchanged = 0",
        (scan_id, apsw.carray(_int64s(file_ids))),
    )
    return file_ids
