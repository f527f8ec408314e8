"""A result's JSON shape."""

from dataclasses import asdict

from lookalike.jobs.search_result import match_as_dict
from lookalike.model import Match, Reason, Region


def test_a_match_as_json_is_what_its_fields_say():
    part = Region(0.1, 0.2, 0.3, 0.4)
    reasons = (Reason("parts", 3, 64, "mirrored", part, part, 0.5, verified=True), Reason("whash", 5, 64))
    told = Match(7, "a.jpg", 3, {"whash": 3}, 0.25, {"price": 5}, ("a.jpg",), reasons=reasons, region=part)
    for match in (told, Match(8, "b.jpg", 0, {}, 0.0)):
        assert match_as_dict(match) == asdict(match)
