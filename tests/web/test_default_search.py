"""The default search over HTTP: copies, parts and looks in one order, as the library has it."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageOps

import lookalike
from lookalike.model import ImageId, Region
from lookalike.web.schemas import SCHEMAS


@pytest.fixture(scope="module")
def local(web_shop):
    with lookalike.Catalog(web_shop / "shop.lookalike", create=False) as catalog:
        yield catalog


@pytest.fixture(scope="module")
def remote(served):
    with lookalike.RemoteCatalog(f"http://127.0.0.1:{served.port}", token=served.token) as catalog:
        yield catalog


def saved(image):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def part(picture):
    """The middle of the photo, about half of its area."""
    with Image.open(io.BytesIO(picture)) as image:
        width, height = image.size
        return saved(image.crop((width * 3 // 20, height * 3 // 20, width * 17 // 20, height * 17 // 20)))


@pytest.fixture(scope="module")
def mirrored(picture):
    with Image.open(io.BytesIO(picture)) as image:
        return saved(ImageOps.mirror(image))


def ranked(matches):
    return [(match.id, match.score, match.transform, match.region) for match in matches]


def test_a_part_and_a_mirrored_copy_are_found_and_the_answer_says_how_they_lie(served, part, mirrored):
    found = served.post("search?k=3", part).json()
    first = found["matches"][0]
    assert (found["fusion"], found["by"]) == ("best", ["pdq", "parts", "look"])
    assert (first["name"], first["verdict"]) == ("bag-0007.jpg", "edited copy")
    assert 0.3 < first["region"]["width"] * first["region"]["height"] < 0.7
    assert "parts" in {reason["recipe"] for reason in first["reasons"]}
    first = served.post("search?k=3", mirrored).json()["matches"][0]
    assert (first["name"], first["verdict"], first["transform"]) == ("bag-0007.jpg", "edited copy", "mirror")


def test_answers_are_those_of_the_library(local, remote, picture, part, mirrored):
    for query in (picture, part, mirrored, ImageId(3)):
        assert ranked(remote.search(query, k=7)) == ranked(local.search(query, k=7))
    asked = {"k": 6, "by": "phash", "turned": True}
    for query in (mirrored, ImageId(7)):
        assert ranked(remote.search(query, **asked)) == ranked(local.search(query, **asked))
    assert remote.find(mirrored, **asked).turned


def test_shape_and_colour_weigh_as_the_library_weighs_them(local, remote, picture):
    orders = []
    for weights in ({"shape": 1.0, "colour": 0.0}, {"shape": 0.25, "colour": 0.75}, {"colour": 1}):
        for query in (picture, ImageId(7)):
            there, here = remote.find(query, weights=weights), local.find(query, weights=weights)
            assert ranked(there.matches) == ranked(here.matches)
            assert there.by == ("look",)
        orders.append([match.id for match in there.matches])
    assert orders[0] != orders[2]


@pytest.mark.parametrize("weights", ["shape", "shape=x", "size=1", "shape=-1", "shape=0,colour=0", "shape=1,shape=1"])
def test_weights_that_weigh_nothing_are_told(served, weights):
    answer = served.get("search", params={"id": 1, "weights": weights})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (400, "bad-recipe")
    assert served.get("search", params={"id": 1, "weights": "shape=1", "by": "whash"}).status_code == 400


def test_an_image_is_asked_by_its_id_as_it_was_indexed_and_only_its_crop_is_decoded(served, monkeypatch):
    read, tasks = served.service.read, []
    monkeypatch.setattr(served.service, "read", lambda task: (tasks.append(task), read(task))[1])
    assert served.get("search?id=7").status_code == 200
    assert tasks == []
    assert served.get("search?id=7&crop=40,60,200,180").status_code == 200
    assert [task.crop.width for task in tasks] == [200]


def test_pages_put_together_are_the_whole_answer(served, part):
    everything = [match["id"] for match in served.post("search?k=30", part).json()["matches"]]
    pages, cursor = [], ""
    while cursor is not None:
        page = served.post(f"search?k=7{cursor and '&cursor=' + cursor}", part).json()
        pages += [match["id"] for match in page["matches"]]
        cursor = page["next"]
    assert pages == everything
    assert len(everything) == 30


def test_every_answer_has_the_shape_that_the_document_gives(served, part, mirrored):
    jsonschema_rs = pytest.importorskip("jsonschema_rs", reason="jsonschema-rs isn't installed")
    document = {"$ref": "#/components/schemas/SearchResult", "components": {"schemas": SCHEMAS}}
    validator = jsonschema_rs.validator_for(document)
    answers = [served.post("search", part), served.post("search", mirrored), served.get("search?id=3")]
    answers += [served.get("search?id=3&weights=shape=0.5,colour=0.5"), served.get("search?id=3&by=whash&radius=auto")]
    for answer in answers:
        validator.validate(answer.json())
    told = answers[0].json()
    assert isinstance(told["matches"][0]["region"], dict)
    for spoilt in ({"fusion": "luck"}, {"matches": [{**told["matches"][0], "verdict": "sure"}]}):
        assert not validator.is_valid(told | spoilt)
    assert Region(**told["matches"][0]["region"]).width < 1
