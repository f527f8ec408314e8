"""Host, origin, token: who may ask what, and what strangers learn."""

from __future__ import annotations

import os
import stat

import pytest

WRITES = [
    ("PATCH", "images/1/attributes"),
    ("DELETE", "images/1"),
    ("POST", "images"),
    ("POST", "jobs/index"),
    ("GET", "jobs/x"),
    ("GET", "jobs/x/events"),
]


def word_of(answer):
    return answer.json()["type"].rpartition(":")[2]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil", "", "localhost:1:2"])
def test_a_server_called_by_another_name_does_not_answer(served, host):
    answer = served.get("health", headers={"Host": host})
    assert answer.status_code in {400, 421}


def test_a_name_that_was_allowed_is_answered(serve, web_shop):
    with serve(web_shop / "shop.lookalike", allow_hosts=("pictures.example",)) as running:
        assert running.get("health", headers={"Host": "pictures.example:80"}).status_code == 200


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic eDp5", "Bearer"])
def test_writing_without_the_token_is_refused(served, method, path, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = served.http.request(method, path, headers=headers)
    assert (answer.status_code, word_of(answer)) == (401, "token-needed")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_in_the_address_or_a_cookie_is_worth_nothing(served):
    assert served.http.delete(f"images/1?token={served.token}").status_code == 401
    assert served.http.delete("images/1", headers={"Cookie": f"token={served.token}"}).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_origin_can_send_nothing_even_with_the_token(served, headers, picture):
    for method, path in (("POST", "search"), ("POST", "uploads"), ("DELETE", "images/1")):
        answer = served.http.request(method, path, content=picture, headers={**served.bearer, **headers})
        assert (answer.status_code, word_of(answer)) == (403, "forbidden-origin")


def test_a_page_of_the_servers_own_can_send(served, picture):
    origin = {"Origin": f"http://127.0.0.1:{served.port}", "Sec-Fetch-Site": "same-origin"}
    assert served.post("search", picture, headers=origin).status_code == 200


def test_other_origins_read_only_where_the_list_names_them(serve, served, web_shop):
    origin = {"Origin": "https://shop.example"}
    assert "access-control-allow-origin" not in served.get("health", headers=origin).headers
    assert served.http.options("search", headers=origin).status_code == 405
    with serve(web_shop / "shop.lookalike", allow_origins=("https://shop.example",)) as running:
        assert running.get("health", headers=origin).headers["access-control-allow-origin"] == "https://shop.example"
        assert running.http.options("search", headers=origin).status_code == 204
        other = running.get("health", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers
        assert "Origin" in other.headers["vary"]


def test_beyond_this_machine_reading_needs_the_token_unless_it_is_public(serve, web_shop):
    with serve(web_shop / "shop.lookalike", host="192.0.2.1", allow_hosts=("127.0.0.1",)) as running:
        for path in ("search?id=1", "images/1/thumbnail", "images", "facets", "sample", "openapi.json", "recipes"):
            assert running.get(path).status_code == 401
            assert running.get(path, headers=running.bearer).status_code == 200
        assert running.get("health").status_code == 200
        assert running.http.get(f"http://127.0.0.1:{running.port}/metrics").status_code == 401
    with serve(web_shop / "shop.lookalike", host="192.0.2.1", public_read=True) as running:
        assert running.get("images/1").status_code == 200
        assert running.http.delete("images/1").status_code == 401


def test_the_token_is_kept_as_its_hash_and_readable_by_its_owner_alone(served, web_shop):
    kept = web_shop / "shop.lookalike-token"
    assert served.token not in kept.read_text()
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600


def test_strangers_learn_names_and_no_folders(served, web_shop, picture):
    folder = str(web_shop)
    for path in ("search?id=1", "images", "images/1", "sample", "alternatives?id=1", "vote?id=1", "recipes", "facets"):
        assert folder not in served.get(path).text
    assert folder not in served.post("search", picture).text
    assert folder in served.get("images/1", headers=served.bearer).json()["path"]


@pytest.mark.parametrize("path", ["health", "images/1", "images/1/thumbnail", "nothing", "search?k=0", "openapi.json"])
def test_every_answer_carries_what_keeps_browsers_safe(served, path):
    headers = served.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers


def test_a_request_id_comes_back_unless_it_could_forge_a_log_line(served):
    assert served.get("health", headers={"X-Request-Id": "abc-12345678"}).headers["x-request-id"] == "abc-12345678"
    assert served.get("health", headers={"X-Request-Id": 'x"} forged'}).headers["x-request-id"] != 'x"} forged'
