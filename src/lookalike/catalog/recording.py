"""Writes what an indexer found: contents, fingerprints and the ledger, a batch in one transaction."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence

import apsw

from lookalike.catalog.codes import recipe_id_for
from lookalike.catalog.database import Database, signed
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.paths import innermost
from lookalike.catalog.records import RECORDED_OUTCOMES, ContentFacts, FileResult
from lookalike.catalog.scans import require_scan
from lookalike.catalog.state_token import renew_state_token
from lookalike.errors import CatalogError, NotInCatalog
from lookalike.model import Fingerprint, Recipe

HASH_BYTES = 32
"""BLAKE3-256."""


def record(db: Database, scan_id: int, results: Iterable[FileResult]) -> None:
    """Write *results*, all or none.

    Raises:
        CatalogError: a result contradicts itself. NotInCatalog: a scan or content that isn't there.
    """
    batch = list(results)
    for result in batch:
        _refuse_contradiction(result)
    now = int(time.time())
    with db.writing():
        require_scan(db, scan_id)
        roots = {bytes(path): root_id for path, root_id in db.rows("SELECT path, id FROM roots")}
        recipe_ids = _RecipeIds(db)
        changed = _contents_at(db, batch)
        for result in batch:
            content_id = _keep_content(db, recipe_ids, result)
            changed.add(content_id)
            root = innermost(result.path, roots)
            _keep_file(db, scan_id, now, result, content_id, None if root is None else roots[root])
        if batch:
            renew_state_token(db, changed)


def _contents_at(db: Database, results: Sequence[FileResult]) -> set[int | None]:
    """What the files of *results* held until now."""
    paths = tuple(result.path for result in results)
    if not paths:
        return set()
    sql = "SELECT content_id FROM files WHERE path IN (SELECT value FROM carray(?))"
    return {content_id for (content_id,) in db.rows(sql, (apsw.carray(paths),))}


class _RecipeIds(dict[Recipe, int]):
    """The numbers of the recipes met in one transaction, so that each is looked up once."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._db = db

    def __missing__(self, recipe: Recipe) -> int:
        self[recipe] = recipe_id_for(self._db, recipe)
        return self[recipe]


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
        _keep_fingerprints(db, _RecipeIds(db), content_id, fingerprints)


def _refuse_contradiction(result: FileResult) -> None:
    if result.outcome not in RECORDED_OUTCOMES:
        raise CatalogError(f"{result.path!r} came with outcome {result.outcome!r}, expected one of {RECORDED_OUTCOMES}")
    has_content = result.content is not None or result.content_id is not None
    if (result.outcome == "indexed") != has_content:
        raise CatalogError(
            f"{result.path!r} is {result.outcome}: content facts or an id come with indexed files, only with them"
        )
    if (result.outcome == "indexed") == bool(result.reason):
        raise CatalogError(
            f"{result.path!r} is {result.outcome}: a reason comes with every other outcome, only with those"
        )
    if result.fingerprints and not has_content:
        raise CatalogError(f"{result.path!r} came with fingerprints but without content")
    if not result.path.startswith(b"/"):
        raise CatalogError(f"{result.path!r} came, an absolute path was expected")
    if result.content is not None and len(result.content.hash) != HASH_BYTES:
        raise CatalogError(
            f"{result.path!r} came with a hash of {len(result.content.hash)} bytes, BLAKE3-256 has {HASH_BYTES}"
        )


def _keep_content(db: Database, recipe_ids: _RecipeIds, result: FileResult) -> int | None:
    if result.content is not None:
        made = _insert_content(db, result.content, result.fingerprints)
        if made is not None:
            _insert_codes(db, recipe_ids, made, result.fingerprints)
            return made
        known = db.value("SELECT id FROM contents WHERE hash = ?", (result.content.hash,))
        _keep_fingerprints(db, recipe_ids, known, result.fingerprints)
        return int(known)
    if result.content_id is None:
        return None
    if db.value("SELECT 1 FROM contents WHERE id = ?", (result.content_id,)) is None:
        raise NotInCatalog(f"{result.path!r} refers to content {result.content_id}, which {db.path!r} doesn't hold")
    _keep_fingerprints(db, recipe_ids, result.content_id, result.fingerprints)
    return result.content_id


