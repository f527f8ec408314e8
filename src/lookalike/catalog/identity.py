"""Inodes and devices have 64 bits without a sign, SQLite's integers have one: they are stored as the same 64 bits."""

from __future__ import annotations

UNSIGNED_BITS = 2**64 - 1


def signed(number: int) -> int:
    """*number* as SQLite can hold it; ``signed(number) & UNSIGNED_BITS`` is *number* again."""
    return number - 2**64 if number >= 2**63 else number
