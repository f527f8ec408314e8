"""What the page on running the server says can be set, can be set, and its samples are what the programs take."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lookalike.web.settings import WebSettings, read_web_settings

DOCS = Path(__file__).parents[2] / "docs"


def sample(kind):
    """The page's one block of this kind."""
    (text,) = re.findall(rf"```{kind}\n(.*?)```", (DOCS / "deploy.md").read_text(encoding="utf-8"), re.DOTALL)
    return text


def program(name):
    """Where the program is; servers lie in sbin, which isn't in everybody's path."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def judged(*command, **options):
    """What a program says of a sample: its exit code and its words."""
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    return run.returncode, run.stdout + run.stderr


def test_the_settings_of_the_page_are_read_and_most_are_the_defaults(tmp_path):
    text = sample("toml")
    (tmp_path / "lookalike.toml").write_text(text)
    told = dataclasses.asdict(read_web_settings(tmp_path / "lookalike.toml", {}))
    defaults = dataclasses.asdict(WebSettings())
    differing = {name for name in tomllib.loads(text)["serve"] if told[name] != defaults[name]}
    assert differing == {"allow_hosts", "proxies"}  # which depend on where it runs


def test_systemd_takes_the_unit(tmp_path):
    unit = sample("ini")
    command = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)[1]
    unit = unit.replace(shlex.split(command)[0], sys.executable)  # a program that is there
    (tmp_path / "lookalike.service").write_text(unit)
    code, words = judged(program("systemd-analyze"), "verify", "--man=no", str(tmp_path / "lookalike.service"))
    assert (code, words) == (0, "")
    assert shlex.split(command)[1:] == ["serve", "--config", "/etc/lookalike.toml"]


def test_nginx_takes_the_location(tmp_path):
    places = "".join(f"{kind}_temp_path {tmp_path};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole = f"http {{ access_log off; {places} server {{ listen 127.0.0.1:8490;\n{sample('nginx')}\n}} }}"
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}}\n{whole}")
    code, words = judged(program("nginx"), "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"))
    assert code == 0, words


def test_caddy_takes_the_site(tmp_path):
    (tmp_path / "Caddyfile").write_text(sample("caddy"))
    home = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = (program("caddy"), "validate", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile"))
    code, words = judged(*command, env=home)
    assert code == 0, words
    assert '"level":"warn"' not in words, words


def test_the_container_sets_what_can_be_set():
    told = re.search(r"^ENV (.*)$", sample("dockerfile"), re.MULTILINE)[1]
    variables = dict(pair.split("=", 1) for pair in shlex.split(told))
    assert variables.pop("LOOKALIKE_CATALOG") == "/data/shop.lookalike"
    settings = read_web_settings(None, variables)
    assert (settings.host, f"EXPOSE {settings.port}\n" in sample("dockerfile")) == ("0.0.0.0", True)
