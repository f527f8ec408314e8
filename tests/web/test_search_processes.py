"""Searches that another process answers: the same answers, whatever becomes of the process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from lookalike.settings import Settings
from lookalike.web.problems import Problem
from lookalike.web.search_processes import SearchProcesses
from lookalike.web.service import Service
from lookalike.web.settings import WebSettings


def processes_up(port):
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    return float(text.partition("\nlookalike_search_processes ")[2].split()[0])


def search_processes_of(process):
    """Of all threads: each has children of its own."""
    children = (one.read_text().split() for one in Path(f"/proc/{process}/task").glob("*/children"))
    every = [int(one) for some in children for one in some]
    return {one for one in every if b"search_worker" in Path(f"/proc/{one}/cmdline").read_bytes()}


def wait_for(what, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found
    return found


@contextlib.contextmanager
def unable_to_search(running):
    """Meanwhile the server itself can't look into its catalog."""

    def refuse():
        raise Problem("busy", "not here")

    running.service.catalog = refuse
    try:
        yield
    finally:
        del running.service.catalog


@pytest.fixture(scope="module")
def own_folder(web_shop, tmp_path_factory):
    """The shop once more, of which nobody else makes new tokens or changes attributes."""
    folder = tmp_path_factory.mktemp("beside")
    shutil.copy2(web_shop / "shop.lookalike", folder)
    return folder


@pytest.fixture(scope="module")
def beside(serve, own_folder):
    """A server with one search process, which is up."""
    with serve(own_folder / "shop.lookalike", search_processes=1) as running:
        wait_for(lambda: processes_up(running.port) == 1)
        yield running


@pytest.fixture(scope="module")
def alone(serve, own_folder):
    with serve(own_folder / "shop.lookalike") as running:
        yield running


QUESTIONS = {
    "an image": {"id": 3, "by": "whash"},
    "the default search": {"id": 3},
    "a fingerprint": {"hex": "ff00ff00ff00ff00", "by": "whash", "k": 4},
    "several recipes": {"id": 5, "by": "whash,colorhash", "fusion": "chance", "k": 3, "radius": "auto"},
    "a filter": {"id": 5, "by": "whash", "where": "price < 50", "with_self": "true"},
    "weights": {"id": 7, "by": "look", "weights": "shape=0.7,colour=0.3"},
}


@pytest.mark.parametrize("token", [False, True], ids=["stranger", "owner"])
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_search_process_says_byte_for_byte_what_the_server_says_without_one(beside, alone, question, token):
    with unable_to_search(beside):
        answer = beside.get("search", params=question, headers=beside.bearer if token else {})
    expected = alone.get("search", params=question, headers=alone.bearer if token else {})
    assert answer.status_code == expected.status_code == 200
    assert answer.content == expected.content
    assert answer.headers["cache-control"] == expected.headers["cache-control"]


def test_the_next_page_comes_from_a_search_process_as_well(beside):
    with unable_to_search(beside):
        whole = beside.get("search", params={"id": 3, "by": "whash", "k": 6}).json()
        first = beside.get("search", params={"id": 3, "by": "whash", "k": 3}).json()
        second = beside.get("search", params={"id": 3, "by": "whash", "k": 3, "cursor": first["next"]}).json()
    assert [one["id"] for one in first["matches"] + second["matches"]] == [one["id"] for one in whole["matches"]]


@pytest.mark.parametrize(
    "question",
    [
        {"id": 10_000, "by": "whash"},
        {"id": 3, "by": "nohash"},
        {"id": 3, "by": "whash", "where": "price <"},
        {"id": 3, "by": "whash", "cursor": "nonsense"},
        {"hex": "ff", "by": "whash"},
        {},
    ],
    ids=lambda question: ",".join(question),
)
def test_what_is_refused_is_refused_in_the_same_words(beside, alone, question):
    answer, expected = (one.get("search", params=question) for one in (beside, alone))
    assert answer.status_code == expected.status_code >= 400
    left_out = {"request_id": None}
    assert answer.json() | left_out == expected.json() | left_out


@pytest.mark.parametrize("question", [{"crop": "0,0,50,50"}, {"turned": "true"}], ids=["crop", "turned"])
def test_what_must_be_decoded_is_left_to_the_server(beside, alone, question):
    answer, expected = (one.get("search", params={"id": 3, "by": "whash", **question}) for one in (beside, alone))
    assert answer.status_code == 200
    assert answer.content == expected.content


