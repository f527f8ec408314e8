"""Every page is drawn whole in both sizes and lights, axe-core finds nothing serious, and little is sent."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

PAGES = {
    "start": ("/", "main, .drop, .sheet li, .mark", 81),
    "similar": ("/similar?id=7", "main, .cropping img, #results .card, #guess, #refine", 24),
    "cropped": ("/similar?id=7&crop=80,120,240,260&is.brand=Tessel", "main, .crop-box, .chips a", 0),
    "columns": ("/similar?id=7&view=columns", "main, .columns section, .columns .card", 18),
    "picture": ("/pictures/20?id=7", "main, .beside .frame, .over .frame, .price-row, table", 9),
    "empty": ("/similar?id=7&max.price=1", "main, .empty", 0),
    "gone": ("/similar?upload=gone", "main, .problem h1, .problem .button", 0),
}
SIZES = {
    "1440": {"viewport": {"width": 1440, "height": 900}},
    "390": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
FIRST_VIEW_BYTES = 100_000


@pytest.mark.parametrize(("size", "light"), [("1440", "light"), ("390", "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_axe_finds_nothing_serious(visit, keep, name, size, light):
    address, regions, cards = PAGES[name]
    page = visit(address, expect=410 if name == "gone" else 200, color_scheme=light, **SIZES[size])
    if name == "gone":
        visit.complaints.clear()  # the console tells of the status, as it should
    page.wait_for_load_state("networkidle")
    keep(page, f"{name}-{size}-{light}")
    pixels = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("L"))
    assert pixels.std() > 8, "the page is blank"
    assert (np.median(pixels[:, :8]) < 100) == (light == "dark")  # the paper at the left edge
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    for region in regions.split(", "):
        box = page.locator(region).first.bounding_box()
        assert box is not None, region
        assert min(box["width"], box["height"]) > 10, region
    assert page.locator(".card, .sheet li").count() >= cards
    broken = page.evaluate("[...document.images].filter(one => one.complete && !one.naturalWidth).map(one => one.src)")
    assert broken == []
    assert findings(page) == []


def findings(page):
    """axe-core's serious and critical findings, in words."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    response = axe.Axe().run(page).response
    assert len(response["passes"]) > 15, "axe looked at nothing"
    violations = response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in violations
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:3]
    ]


def test_the_first_view_sends_little_and_what_it_sends_is_kept_for_ever(chromium, site):
    for address in ("/", "/similar?id=7"):
        sent = {}
        context = chromium.new_context(base_url=site, **SIZES["390"])
        fresh = context.new_page()
        fresh.on("response", lambda answer, sent=sent: sent.update({answer.url: answer}))
        fresh.goto(address)
        fresh.wait_for_load_state("networkidle")
        ours = [one for one in sent.values() if one.request.resource_type in {"script", "stylesheet", "font"}]
        assert len(ours) >= 6
        assert sum(len(one.body()) for one in ours) < FIRST_VIEW_BYTES
        for one in ours:
            assert "immutable" in one.headers["cache-control"]
        pictures = [one for one in sent.values() if one.request.resource_type == "image" and "/mark.svg" not in one.url]
        assert {one.headers["content-type"] for one in pictures} <= {"image/webp", "image/avif"}
        assert len(pictures) <= 40  # what is far below is not loaded
        assert all("max-age" in one.headers["cache-control"] for one in pictures)
        context.close()


def test_nothing_is_fetched_from_elsewhere_and_nothing_inline_runs(visit, site):
    page = visit("/similar?id=7")
    answer = page.request.get("/similar?id=7")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    text = answer.text()
    assert "<style" not in text
    assert " style=" not in text
    assert "<script>" not in text
    addresses = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert addresses
    assert all(address.startswith(site) for address in addresses)


TURNS = {
    "rotate-90": Image.Transpose.ROTATE_90,
    "rotate-180": Image.Transpose.ROTATE_180,
    "rotate-270": Image.Transpose.ROTATE_270,
    "mirror": Image.Transpose.FLIP_LEFT_RIGHT,
    "flip": Image.Transpose.FLIP_TOP_BOTTOM,
    "transpose": Image.Transpose.TRANSPOSE,
    "transverse": Image.Transpose.TRANSVERSE,
}


def test_the_query_is_laid_as_pillow_would_lay_it(visit):
    page = visit("/pictures/20?id=7")
    frame = page.locator(".beside .frame").first
    image = frame.locator("img")

    def seen():
        return Image.open(io.BytesIO(frame.screenshot())).convert("L").resize((24, 24))

    image.evaluate("one => one.decode().then(() => { one.className = 'laid-identity' })")
    upright = seen()
    for transform, turn in TURNS.items():
        image.evaluate("(one, name) => { one.className = name }", f"laid-{transform}")
        expected = np.asarray(upright.transpose(turn), dtype=float)
        others = [np.asarray(upright.transpose(other), dtype=float) for other in TURNS.values() if other != turn]
        got = np.asarray(seen(), dtype=float)
        error = np.abs(got - expected).mean()
        assert error < 3, transform
        assert error < min(np.abs(got - other).mean() for other in [*others, np.asarray(upright, dtype=float)]), (
            transform
        )
