"""What the token allows: attributes, adding, forgetting, indexing runs with their events."""

from __future__ import annotations

import json
import os
import shutil

import pytest

import lookalike


@pytest.fixture
def own(serve, own_shop):
    (own_shop / "added").mkdir()
    with serve(own_shop / "own.lookalike", folder=own_shop / "added") as running:
        yield running


def events_of(text):
    return [
        (lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: ")))
        for block in text.split("\n\n")
        if block and not block.startswith(":")
        for lines in [block.split("\n")]
    ]


def test_attributes_are_set_removed_and_found_by_filters(own):
    answer = own.http.patch(
        "images/1/attributes", json={"price": 12, "tags": ["a", "b"], "x": None}, headers=own.bearer
    )
    assert answer.json() == {"id": 1, "attributes": {"price": 12, "tags": ["a", "b"]}}
    assert [one["id"] for one in own.get("images?where=price < 20").json()["images"]] == [1]
    assert own.http.patch("images/1/attributes", json={"price": None}, headers=own.bearer).json()["attributes"] == {
        "tags": ["a", "b"]
    }
    assert own.http.patch("images/999/attributes", json={"a": 1}, headers=own.bearer).status_code == 404


@pytest.mark.parametrize("body", ["[1]", "{", '{"": 1}', '{"a": "\\u0000"}', '{"a": Infinity}', '{"a": "\\ud800"}'])
def test_attributes_that_cannot_be_stored_are_refused(own, body):
    headers = {**own.bearer, "Content-Type": "application/json"}
    assert own.http.patch("images/1/attributes", content=body, headers=headers).status_code == 400


def test_a_picture_that_is_sent_to_be_kept_is_written_once_and_found(own, own_shop, web_shop):
    data = sorted((web_shop / "images").iterdir())[9].read_bytes()
    answer = own.post("images?name=../../etc/My bag.php", data, headers=own.bearer)
    assert answer.status_code == 201, answer.text
    image = answer.json()
    written = os.listdir(own_shop / "added")
    assert len(written) == 1
    assert written[0].startswith("etc-My-bag-")
    assert written[0].endswith(".jpg")
    assert own.post("images", data, headers=own.bearer).json()["id"] == image["id"]
    assert os.listdir(own_shop / "added") == written
    match = own.post("search?by=whash&k=1", data).json()["matches"][0]
    assert (match["id"], match["distance"]) == (image["id"], 0)
    assert own.post("images", b"no picture", headers=own.bearer).status_code == 415


def test_a_server_without_a_folder_keeps_no_picture(served, picture):
    assert served.post("images", picture, headers=served.bearer).status_code == 403


def test_a_forgotten_image_is_found_no_more_and_its_file_stays(own, own_shop):
    before = sorted(os.listdir(own_shop / "images"))
    assert own.http.delete("images/2", headers=own.bearer).status_code == 204
    assert own.get("images/2").status_code == 404
    assert 2 not in [match["id"] for match in own.get("search?id=1&k=9&by=whash").json()["matches"]]
    assert sorted(os.listdir(own_shop / "images")) == before
    assert own.http.delete("images/2", headers=own.bearer).status_code == 404
    with lookalike.Catalog(own_shop / "own.lookalike") as catalog:
        assert catalog.store.check().problems == ()
        catalog.index(own_shop / "images")
        assert len(catalog.store.present_contents()) == 5


def test_an_indexing_run_tells_how_it_goes_and_how_it_ended(own, own_shop, web_shop):
    for path in sorted((web_shop / "images").iterdir())[10:16]:
        shutil.copy2(path, own_shop / "images")
    begun = own.http.post("jobs/index", json={}, headers=own.bearer)
    assert begun.status_code == 202
    events = events_of(own.get(begun.json()["links"]["events"], headers=own.bearer).text)
    assert {name for name, _ in events[:-1]} <= {"progress"}
    name, report = events[-1]
    assert (name, report["indexed"], report["failed"]) == ("done", 6, 0)
    assert own.get(begun.json()["links"]["self"], headers=own.bearer).json()["status"] == "done"
    assert own.get("facets").json()["total"] == 11


@pytest.mark.parametrize("folders", [["/etc"], ["/"], ["nowhere"], [""], "text", [1], ["a\x00b"]])
def test_folders_that_the_catalog_does_not_know_are_not_indexed(own, folders):
    answer = own.http.post("jobs/index", json={"folders": folders}, headers=own.bearer)
    assert answer.status_code in {400, 403}


def test_a_folder_inside_a_known_one_is_indexed(own, own_shop):
    (own_shop / "images" / "deep").mkdir()
    answer = own.http.post("jobs/index", json={"folders": [str(own_shop / "images" / "deep")]}, headers=own.bearer)
    assert answer.status_code == 202
    own.get(answer.json()["links"]["events"], headers=own.bearer)
