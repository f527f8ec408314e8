"""What is known of each image: one SQLite file, the truth that every index can be rebuilt from."""

from __future__ import annotations

from lookalike.catalog.attribute_tables import AttributeTable, read_attributes
from lookalike.catalog.attributes import AttributeReport
from lookalike.catalog.browsing import Facet
from lookalike.catalog.codes import CodesChanged, RecipeCodes
from lookalike.catalog.records import (
    OUTCOMES,
    ContentFacts,
    ContentRecord,
    FileRecord,
    FileResult,
    FileStamp,
    FileStat,
    LedgerEntry,
    Outcome,
    PruneCount,
    PruneReport,
    VanishReport,
)
from lookalike.catalog.store import Store
from lookalike.catalog.summaries import CheckReport, RecipeRecord, Statistics

__all__ = [
    "OUTCOMES",
    "AttributeReport",
    "AttributeTable",
    "CheckReport",
    "CodesChanged",
    "ContentFacts",
    "ContentRecord",
    "Facet",
    "FileRecord",
    "FileResult",
    "FileStamp",
    "FileStat",
    "LedgerEntry",
    "Outcome",
    "PruneCount",
    "PruneReport",
    "RecipeCodes",
    "RecipeRecord",
    "Statistics",
    "Store",
    "VanishReport",
    "read_attributes",
]
