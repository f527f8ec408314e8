"""Everything can be done without a mouse."""

from __future__ import annotations

import re


def focused(page):
    return page.evaluate(
        "() => { const one = document.activeElement; return one.getAttribute('aria-label') || one.innerText || one.id }"
    )


def tab_to(page, words, most=60):
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in focused(page):
            return
    raise AssertionError(f"{words!r} is not reached by Tab; the last was {focused(page)!r}")


def crop(page):
    page.wait_for_url(re.compile("crop="))
    return tuple(map(int, re.search(r"crop=(\d+)%2C(\d+)%2C(\d+)%2C(\d+)", page.url).groups()))


def test_from_the_sheet_to_a_crop_to_a_result_and_its_page(visit):
    page = visit("/")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.locator(".sheet a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/similar?id=*")
    tab_to(page, "Crop box: the whole picture")
    for _ in range(5):
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Shift+ArrowUp")
    first = crop(page)
    assert first[:2] == (0, 0)
    page.wait_for_selector("#results:not([aria-busy])")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+ArrowDown")
    page.wait_for_url(lambda address: "crop=0%2C0" not in address)
    second = crop(page)
    assert second[0] > 0
    assert second[1] == 1
    assert second[2:] == first[2:]
    assert focused(page).startswith(f"Crop box: {second[2]} by {second[3]} pixels, {second[0]} from the left")
    page.keyboard.press("Escape")
    page.wait_for_url(lambda address: "crop=" not in address)
    page.wait_for_selector("#results:not([aria-busy])")
    page.locator("#results .cards .well").first.focus()
    assert focused(page).startswith("Find what looks like")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pictures/*")


def test_the_box_never_leaves_the_picture(visit):
    page = visit("/similar?id=7&crop=300,300,100,100")
    box = page.locator(".crop-box")
    box.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
    page.wait_for_url(lambda address: "crop=300" not in address)
    width, height = page.locator(".cropping").evaluate("one => [Number(one.dataset.width), Number(one.dataset.height)]")
    x, y, wide, high = crop(page)
    assert (x + wide, y + high) == (width, height)


def test_a_filter_keeps_the_focus_where_it_was_and_says_what_came(visit):
    page = visit("/similar?id=7")
    tick = page.get_by_role("checkbox", name="Tessel")
    tick.focus()
    page.keyboard.press("Space")
    page.wait_for_url("**is.brand=Tessel*")
    page.wait_for_selector("#results:not([aria-busy])")
    assert page.evaluate("document.activeElement.value") == "Tessel"
    assert re.fullmatch(r"\d+ pictures found", page.locator("#told").inner_text())
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
