"""The whole measurement, against doing it by hand; and askers of every kind."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
import pytest

import lookalike
from lookalike.errors import EvaluationError, NotInCatalog
from lookalike.evaluation.askers import Answer, FindAsker, ScorerAsker
from lookalike.evaluation.attack_pictures import QueryPicture, judge, load_original
from lookalike.evaluation.attacks import ATTACKS, random_for
from lookalike.evaluation.measure_recall import EvaluationProgress, RecallPlan, measure_recall
from lookalike.evaluation.recall_report import RecallReport
from lookalike.execution import Control, LocalExecutor
from lookalike.images import Limits
from lookalike.measuring import OpenSearch
from lookalike.model import Match

PLAN = RecallPlan(5, 3, ("jpeg", "crop", "mirror"), 2_000)


def last(events):
    *progress, report = events
    assert all(isinstance(event, EvaluationProgress) for event in progress)
    assert isinstance(report, RecallReport)
    return report


@pytest.fixture(scope="module")
def report(shop_catalog):
    return last(shop_catalog.evaluate_events(PLAN, by="dhash", default_search=False))


def test_recall_is_what_doing_it_by_hand_gives(report, shop_catalog):
    drawn = shop_catalog.sample(5, seed=3)
    records = shop_catalog.store.contents(shop_catalog.store.present_contents())
    names = {one.id: one.paths[0].rsplit("/", 1)[1] for one in records}
    family = {one.id: str(one.attributes.get("copy_of") or names[one.id]) for one in records}
    held = {one.id: lookalike.fingerprint(one.paths[0], "dhash") for one in records}
    true, false = {}, []
    for picture in drawn:
        original = load_original(picture.path, Limits(), 1_000_000)
        for attack in PLAN.attacks:
            for step in ATTACKS[attack].steps:
                random = random_for(3, attack, step, names[picture.id])
                asked = lookalike.fingerprint(ATTACKS[attack].change(original, step, random), "dhash")
                true.setdefault((attack, step), []).append(asked.distance(held[picture.id]))
                false += [asked.distance(held[one]) for one in held if family[one] != family[picture.id]]
    allowed = len(false) * 2_000 // 1_000_000
    limit = max(limit for limit in {*false, 65} if sum(bits < limit for bits in false) <= allowed)
    (figures,) = report.askers
    assert figures.threshold == (limit, sum(bits < limit for bits in false), allowed, len(false))
    for cell in report.cells:
        assert cell.within.found == sum(bits < limit for bits in true[cell.attack, cell.step]), cell
        assert cell.within.asked == 5
    assert figures.within.found == sum(bits < limit for column in true.values() for bits in column)
    assert 0 < figures.within.share < 1


def test_the_report_counts_what_it_stands_on(report, shop_catalog):
    told = report.as_dict()
    assert (told["pictures"], told["distractors"], told["seed"]) == (5, 23, 3)
    assert told["attacks"]["crop"]["how"][0] == "1 % of width and height cut off, evenly"
    assert {cell["asker"] for cell in told["cells"]} == {"dhash"}
    assert told["askers"][0]["by_attack"]["jpeg"]["asked"] == 25
    assert told["askers"][0]["by_attack"]["jpeg"]["share"] > told["askers"][0]["by_attack"]["mirror"]["share"]
    assert told["askers"][0]["curve"][0].keys() == {"score", "recall", "precision", "false_rate"}


def test_the_same_seed_gives_the_same_report_whatever_is_measured_beside(report, shop_catalog):
    again = last(shop_catalog.evaluate_events(PLAN, by="dhash,phash"))
    assert [figures.asker for figures in again.askers] == ["default search", "dhash", "phash"]
    assert again.askers[1] == report.askers[0]


def test_the_default_search_is_asked_as_a_user_asks(shop_catalog, photo):
    asker = FindAsker("search", OpenSearch(type(shop_catalog), shop_catalog.path, shop_catalog.settings), k=5)
    answer = asker.ask(photo)["search"]
    assert answer.ids.tolist() == [match.id for match in shop_catalog.search(photo, k=5)]
    assert answer.scores.tolist() == sorted(answer.scores.tolist())
    assert not answer.complete


def test_parts_are_measured_as_they_are_searched_by(shop_catalog, tmp_path):
    folder = os.path.dirname(shop_catalog.sample(1)[0].path)
    with lookalike.Catalog(tmp_path / "parts.lookalike", settings=shop_catalog.settings) as catalog:
        catalog.index(folder, fingerprints=["parts", "dhash"])
        report = last(catalog.evaluate_events(RecallPlan(4, 0, ("crop",)), by="parts,dhash", default_search=False))
    parts, whole = report.askers
    assert (parts.asker, whole.asker) == ("parts", "dhash")
    assert parts.first.share > 0.8 > whole.first.share


def test_a_source_is_first_only_where_no_unrelated_picture_is_as_near():
    query = QueryPicture(7, "a.jpg", frozenset({9}))
    ids = np.array([7, 8, 9, 10])
    tied = judge(Answer(ids, np.array([3.0, 3.0, 1.0, 9.0])), query, 2)
    assert tied[0] == (3.0, 2)
    assert (tied[1].values.tolist(), tied[1].pairs) == ([3.0, 9.0], 2)  # 9 is kin: neither found nor false
    assert judge(Answer(ids, np.array([3.0, 4.0, 1.0, 9.0])), query, 2)[0] == (3.0, 1)


def test_what_an_answer_does_not_list_is_no_nearer_than_its_last():
    once, false = judge(Answer(np.array([8, 10]), np.array([1.0, 4.0]), complete=False), QueryPicture(7, "a.jpg"), 50)
    assert once == (np.inf, 0)
    assert (false.values.tolist(), false.pairs, false.bound) == ([1.0], 50, 4.0)
    nothing, counts = judge(None, QueryPicture(7, "a.jpg"), 50)
    assert (nothing, counts.pairs, counts.bound) == ((np.inf, 0), 50, np.inf)


def test_scores_of_which_more_is_better_are_turned_round():
    answer = ScorerAsker("likeness", lambda picture: {4: 0.9, 2: 0.1}, higher_is_better=True).ask(b"")["likeness"]
    assert answer.ids[np.argsort(answer.scores)].tolist() == [4, 2]


def test_a_search_that_tells_chance_is_scored_by_it_and_else_by_its_own_score():
    match = Match(id=3, path="a", distance=2, distances={}, score=0.25, expected=0.001)
    for found, score in ((match, 0.001), (dataclasses.replace(match, expected=None), 0.25)):
        answer = FindAsker("search", lambda found=found: lambda picture, k: [found]).ask(b"")["search"]
        assert (answer.ids.tolist(), answer.scores.tolist(), answer.complete) == ([3], [score], True)


def test_stopping_ends_it_with_what_was_done(shop_catalog):
    control = Control()
    control.stop()
    store = shop_catalog.store
    picture = shop_catalog.sample(1)[0]
    asker = ScorerAsker("none", len)
    report = last(
        measure_recall(
            store,
            [QueryPicture(picture.id, picture.path)],
            [asker],
            PLAN,
            LocalExecutor(1),
            limits=Limits(),
            control=control,
        )
    )
    assert (report.stopped, report.pictures) == (True, 0)


def test_two_askers_of_one_name_are_refused(shop_catalog):
    askers = [ScorerAsker("one", len), ScorerAsker("one", len)]
    with pytest.raises(EvaluationError, match="a name of its own"):
        list(measure_recall(shop_catalog.store, [], askers, PLAN, LocalExecutor(1), limits=Limits()))


def test_plans_that_make_no_sense_are_refused(shop_catalog):
    with pytest.raises(EvaluationError, match="no attack"):
        RecallPlan(attacks=("melt",))
    with pytest.raises(EvaluationError, match="of a million"):
        RecallPlan(false_per_million=-1)
    with pytest.raises(NotInCatalog, match="whash"):
        list(shop_catalog.evaluate_events(PLAN, by="whash"))


def test_a_picture_that_is_gone_is_told_with_its_reason_and_the_others_are_measured(shop_catalog):
    picture = shop_catalog.sample(1)[0]
    queries = [QueryPicture(picture.id, picture.path), QueryPicture(999, "/nowhere/gone.jpg")]
    plan = RecallPlan(2, 0, ("mirror",))
    asker = FindAsker("search", OpenSearch(type(shop_catalog), shop_catalog.path, shop_catalog.settings))
    report = last(measure_recall(shop_catalog.store, queries, [asker], plan, LocalExecutor(1), limits=Limits()))
    assert report.pictures == 1
    assert len(report.failures) == 1
    assert "/nowhere/gone.jpg" in report.failures[0]
    with pytest.raises(EvaluationError, match=r"none of the 1 .*gone\.jpg"):
        list(measure_recall(shop_catalog.store, queries[1:], [asker], plan, LocalExecutor(1), limits=Limits()))