def _insert_content(db: Database, facts: ContentFacts, fingerprints: Sequence[Fingerprint]) -> int | None:
    """The id of the content made now, None where there is one with its hash."""
    made = db.value(
        "INSERT INTO contents (hash, bytes, width, height, format, mode, frames, orientation, notes, quality, marks)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING RETURNING id",
        (
            facts.hash,
            facts.bytes,
            facts.width,
            facts.height,
            facts.format,
            facts.mode,
            facts.frames,
            facts.orientation,
            json.dumps(facts.notes),
            min((one.quality for one in fingerprints), default=None),
            json.dumps(sorted(set().union(*(one.marks for one in fingerprints)))),
        ),
    )
    return None if made is None else int(made)


def _insert_codes(db: Database, recipe_ids: _RecipeIds, content_id: int, fingerprints: Sequence[Fingerprint]) -> None:
    db.execute_many(
        "INSERT INTO fingerprints (recipe_id, content_id, part, code) VALUES (?, ?, ?, ?)",
        [
            (recipe_ids[fingerprint.recipe], content_id, part, code)
            for fingerprint in fingerprints
            for part, code in enumerate(fingerprint.parts)
        ],
    )


def _keep_fingerprints(
    db: Database, recipe_ids: _RecipeIds, content_id: int, fingerprints: Sequence[Fingerprint]
) -> None:
    """Replace those of the same recipes; inside the caller's transaction."""
    if not fingerprints:
        return
    for fingerprint in fingerprints:
        gone = (recipe_ids[fingerprint.recipe], content_id)
        db.execute("DELETE FROM fingerprints WHERE recipe_id = ? AND content_id = ?", gone)
    _insert_codes(db, recipe_ids, content_id, fingerprints)
    quality, marks = db.rows("SELECT quality, marks FROM contents WHERE id = ?", (content_id,))[0]
    with rows_understood(db.path):
        known_marks = set(json.loads(marks))
    least = min([one.quality for one in fingerprints] + ([] if quality is None else [quality]))
    all_marks = known_marks.union(*(one.marks for one in fingerprints))
    if least != quality or all_marks != known_marks:
        db.execute(
            "UPDATE contents SET quality = ?, marks = ? WHERE id = ?",
            (least, json.dumps(sorted(all_marks)), content_id),
        )


def _keep_file(
    db: Database, scan_id: int, now: int, result: FileResult, content_id: int | None, root_id: int | None
) -> None:
    stat = result.stat
    file_id = db.value(
        "INSERT INTO files (path, root_id, content_id, size, mtime_ns, ctime_ns, device, inode, outcome,"
        " reason, detail,"
        " first_scan_id, first_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (path) DO UPDATE SET root_id = excluded.root_id, content_id = excluded.content_id, size ="
        " excluded.size,"
        " mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, device = excluded.device, inode = excluded.inode,"
        " outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail, vanished_scan_id = NULL"
        " RETURNING id",
        (
            result.path,
            root_id,
            content_id,
            stat.size,
            stat.mtime_ns,
            stat.ctime_ns,
            signed(stat.device),
            signed(stat.inode),
            result.outcome,
            result.reason,
            result.detail,
            scan_id,
            now,
        ),
    )
    db.execute(
        "INSERT INTO sightings (file_id, scan_id, unchanged) VALUES (?, ?, 0) ON CONFLICT (file_id) DO UPDATE"
        " SET scan_id = max(scan_id, excluded.scan_id), unchanged = 0",
        (file_id, scan_id),
    )
