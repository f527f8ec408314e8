"""Attacks: what people do to pictures between two times that they are seen, seeded and in steps of strength."""

from lookalike.evaluation.attacks.base import Attack, Attacked, random_for
from lookalike.evaluation.attacks.registry import ATTACKS, find_attacks

__all__ = ["ATTACKS", "Attack", "Attacked", "find_attacks", "random_for"]
