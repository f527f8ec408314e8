"""What the page on running the server says can be set, can be set, and is what happens by itself."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path

from lookalike.web.settings import WebSettings, read_web_settings

DOCS = Path(__file__).parents[2] / "docs"


def test_the_settings_of_the_page_are_read_and_most_are_the_defaults(tmp_path):
    text = re.search(r"```toml\n(.*?)```", (DOCS / "deploy.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "lookalike.toml").write_text(text)
    told = dataclasses.asdict(read_web_settings(tmp_path / "lookalike.toml", {}))
    defaults = dataclasses.asdict(WebSettings())
    differing = {name for name in tomllib.loads(text)["serve"] if told[name] != defaults[name]}
    assert differing == {"allow_hosts", "proxies"}  # which depend on where it runs
