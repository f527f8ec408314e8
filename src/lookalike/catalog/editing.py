"""Single pictures changed by hand: their attributes, and that they are forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lookalike.catalog.attribute_values import stored_text, stored_value, type_word
from lookalike.catalog.codes import PRESENT
from lookalike.catalog.database import Database
from lookalike.catalog.faults import rows_understood
from lookalike.catalog.pruning import prune_vanished
from lookalike.catalog.records import PruneReport
from lookalike.catalog.state_token import renew_state_token
from lookalike.errors import AttributesError, NotInCatalog


def change_attributes(db: Database, content_id: int, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set attributes of every present file of a content, those that are None removed; the first file's afterwards.

    Raises:
        NotInCatalog: no such content, or no file holds it. AttributesError: a name or a value can't be stored.
    """
    values = {stored_text(str(name), "attributes"): stored_value(value, name) for name, value in changes.items()}
    if "" in values:
        raise AttributesError("an attribute without a name came")
    with db.writing(), rows_understood(db.path):
        rows = db.rows(
            "SELECT files.id, coalesce(json, '{}') FROM files LEFT JOIN attributes ON file_id = files.id"
            f" WHERE content_id = ? AND {PRESENT} ORDER BY files.id",
            (content_id,),
        )
        if not rows:
            raise NotInCatalog(f"the catalog holds no image {content_id}")
        texts, first = [], None
        for file_id, told in rows:
            after = {name: value for name, value in {**json.loads(told), **values}.items() if value is not None}
            first = after if first is None else first
            texts.append((file_id, json.dumps(after, ensure_ascii=False, allow_nan=False)))
        db.execute_many(
            "INSERT INTO attributes (file_id, json) VALUES (?, ?)"
            " ON CONFLICT (file_id) DO UPDATE SET json = excluded.json",
            texts,
        )
        types = sorted({(name, type_word(value)) for name, value in values.items() if value is not None})
        db.execute_many("INSERT INTO attribute_types (name, type) VALUES (?, ?) ON CONFLICT DO NOTHING", types)
    return first or {}


def forget_content(db: Database, content_id: int) -> PruneReport:
    """Remove for good what is known of a content and its files. The files stay; a scan that finds them adds them anew.

    Raises:
        NotInCatalog: no such content.
    """
    with db.writing():
        paths = [path for (path,) in db.rows("SELECT path FROM files WHERE content_id = ?", (content_id,))]
        if not paths:
            raise NotInCatalog(f"the catalog holds no image {content_id}")
        db.execute(
            "UPDATE files SET vanished_scan_id = coalesce(vanished_scan_id, first_scan_id) WHERE content_id = ?",
            (content_id,),
        )
        renew_state_token(db, [content_id])
    return prune_vanished(db, paths)
