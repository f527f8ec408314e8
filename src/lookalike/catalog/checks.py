"""Examines the catalog for ``doctor``: SQLite's own check, and what must hold between our tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lookalike.catalog.database import Database
from lookalike.catalog.summaries import CheckReport

EXAMPLES = 20
"""Problems told of each kind; the rest would only repeat them."""

INVARIANTS = {
    "fingerprint of content {1} by recipe {0} has a code of {3} bytes (part {2}), {4} were expected": (
        "SELECT text, content_id, part, length(code), (width_bits + 7) / 8 FROM fingerprints"
        " JOIN recipes ON recipes.id = recipe_id WHERE typeof(code) <> 'blob' OR length(code) <> (width_bits + 7) / 8"
    ),
    "fingerprint of content {1} by recipe {0} lacks some of its parts": (
        "SELECT text, content_id FROM fingerprints JOIN recipes ON recipes.id = recipe_id"
        " GROUP BY recipe_id, content_id HAVING min(part) <> 0 OR max(part) <> count(*) - 1"
    ),
    "content {0} has a hash of {1} bytes, 32 were expected": (
        "SELECT id, length(hash) FROM contents WHERE length(hash) <> 32"
    ),
    "content {0} has notes or marks that aren't JSON lists": (
        "SELECT id FROM contents WHERE NOT json_valid(notes) OR NOT json_valid(marks)"
        " OR json_type(notes) <> 'array' OR json_type(marks) <> 'array'"
    ),
    "content {0} has quality {1}, 0 to 100 was expected": (
        "SELECT id, quality FROM contents WHERE quality NOT BETWEEN 0 AND 100"
    ),
    "file {0} has attributes that aren't a JSON object": (
        "SELECT file_id FROM attributes WHERE json_type(json) <> 'object'"
    ),
    "file {0} was never seen by a scan": "SELECT id FROM files WHERE id NOT IN (SELECT file_id FROM sightings)",
    "file {0} has no absolute path": (
        "SELECT id FROM files WHERE typeof(path) <> 'blob' OR substr(path, 1, 1) <> x'2F'"
    ),
}
"""Sentence: query. Each row that the query finds is a problem, and fills the sentence."""


def check(db: Database) -> CheckReport:
    """Everything that is wrong, as sentences. Reads the whole file: about a second for 100 MB.

    Raises:
        CatalogDamaged: too broken to be read to the end.
    """
    problems: list[str] = []
    with db.reading():
        told = [str(line) for (line,) in db.rows(f"PRAGMA integrity_check({EXAMPLES})")]
        if told != ["ok"]:
            # The queries below would follow broken pages.
            return CheckReport(tuple(f"SQLite: {line}" for line in told))
        for table, row_id, parent, _ in db.rows("PRAGMA foreign_key_check"):
            problems.append(f"row {row_id} of table {table} refers to a row of {parent} that isn't there")
        for sentence, query in INVARIANTS.items():
            problems.extend(sentence.format(*row) for row in db.rows(f"{query} LIMIT {EXAMPLES}"))
        problems.extend(islice(_padding_problems(db), EXAMPLES))
    return CheckReport(tuple(problems))


def _padding_problems(db: Database) -> Iterator[str]:
    """Codes are padded with zero bits; others would count as distance."""
    rows = db.stream(
        "SELECT text, content_id, width_bits, code FROM fingerprints JOIN recipes ON recipes.id = recipe_id"
        " WHERE width_bits % 8 <> 0 AND typeof(code) = 'blob' AND length(code) = (width_bits + 7) / 8"
    )
    for text, content_id, width_bits, code in rows:
        if code[-1] & (0xFF >> width_bits % 8):
            yield f"fingerprint of content {content_id} by recipe {text} has bits set beyond its {width_bits}"
