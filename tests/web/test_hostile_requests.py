"""What is sent to break the server is refused, and the server goes on."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time

import httpx
import pytest


@pytest.fixture(autouse=True)
def still_alive(served):
    yield
    assert served.get("health").status_code == 200


def head(path, *more, method="GET", host="127.0.0.1"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *more, "", ""]).encode()


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize(
    "more",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked, identity",),
        ("Content-Length: +5",),
        ("Content-Length: 5, 5, 6",),
        ("Content-Length : 5",),
        (" Folded: x",),
        ("Bad\x00Name: x",),
        ("X: a\x00b",),
        ("Host: evil.example",),
    ],
)
def test_heads_that_two_parsers_could_read_in_two_ways_are_refused_and_the_rest_is_not_read(served, more):
    smuggled = b"0\r\n\r\n" + head("/api/v1/health")
    answer = served.raw(head("/api/v1/search", *more, "Content-Type: image/png", method="POST") + smuggled)
    assert status_of(answer) in {400, 501}
    assert answer.count(b"HTTP/1.1") == 1


def test_a_head_that_never_ends_is_refused(served):
    answer = served.raw(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 200_000)
    assert answer == b"" or status_of(answer) in {400, 431}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/images/../../../../etc/passwd",
        "/api/v1/images/%2e%2e%2f%2e%2e%2fetc%2fpasswd/file",
        "/api/v1/images/1%00/file",
        "/api/v1/images/..%5c..%5cetc/file",
        "/../../../../etc/passwd",
        "/static/../../../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/api/v1/images//etc/passwd/file",
        "/api/v1/",
        "/api/",
        "/static/",
    ],
)
def test_no_path_leads_out_of_the_api_or_lists_a_folder(served, path):
    answer = served.raw(head(path, "Connection: close"))
    assert status_of(answer) in {400, 404}
    assert b"root:" not in answer


def test_thousands_of_ranges_are_ignored(served):
    ranges = "Range: bytes=" + ",".join(f"{at}-{at}" for at in range(0, 10_000, 7))
    plain = served.get("images/1/file")
    answer = served.get("images/1/file", headers={"Range": ranges[7:]})
    assert answer.status_code == 200
    assert answer.content == plain.content


def test_more_bytes_than_allowed_are_refused_announced_or_not(serve, web_shop, picture):
    with serve(web_shop / "shop.lookalike", max_bytes=len(picture)) as running:
        assert running.post("search", picture).status_code == 200

        def chunks(total):
            for _ in range(total // 4096):
                yield b"x" * 4096

        for content in (picture + b"x", chunks(len(picture) * 2)):
            answer = running.post("search", content)
            assert answer.status_code == 413
            assert answer.json()["type"].endswith("too-large")
        # What is far too much is cut off while it is still being sent: not every client hears why.
        for content in (picture * 50, chunks(len(picture) * 50)):
            with contextlib.suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
                assert running.post("search", content).status_code == 413
        assert running.get("health").status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, gzip"])
def test_packed_bodies_are_not_unpacked(served, encoding):
    bomb = gzip.compress(b"\0" * 10_000_000)
    answer = served.post("search", bomb, headers={"Content-Encoding": encoding})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x--", "multipart/form-data; boundary=x"),
        (b"--x\r\n" * 1000, "multipart/form-data; boundary=x"),
        (b"nothing of the kind", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n", "multipart/form-data"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=" + "x" * 500),
        (
            b'--x\r\nContent-Disposition: form-data; name="p"\r\n\r\nonly a field\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b"--x\r\nX: " + b"a" * 50_000 + b"\r\n\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="p"; filename="a"\r\n\r\nz\r\n' * 9 + b"--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_forms_that_are_broken_or_endless_are_refused(served, body, kind):
    answer = served.post("search", body, headers={"Content-Type": kind})
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["text/html", "application/json", "application/x-www-form-urlencoded"])
def test_what_says_that_it_is_no_picture_is_refused(served, picture, kind):
    assert served.post("search", picture, headers={"Content-Type": kind}).status_code == 415


@pytest.mark.parametrize("body", [b"", b"hello", b"<svg/>", b"%PDF-1.4", b"PK\3\4", b"BM" + b"\0" * 60, b"II*\0"])
def test_what_is_no_picture_of_the_list_is_refused_unread(served, body):
    assert served.post("search", body).status_code in {400, 415}


def test_a_head_that_comes_too_slowly_ends(serve, web_shop):
    with serve(web_shop / "shop.lookalike", header_s=0.5) as running:
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as line:
            line.sendall(b"GET /api/v1/health HTTP/1.1\r\n")
            stop = threading.Event()

            def drip():
                while not stop.wait(0.1):
                    try:
                        line.sendall(b"X: y\r\n")
                    except OSError:
                        return

            thread = threading.Thread(target=drip)
            thread.start()
            answer = line.recv(1000)
            stop.set()
            thread.join()
        assert answer.startswith(b"HTTP/1.1 408") or answer == b""
        assert time.monotonic() - began < 5
        assert b"200" in running.raw(head("/api/v1/health", "Connection: close"))


def test_a_second_head_on_the_same_connection_has_its_deadline_too(serve, web_shop):
    with (
        serve(web_shop / "shop.lookalike", header_s=0.5, idle_s=30.0) as running,
        socket.create_connection(("127.0.0.1", running.port), timeout=10) as line,
    ):
        line.sendall(head("/api/v1/health"))
        answer = b""
        while not answer.endswith(b"}"):  # head and body may come in two pieces
            answer += line.recv(10_000)
        assert b"200 OK" in answer
        line.sendall(b"GET /api")
        assert line.recv(1000).startswith(b"HTTP/1.1 408")


def test_a_body_that_comes_too_slowly_ends(serve, web_shop):
    with serve(web_shop / "shop.lookalike", body_s=0.5) as running:
        answer = running.raw(head("/api/v1/search", "Content-Length: 1000", method="POST") + b"x")
        assert status_of(answer) == 408


def test_more_connections_than_one_client_may_hold_are_closed(serve, web_shop):
    with serve(web_shop / "shop.lookalike", max_connections_per_client=10) as running:
        running.http.close()
        lines = [socket.create_connection(("127.0.0.1", running.port), timeout=2) for _ in range(15)]
        closed = 0
        for line in lines:
            line.settimeout(0.2)
            try:
                closed += line.recv(1) == b""
            except TimeoutError:
                pass
            except ConnectionError:
                closed += 1
        assert closed == 5
        for line in lines:
            line.close()
        time.sleep(0.2)
        assert b"200 OK" in running.raw(head("/api/v1/health", "Connection: close"))


def test_a_client_that_asks_too_often_is_told_when_to_come_again(serve, web_shop):
    with serve(web_shop / "shop.lookalike", rate_per_s=0.5, rate_burst=3) as running:
        answers = [running.get("health") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1


def test_more_requests_than_are_answered_at_a_time_are_told_to_come_again(serve, web_shop, picture):
    with serve(web_shop / "shop.lookalike", max_active=1, search_threads=1) as running:
        with running.service.catalog():  # the one search waits for it
            thread = threading.Thread(target=lambda: running.raw(head("/api/v1/search?id=1", "Connection: close")))
            thread.start()
            time.sleep(0.3)
            answer = running.get("search?id=2")
            assert (answer.status_code, answer.json()["type"][-17:]) == (429, "too-many-requests")
            assert "retry-after" in answer.headers
        thread.join()
        assert running.get("search?id=2").status_code == 200
