"""What a picture probably is: a vote of the pictures nearest to it, attribute by attribute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lookalike.model import Match

MOST_DISTINCT = 0.5  # where more than half of the voters have a value of their own it is a name, not a kind

LEAST_TOLD = 0.5  # what fewer than half of them tell at all is no election


@dataclass(frozen=True, slots=True)
class Vote:
    """The value of *attribute* that most of the nearest pictures have: *votes* of the *of* that have any."""

    attribute: str
    value: str | bool
    votes: int
    of: int

    @property
    def share(self) -> float:
        return self.votes / self.of


def vote_attributes(matches: Sequence[Match], attributes: Sequence[str] | None = None) -> list[Vote]:
    """One vote for each of *attributes*, or for each text that isn't a name of single pictures; clearest first.

    Each match has one voice. Among equals the value of the nearest match wins. What no match has gets no vote.
    """
    names = dict.fromkeys(name for match in matches for name in match.attributes) if attributes is None else attributes
    votes = []
    for name in names:
        values = [value for match in matches if isinstance(value := match.attributes.get(name), str | bool)]
        if not values or (attributes is None and len(values) < LEAST_TOLD * len(matches)):
            continue
        counts = Counter(values)  # keeps the order of first sight, which most_common() keeps among equals
        value, most = counts.most_common(1)[0]
        if attributes is None and len(values) > 1 and len(counts) > MOST_DISTINCT * len(values):
            continue
        votes.append(Vote(name, value, most, len(values)))
    return sorted(votes, key=lambda vote: -vote.share) if attributes is None else votes
