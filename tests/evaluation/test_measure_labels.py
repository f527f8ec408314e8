"""Precision by a label, against sorting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.assembly import Catalog
from lookalike.errors import EvaluationError, SearchError
from lookalike.evaluation.measure_labels import LabelReport
from lookalike.settings import Settings

COUNT = 30


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Random blots with a label for most, by four photographers."""
    folder = tmp_path_factory.mktemp("blots")
    random = np.random.default_rng(7)
    lines = ["image,kind,sender"]
    for number in range(COUNT):
        small = random.integers(0, 256, (6, 6, 3)).astype(np.uint8)
        Image.fromarray(small).resize((120, 120), Image.Resampling.BICUBIC).save(folder / f"{number:02}.png")
        lines.append(f"{number:02}.png,{['a', 'b', 'c', ''][number * 7 % 11 % 4]},{number % 4}")
    (folder / "items.csv").write_text("\n".join(lines) + "\n")
    with Catalog(folder / "own.lookalike", settings=Settings(workers=1)) as catalog:
        catalog.index(folder, fingerprints="dhash,phash", attributes=folder / "items.csv")
        yield catalog


def report_of(catalog, truth, **options):
    *_, report = catalog.label_events(truth, **options)
    assert isinstance(report, LabelReport)
    return report


def by_hand(catalog, recipe, k, group):
    """label -> one precision a picture, and one chance."""
    store = catalog.store
    records = [one for one in store.contents(store.present_contents()) if one.attributes.get("kind")]
    prints = {one.id: store.fingerprint(one.id, recipe) for one in records}
    found = {}
    for one in records:
        others = [
            other
            for other in records
            if other.id != one.id and (group is None or other.attributes[group] != one.attributes[group])
        ]
        others.sort(key=lambda other: (prints[one.id].distance(prints[other.id]), other.id))
        same = [other.attributes["kind"] == one.attributes["kind"] for other in others]
        found.setdefault(one.attributes["kind"], []).append((np.mean(same[:k]), np.mean(same)))
    return found


@pytest.mark.parametrize("group", [None, "sender"])
@pytest.mark.parametrize("k", [1, 4, 100])
def test_precision_and_chance_are_those_of_sorting_by_hand(made, k, group):
    report = report_of(made, "kind", k=k, not_same=group)
    for recipe in made.recipes:
        expected = by_hand(made, recipe, k, group)
        assert {row.label for row in report.rows} == set(expected)
        for row in report.rows:
            precision, chance = np.mean(expected[row.label], axis=0)
            assert row.precision[str(recipe)] == pytest.approx(precision, abs=1e-6)
            assert (row.chance, row.pictures) == (pytest.approx(chance, abs=1e-6), len(expected[row.label]))
        everything = np.mean([pair for pairs in expected.values() for pair in pairs], axis=0)
        assert report.whole.precision[str(recipe)] == pytest.approx(everything[0], abs=1e-6)
        means = [np.mean([precise for precise, _ in pairs]) for pairs in expected.values()]
        assert report.mean_of_labels.precision[str(recipe)] == pytest.approx(np.mean(means), abs=1e-6)


def test_leaving_out_a_group_changes_what_is_found(made):
    plain, without = report_of(made, "kind", k=3), report_of(made, "kind", k=3, not_same="sender")
    assert plain.whole.precision != without.whole.precision


def test_pictures_without_the_label_neither_ask_nor_are_found(made):
    report = report_of(made, "kind", k=3)
    assert report.unlabelled == COUNT - report.whole.pictures > 0


def test_where_all_others_are_of_the_same_group_there_is_nothing_to_find(made):
    report = report_of(made, "sender", k=3, not_same="sender")
    assert all(precision == 0 for row in report.rows for precision in row.precision.values())
    alone = report_of(made, "kind", k=3, not_same="kind")
    assert alone.whole.chance == 0


def test_what_cannot_be_measured_is_told(made):
    with pytest.raises(EvaluationError, match="'brand'"):
        report_of(made, "brand")
    with pytest.raises(EvaluationError, match="'shop'"):
        report_of(made, "kind", not_same="shop")
    with pytest.raises(SearchError, match="k"):
        report_of(made, "kind", k=0)
