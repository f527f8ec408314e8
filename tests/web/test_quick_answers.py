"""Short searches are answered at once: the same answer, and only where nothing has to be waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lookalike.assembly import Catalog
from lookalike.settings import Settings
from lookalike.web import quick_answers
from lookalike.web.api import OPERATIONS
from lookalike.web.operations import Call
from lookalike.web.quick_answers import QuickAnswers
from lookalike.web.service import Service
from lookalike.web.settings import WebSettings

SEARCH = next(one for one in OPERATIONS if (one.method, one.path) == ("GET", "search"))


@pytest.fixture
def quick(own_shop):
    settings = Settings(catalog=own_shop / "own.lookalike", workers=1)
    with Service(settings, WebSettings()) as service:
        yield QuickAnswers(service)


def ask(quick, by="whash", **values):
    return Call(
        quick.service,
        None,
        {"id": 1, "hex": None, "k": 3, "by": by, "crop": None, "where": None, "radius": None, **values},
    )


def answer_as_thread(quick, call):
    state = quick.state_before(SEARCH, call)
    reply = SEARCH.answer(call)
    quick.answered(SEARCH, call, state)
    return reply


def test_after_a_thread_has_answered_the_same_comes_at_once(quick):
    call = ask(quick)
    assert quick.answer(SEARCH, call) is None
    expected = answer_as_thread(quick, call)
    assert quick.answer(SEARCH, call).content == expected.content
    other = ask(quick, id=2)
    assert quick.answer(SEARCH, other).content == SEARCH.answer(other).content != expected.content


@pytest.mark.parametrize(
    "values", [{"by": None}, {"by": "whash,phash"}, {"crop": (0, 0, 9, 9)}, {"where": "price < 9"}, {"radius": "auto"}]
)
def test_searches_of_other_kinds_are_left_to_threads(quick, values):
    call = ask(quick, **values)
    quick.answered(SEARCH, call, quick.service.state_token())
    assert quick.answer(SEARCH, call) is None


def test_a_changed_catalog_is_left_to_a_thread_which_loads_it(quick, own_shop):
    call = ask(quick)
    answer_as_thread(quick, call)
    first = next((own_shop / "images").iterdir())
    (own_shop / "images" / "another.jpg").write_bytes(first.read_bytes() + b"another content")
    with Catalog(own_shop / "own.lookalike", settings=Settings(workers=1)) as catalog:
        catalog.index(own_shop / "images")
    assert quick.answer(SEARCH, call) is None
    expected = answer_as_thread(quick, call)
    assert "another.jpg" in str(SEARCH.answer(ask(quick, k=9, with_self=True)).content)
    assert quick.answer(SEARCH, call).content == expected.content


def test_what_would_have_to_be_decoded_is_left_to_a_thread_and_so_are_those_after_it(quick):
    call = ask(quick)
    answer_as_thread(quick, call)
    decoding = replace(SEARCH, answer=lambda call: call.service.read(None))
    assert quick.answer(decoding, call) is None
    assert quick.answer(SEARCH, call) is None


def test_after_a_long_one_threads_answer_for_a_while(quick, monkeypatch):
    call = ask(quick)
    answer_as_thread(quick, call)
    monkeypatch.setattr(quick_answers, "LONGEST_S", 0.0)
    assert quick.answer(SEARCH, call) is not None
    assert quick.answer(SEARCH, call) is None
    monkeypatch.setattr(quick_answers, "REST_S", -1.0)
    quick.rest("whash")
    assert quick.answer(SEARCH, call) is not None