def test_a_change_is_seen_by_the_next_search(serve, own_shop):
    with serve(own_shop / "own.lookalike", search_processes=1) as running:
        wait_for(lambda: processes_up(running.port) == 1)

        def found():
            with unable_to_search(running):
                return running.get("search", params={"id": 1, "by": "whash"}).json()["matches"]

        before = found()
        gone, kept = before[0]["id"], before[1]["id"]
        assert (
            running.http.patch(f"images/{kept}/attributes", json={"brand": "New"}, headers=running.bearer).status_code
            == 200
        )
        assert running.http.delete(f"images/{gone}", headers=running.bearer).status_code in {200, 204}
        after = found()
        assert [one["id"] for one in after] == [one["id"] for one in before[1:]]
        assert after[0]["attributes"]["brand"] == "New"
        assert "brand" not in before[1]["attributes"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_a_search_process_that_is_killed_costs_no_answer_and_another_one_takes_its_place(serve, own_shop):
    others = search_processes_of(os.getpid())
    with serve(own_shop / "own.lookalike", search_processes=1) as running:
        wait_for(lambda: processes_up(running.port) == 1)
        (first,) = search_processes_of(os.getpid()) - others
        os.kill(first, signal.SIGSTOP)  # it has the question and will never answer
        with httpx.Client(base_url=running.http.base_url, timeout=20, trust_env=False) as http:
            statuses = []
            asking = threading.Thread(target=lambda: statuses.append(http.get("search?id=1&by=whash").status_code))
            asking.start()
            time.sleep(0.2)
            assert statuses == []
            os.kill(first, signal.SIGKILL)
            asking.join(20)
            assert statuses == [200]
            assert http.get("search?id=1&by=whash").status_code == 200
        wait_for(lambda: processes_up(running.port) == 1)
        (second,) = search_processes_of(os.getpid()) - others
        assert second != first
        with unable_to_search(running):
            assert running.get("search?id=1&by=whash").status_code == 200


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_search_process_outlives_its_server(own_shop, number):
    words = [sys.executable, "-m", "lookalike", "serve", "--catalog", str(own_shop / "own.lookalike"), "--port", "0"]
    server = subprocess.Popen(
        [*words, "--search-processes", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with server:
        port = int(server.stdout.readline().rstrip("/\n").rpartition(":")[2])
        wait_for(lambda: processes_up(port) == 1)
        (searching,) = search_processes_of(server.pid)
        server.send_signal(number)
        server.wait(20)
        wait_for(lambda: not Path(f"/proc/{searching}/cmdline").exists())


def test_more_than_a_process_has_time_for_is_searched_here():
    async def ask_many():
        searches = SearchProcesses(Settings(), 1)
        searches.ready = [Waiting()]
        waiting = [asyncio.ensure_future(searches.answer({}, known=False)) for _ in range(7)]
        await asyncio.sleep(0)
        left = [one.result() for one in waiting if one.done()]
        for one in waiting:
            one.cancel()
        return len(searches.ready[0].asked), left

    with ThreadPoolExecutor(1) as thread:  # a browser's tests leave a loop running in this one
        assert thread.submit(asyncio.run, ask_many()).result() == (5, [None, None])


class Waiting:
    """Never answers."""

    def __init__(self):
        self.asked = {}

    def ask(self, number, question):
        self.asked[number] = question
        return asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(
    ("most_bytes", "cores", "wanted", "expected"),
    [(2**30, 2, -1, 1), (100, 2, -1, 0), (2**30, 1, -1, 0), (100, 1, 2, 2)],
)
def test_unless_told_one_searches_besides_where_cores_and_memory_are_there(
    own_shop, monkeypatch, most_bytes, cores, wanted, expected
):
    monkeypatch.setattr("lookalike.web.service.usable_cores", lambda: cores)
    monkeypatch.setattr("lookalike.web.service.MOST_CATALOG_BYTES", most_bytes)
    with Service(Settings(catalog=own_shop / "own.lookalike"), WebSettings(search_processes=wanted)) as service:
        assert service.search_processes == expected
