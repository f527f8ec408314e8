"""Runs the command as a user does, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest


@dataclass
class Run:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session")
def shop(draw_shop_of):
    return draw_shop_of(30)


@pytest.fixture(scope="session")
def run(shop):
    environment = {**os.environ, "LOOKALIKE_CATALOG": str(shop / "cli.lookalike"), "COLUMNS": "100"}

    def run_it(*words, cwd=shop, **variables):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "lookalike", *map(str, words)],
            cwd=cwd,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    return run_it


@pytest.fixture(scope="session")
def indexed(run, shop):
    recipes = "phash,dhash,whash,colorhash"
    done = run("index", "images", "--attributes", "items.csv", "--fingerprints", recipes, "--json")
    assert done.code == 0, done.err
    return done
