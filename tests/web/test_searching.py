"""Search over HTTP: the same answers as the library's, by picture, id, upload and fingerprint, page by page."""

from __future__ import annotations

import shutil

import pytest

import lookalike
from lookalike.model import ImageId
from lookalike.settings import Settings


@pytest.fixture(scope="module")
def local(web_shop):
    settings = Settings(fingerprints="whash,phash,colorhash")  # as the server's
    with lookalike.Catalog(web_shop / "shop.lookalike", create=False, settings=settings) as catalog:
        yield catalog


def id_of(local, name):
    return next(one for one in local.sample(100) if one.path.endswith(name)).id


def told(answer):
    assert answer.status_code == 200, answer.text
    return [(match["id"], match["distance"]) for match in answer.json()["matches"]]


def found(matches):
    return [(match.id, match.distance) for match in matches]


def test_a_picture_that_is_sent_gets_the_librarys_answer_in_the_shape_of_search_json(served, local, picture):
    answer = served.post("search?k=5&by=whash&where=price < 100", picture)
    expected = local.find(picture, k=5, by="whash", where="price < 100")
    assert told(answer) == found(expected.matches)
    assert set(expected.as_dict()) <= set(answer.json())
    assert set(expected.as_dict()["matches"][0]) <= set(answer.json()["matches"][0])


def test_an_image_of_the_catalog_is_asked_by_its_id_and_is_not_its_own_match(served, local):
    image = id_of(local, "bag-0007.jpg")
    answer = served.get(f"search?id={image}&k=9&by=whash")
    assert told(answer) == found(local.search(ImageId(image), k=9, by="whash"))
    assert image not in dict(told(answer))
    assert dict(told(served.get(f"search?id={image}&k=9&by=whash&with_self=true")))[image] == 0


def test_a_fingerprint_is_asked_by_its_hex(served, local):
    fingerprint = lookalike.fingerprint(local.sample(1)[0].path, "phash")
    answer = served.get(f"search?hex={fingerprint.hex}&by=phash&k=4")
    assert told(answer) == found(local.search(fingerprint, k=4))
    assert answer.json()["matches"][0]["distance"] == 0


def test_a_crop_of_an_image_and_of_an_upload_is_cut_where_the_library_cuts_it(served, local, picture):
    image = id_of(local, "bag-0007.jpg")
    crop = (40, 60, 200, 180)
    expected = found(local.search(picture, k=5, by="whash", crop=crop))
    token = served.post("uploads", picture).json()["token"]
    asked = "k=5&by=whash&crop=40,60,200,180"
    assert told(served.post(f"search?{asked}", picture)) == expected
    assert told(served.get(f"search?upload={token}&{asked}")) == expected
    assert told(served.get(f"search?id={image}&with_self=true&{asked}")) == expected


def test_a_form_with_one_file_is_taken_as_the_picture(served, picture):
    answer = served.http.post("search?by=whash&k=3", files={"picture": ("a.jpg", picture, "image/jpeg")})
    assert told(answer) == told(served.post("search?by=whash&k=3", picture))


def test_a_radius_keeps_what_is_within_it_and_nothing_else(served, picture):
    everything = told(served.post("search?by=whash&k=30", picture))
    radius = everything[4][1]
    within = told(served.post(f"search?by=whash&k=30&radius={radius}", picture))
    assert within == [pair for pair in everything if pair[1] <= radius]
    automatic = served.post("search?by=whash&k=30&radius=auto", picture).json()
    assert [match["distance"] for match in automatic["matches"]] == [
        bits for _, bits in everything if bits <= automatic["radius_bits"]
    ]
    for nonsense in ("-1", "x", "1.5", "\u0663"):
        assert served.post("search", picture, params={"radius": nonsense}).status_code == 400


@pytest.mark.parametrize("by", ["whash", "whash,colorhash"])
def test_pages_put_together_are_the_whole_answer(served, picture, by):
    everything = told(served.post(f"search?by={by}&k=30", picture))
    pages, cursor = [], ""
    while cursor is not None:
        answer = served.post(f"search?by={by}&k=7{cursor and '&cursor=' + cursor}", picture)
        pages += told(answer)
        cursor = answer.json()["next"]
    assert pages == everything
    assert len(everything) == 30


def test_pages_repeat_and_lose_nothing_while_nearer_pictures_come_in(serve, own_shop, web_shop):
    with serve(own_shop / "own.lookalike") as running:
        asked = "search?hex=0000000000000000&by=whash&k=2"
        first = running.get(asked).json()
        before = [match["id"] for match in running.get(asked.replace("k=2", "k=5")).json()["matches"]]
        for path in sorted((web_shop / "images").iterdir())[5:12]:
            shutil.copy2(path, own_shop / "images")
        with lookalike.Catalog(own_shop / "own.lookalike") as catalog:
            catalog.index(own_shop / "images")
        seen, cursor = [match["id"] for match in first["matches"]], first["next"]
        while cursor is not None:
            page = running.get(f"{asked}&cursor={cursor}").json()
            seen += [match["id"] for match in page["matches"]]
            cursor = page["next"]
        assert len(seen) == len(set(seen))
        assert set(before) <= set(seen)


def test_what_was_indexed_meanwhile_is_found_by_the_next_search(serve, own_shop, web_shop):
    new = sorted((web_shop / "images").iterdir())[20]
    with serve(own_shop / "own.lookalike") as running:
        assert 0 not in dict(map(reversed, told(running.post("search?by=whash&k=5", new.read_bytes()))))
        shutil.copy2(new, own_shop / "images")
        with lookalike.Catalog(own_shop / "own.lookalike") as catalog:
            catalog.index(own_shop / "images")
        assert told(running.post("search?by=whash&k=5", new.read_bytes()))[0][1] == 0


@pytest.mark.parametrize(
    ("asked", "status", "word"),
    [
        ("k=0&id=1", 400, "bad-parameter"),
        ("k=201&id=1", 400, "bad-parameter"),
        ("id=1&upload=x", 400, "bad-parameter"),
        ("", 400, "bad-parameter"),
        ("id=99999", 404, "not-found"),
        ("id=1&by=nonsense", 400, "bad-recipe"),
        ("id=1&by=crop_resistant", 404, "not-found"),
        ("hex=ff&by=whash", 400, "bad-recipe"),
        ("hex=ffffffffffffffff", 400, "bad-parameter"),
        ("id=1&where=nonsense = ", 400, "bad-where"),
        ("id=1&cursor=!!", 400, "bad-parameter"),
        ("id=1&id=2", 400, "bad-parameter"),
        ("upload=nobody", 410, "upload-gone"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_so_by_a_stable_word(served, asked, status, word):
    answer = served.get(f"search?{asked}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:lookalike:problem:{word}"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
