"""A server over a drawn shop, and a browser that looks at it. Pictures of what it saw are kept in build/screenshots."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCREENSHOTS = ROOT / "build" / "screenshots"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",  # tests may run as root, where Chromium has no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PICTURES = 120


def pytest_collection_modifyitems(items):
    """One worker has the browser and the server."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def shop(draw_shop_of):
    """A folder with images/, items.csv and an indexed shop.lookalike."""
    folder = draw_shop_of(PICTURES)
    run = [sys.executable, "-m", "lookalike", "index", "images", "--attributes", "items.csv"]
    subprocess.run([*run, "--catalog", "shop.lookalike"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def serving(shop):
    """A context in which a server runs over the shop, with more variables in its environment: its address."""

    @contextlib.contextmanager
    def serve(**variables):
        command = [sys.executable, "-m", "lookalike", "serve", "--catalog", "shop.lookalike", "--port", "0"]
        log = shop / f"server{len(variables)}.log"  # a pipe that nobody reads would fill, and the server wait
        environment = {**os.environ, **variables}
        with (
            log.open("w") as told,
            subprocess.Popen(command, cwd=shop, stdout=told, stderr=told, env=environment) as server,
        ):
            try:
                until = time.monotonic() + 60
                while not (found := re.search(r"serves (http://127\.0\.0\.1:\d+)/", log.read_text())):
                    assert server.poll() is None, log.read_text()
                    assert time.monotonic() < until, "the server says nothing"
                    time.sleep(0.05)
                yield found[1]
            finally:
                server.terminate()

    return serve


@pytest.fixture(scope="session")
def site(serving):
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: scripts/setup browser says how to get it")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def contexts(chromium, site):
    """A browser's profile for each way to look, which all tests share: it keeps scripts, styles and small copies."""
    known = {}

    def of(options):
        key = repr(sorted(options.items()))
        if key not in known:
            known[key] = chromium.new_context(base_url=site, **options)
            known[key].set_default_timeout(30_000)
        return known[key]

    yield of
    for context in known.values():
        context.close()


@pytest.fixture
def visit(contexts):
    """Opens an address of the site in a window of its own. What the page complains of fails the test."""
    complaints, pages = [], []

    def open_page(address="/", *, expect=200, **options):
        page = contexts({"viewport": DESKTOP, "reduced_motion": "reduce", **options}).new_page()
        pages.append(page)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        assert page.goto(address).status == expect
        return page

    open_page.complaints = complaints
    yield open_page
    for page in pages:
        page.close()
    assert complaints == []


@pytest.fixture
def keep(request):
    """Keeps a picture of a page under the test's name, and answers with it as an array's source."""

    def take(page, name, **options):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        page.screenshot(path=path, **options)
        return path

    return take


@pytest.fixture
def upload(visit, shop):
    """Uploads a picture of the shop from the start page and waits for what looks like it."""

    def send(name="bag-0024.jpg", **options):
        page = visit("/", **options)
        page.locator("input[type=file]").first.set_input_files(shop / "images" / name)
        page.wait_for_url("**/similar?upload=*")
        return page

    return send
