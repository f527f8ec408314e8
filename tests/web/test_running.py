"""The command as a user starts it: its token, its address, its end."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from lookalike import errors
from lookalike.web.protocol import GuardedProtocol
from lookalike.web.settings import WebSettings, read_web_settings


@contextlib.contextmanager
def started(catalog, *words, **variables):
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "lookalike", "serve", "--catalog", str(catalog), "--port", "0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )
    try:
        said = process.stdout.readline()
        assert said.startswith("Lookalike serves http://127.0.0.1:"), process.stderr.read()
        yield process, said.split()[-1]
    finally:
        process.kill()
        process.communicate()


def test_the_token_is_shown_at_the_first_start_and_never_again(own_shop):
    tokens = []
    for words in ((), (), ("--new-token",)):
        with started(own_shop / "own.lookalike", *words) as (process, address):
            httpx.get(f"{address}api/v1/health", trust_env=False)
            process.send_signal(signal.SIGTERM)
            shown = re.findall(r"shown this once: (\S+)", process.communicate(timeout=20)[1])
            tokens.append(shown)
    assert [len(shown) for shown in tokens] == [1, 0, 1]
    assert tokens[0] != tokens[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_server_ends(own_shop, picture, number):
    with started(own_shop / "own.lookalike") as (process, address):
        port = int(address.rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            head = f"POST /api/v1/search?by=whash HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(picture)}\r\n\r\n"
            line.sendall(head.encode() + picture[:1000])
            time.sleep(0.3)
            process.send_signal(number)
            time.sleep(0.3)
            with pytest.raises(OSError):  # nobody new is let in
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            line.sendall(picture[1000:])
            assert line.recv(15) == b"HTTP/1.1 200 OK"
        _, log = process.communicate(timeout=20)
        assert process.returncode in {0, -number, 130}
        lines = [json.loads(text) for text in log.splitlines() if text.startswith("{")]
        assert [one["status"] for one in lines if one["message"] == "request"] == [200]
        assert "Traceback" not in log


def test_behind_a_sub_path_both_kinds_of_proxies_are_understood(serve, web_shop):
    with serve(web_shop / "shop.lookalike", root_path="/pictures") as running:
        for path in ("/pictures/api/v1/health", "/api/v1/health"):
            assert httpx.get(f"http://127.0.0.1:{running.port}{path}", trust_env=False).status_code == 200
        assert httpx.get(f"http://127.0.0.1:{running.port}/picturesapi/v1/health", trust_env=False).status_code == 404


def test_flags_win_over_the_environment_which_wins_over_the_file(tmp_path):
    file = tmp_path / "lookalike.toml"
    file.write_text('[serve]\nport = 1\nhost = "::1"\nmax_active = 7\nformats = ["PNG"]\n')
    environment = {
        "LOOKALIKE_SERVE_PORT": "2",
        "LOOKALIKE_SERVE_MAX_ACTIVE": "8",
        "LOOKALIKE_SERVE_ALLOW_HOSTS": "a, b",
    }
    settings = read_web_settings(file, environment, port=3)
    assert (settings.port, settings.max_active, settings.host) == (3, 8, "::1")
    assert (settings.formats, settings.allow_hosts) == (("PNG",), ("a", "b"))


@pytest.mark.parametrize(
    "text",
    [
        "[serve]\nprot = 1",
        "[serve]\nport = true",
        '[serve]\nport = "x"',
        "serve = 1",
        "[serve",
        "[serve]\nport=-1",
        "[serve]\nsearch_processes = 65",
    ],
)
def test_a_settings_file_that_makes_no_sense_is_refused(tmp_path, text):
    file = tmp_path / "lookalike.toml"
    file.write_text(text)
    with pytest.raises(errors.SettingsError):
        read_web_settings(file, {})


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("box", False)]
)
def test_only_this_machines_addresses_are_loopback(host, loopback):
    assert WebSettings(host=host).on_loopback is loopback
    assert WebSettings(host=host).reads_are_open is loopback


def test_an_address_that_is_taken_is_told(own_shop):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = [sys.executable, "-m", "lookalike", "serve", "--catalog", str(own_shop / "own.lookalike")]
        done = subprocess.run(
            [*words, "--port", str(taken.getsockname()[1])], capture_output=True, text=True, timeout=30
        )
    assert done.returncode == 2
    assert "choose another --port" in done.stderr


def test_a_catalog_that_is_not_there_is_told(tmp_path):
    words = [sys.executable, "-m", "lookalike", "serve", "--catalog", str(tmp_path / "none.lookalike"), "--port", "0"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    assert done.returncode == 3


def test_an_answer_never_waits_for_its_head_to_be_acknowledged(own_shop, serve, monkeypatch):
    unset = []

    class Watched(GuardedProtocol):
        def connection_made(self, transport):
            super().connection_made(transport)
            line = transport.get_extra_info("socket")
            unset.append(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr("lookalike.web.protocol.GuardedProtocol", Watched)
    with serve(own_shop / "own.lookalike") as served:
        assert served.get("health").status_code == 200
    assert unset
    assert all(unset)
