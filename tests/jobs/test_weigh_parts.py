from __future__ import annotations

import numpy as np
import pytest

import lookalike
from lookalike.errors import RecipeError
from lookalike.fingerprints import parse_recipe
from lookalike.fingerprints.code_parts import check_weights, parts_of, read_weights
from lookalike.jobs import weigh_parts as job
from lookalike.jobs.weigh_parts import weigh_parts

LOOK = parse_recipe("look")
PARTS = parts_of(LOOK)


def words_of(count, seed=0):
    # few values, so that scores tie
    return np.random.default_rng(seed).choice(np.array([0, 1, 3, 2**63], np.uint64), (count, 16))


def slowly(words, query, weights, k, rows):
    scored = []
    for row in rows:
        shape, colour = (
            sum(int(a ^ b).bit_count() for a, b in zip(words[row][held], query[held], strict=True))
            for held in (slice(0, 12), slice(12, 16))
        )
        scored.append((weights[0] * shape / 768 + weights[1] * colour / 256, int(row), [shape, colour]))
    return sorted(scored)[:k]


@pytest.mark.parametrize("weights", [(0.7, 0.3), (1, 0), (0, 2), (5, 5)])
@pytest.mark.parametrize("k", [1, 9, 400])
def test_the_nearest_are_those_of_the_formula_and_ties_go_to_the_lower_row(monkeypatch, weights, k):
    monkeypatch.setattr(job, "BLOCK", 64)
    words, query = words_of(300), words_of(1, seed=1)[0]
    for allow in (None, np.arange(5, 300, 7)):
        found = weigh_parts(words, query, PARTS, weights, k, allow)
        expected = slowly(words, query, weights, k, range(300) if allow is None else allow)
        assert found.rows.tolist() == [row for _, row, _ in expected]
        assert found.distances.tolist() == [bits for *_, bits in expected]
        assert np.allclose(found.scores, [score for score, *_ in expected])


def test_weights_by_the_widths_rank_as_bits_of_the_whole_code_do():
    words, query = words_of(300), words_of(1, seed=1)[0]
    bits = np.bitwise_count(words ^ query).sum(axis=1, dtype=np.int64)
    found = weigh_parts(words, query, PARTS, (768, 256), 300)
    assert found.rows.tolist() == np.lexsort((np.arange(300), bits)).tolist()


def test_parts_are_whole_words_and_all_of_the_code():
    assert [part.begin_bits % 64 + part.width_bits % 64 for part in PARTS] == [0, 0]
    assert sum(part.width_bits for part in PARTS) == LOOK.width_bits


@pytest.mark.parametrize(
    "text", ["", "shape", "shape=", "shape=a", "shape=1,shape=2", "shape=nan", "shape=1 colour=2", "shape=-1", "hue=1"]
)
def test_weights_that_say_nothing_are_refused(text):
    with pytest.raises(RecipeError):
        check_weights(LOOK, read_weights(text))


def test_weights_need_a_recipe_with_parts_and_some_weight():
    assert check_weights(LOOK, read_weights(" colour = 0.3 ,shape=0.7")) == (0.7, 0.3)
    assert check_weights(LOOK, {"colour": 1}) == (0, 1)
    for recipe, weights in (("whash", {"shape": 1}), ("look", {"shape": 0}), ("look", {})):
        with pytest.raises(RecipeError):
            check_weights(parse_recipe(recipe), weights)


def test_a_catalog_asked_for_colour_alone_answers_by_colour(draw_shop_of, tmp_path):
    shop = draw_shop_of(20)
    with lookalike.Catalog(tmp_path / "shop.lookalike") as catalog:
        catalog.index(shop / "images", fingerprints="look,whash")
        query = min((shop / "images").iterdir())
        own = lookalike.fingerprint(query, "look").codes[0]
        for weights, held in (({"colour": 1}, slice(96, 128)), ({"shape": 3}, slice(0, 96))):
            found = catalog.find(query, k=19, by="look", weights=weights)
            differing = [
                int(np.bitwise_count(own[held] ^ lookalike.fingerprint(match.path, "look").codes[0][held]).sum())
                for match in found.matches
            ]
            assert len(differing) == 19
            assert differing == sorted(differing)
            width = 8 * (held.stop - held.start)
            weight = next(iter(weights.values()))
            assert [match.score for match in found.matches] == [round(weight * bits / width, 6) for bits in differing]
        with pytest.raises(RecipeError):
            catalog.find(query, by="look,whash", weights={"colour": 1})
