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


HANDLES = (
    "top left corner",
    "top edge",
    "top right corner",
    "right edge",
    "bottom right corner",
    "bottom edge",
    "bottom left corner",
    "left edge",
)


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
    tab_to(page, "bottom right corner")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Shift+ArrowUp")
    first = crop(page)
    assert first[:2] == (0, 0)
    page.wait_for_selector("#results:not([aria-busy])")
    assert focused(page) == "bottom right corner"
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
    assert focused(page).startswith("Crop box: ")
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
        page.keyboard.press("ArrowDown")
    page.wait_for_url(lambda address: "crop=300" not in address)
    width, height = page.locator(".cropping").evaluate("one => [Number(one.dataset.width), Number(one.dataset.height)]")
    x, y, wide, high = crop(page)
    assert (x + wide, y + high) == (width, height)


def test_every_handle_has_a_name_a_ring_and_moves_its_own_sides_in_small_and_large_steps(visit):
    page = visit("/similar?id=7&crop=120,120,200,200")
    box = page.locator(".crop-box")
    small = round(min(page.locator(".cropping").evaluate("one => [+one.dataset.width, +one.dataset.height]")) / 50)

    def sides():
        label = box.get_attribute("aria-label")
        width, height, x, y = map(int, re.findall(r"\d+", label))
        return x, y, x + width, y + height

    box.focus()
    for name in HANDLES:
        page.keyboard.press("Tab")
        assert focused(page) == name
        assert page.evaluate("getComputedStyle(document.activeElement, '::after').outlineStyle") == "solid"
        before = sides()
        for keys, step in (("ArrowRight", small), ("Shift+ArrowRight", 5 * small), ("Control+ArrowRight", 1)):
            page.keyboard.press(keys)
            expected = tuple(
                side + step * (word in name) for side, word in zip(before, ("left", "-", "right", "-"), strict=True)
            )
            assert sides() == expected, (name, keys)
            page.keyboard.press(keys.replace("Right", "Left"))
            assert sides() == before, (name, keys)
        page.keyboard.press("ArrowUp")
        expected = tuple(
            side - small * (word in name) for side, word in zip(before, ("-", "top", "-", "bottom"), strict=True)
        )
        assert sides() == expected, name
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.locator(".cropping [role=status]").filter(has_text="Crop box: ").wait_for(state="attached")


def test_keys_act_only_where_the_box_or_a_handle_has_the_focus(visit):
    page = visit("/similar?id=7&crop=120,120,200,200")
    before = page.locator(".crop-box").get_attribute("aria-label")
    for place in ("#by", "#refine summary", ".mark"):
        page.locator(place).focus()
        for keys in ("ArrowLeft", "Shift+ArrowLeft", "Escape"):
            page.keyboard.press(keys)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    assert page.locator(".crop-box").get_attribute("aria-label") == before


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
