"""From a picture to what looks like it, and on from there."""

from __future__ import annotations

import re

from PIL import Image

CARDS = "#results .cards > li"


def ids(page):
    return page.locator(CARDS).evaluate_all("cards => cards.map(card => card.dataset.id)")


def settled(page, query):
    """Waits until the address has *query* and the answer to it is there."""
    page.wait_for_url(re.compile(query))
    page.wait_for_selector("#results:not([aria-busy])")


def test_an_uploaded_picture_finds_itself_first_and_its_address_cannot_be_guessed(upload):
    page = upload()
    assert page.locator(CARDS).count() >= 9
    assert re.match(r"0 of \d+ bits apart", page.locator(f"{CARDS} .why").first.inner_text())
    assert len(re.search(r"upload=([\w-]+)", page.url)[1]) >= 20


def test_drawing_a_box_asks_anew_in_pixels_of_the_upright_picture(upload):
    page = upload()
    before = ids(page)
    frame = page.locator(".cropping").bounding_box()
    page.mouse.move(frame["x"] + frame["width"] * 0.25, frame["y"] + frame["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.75, frame["y"] + frame["height"] * 0.75, steps=5)
    page.mouse.up()
    settled(page, "crop=")
    x, y, width, height = map(int, re.search(r"crop=(\d+)%2C(\d+)%2C(\d+)%2C(\d+)", page.url).groups())
    full = page.locator(".cropping").evaluate("frame => [frame.dataset.width, frame.dataset.height].map(Number)")
    for got, share, side in ((x, 0.25, 0), (y, 0.5, 1), (width, 0.5, 0), (height, 0.25, 1)):
        assert abs(got - share * full[side]) <= 0.02 * full[side] + 2
    assert ids(page) != before
    page.reload()
    assert page.locator(".crop-box").get_attribute("aria-label").startswith(f"Crop box: {width} by {height} pixels")
    page.get_by_role("link", name="Whole picture").click()
    page.wait_for_url(lambda address: "crop=" not in address)
    page.wait_for_selector("#results:not([aria-busy])")
    assert ids(page) == before


def test_a_handle_resizes_and_the_inside_moves(visit):
    page = visit("/similar?id=7&crop=100,100,200,200")
    box = page.locator(".crop-box")
    before = box.bounding_box()
    page.mouse.move(before["x"] + before["width"], before["y"] + before["height"])
    page.mouse.down()
    page.mouse.move(before["x"] + before["width"] - 30, before["y"] + before["height"] - 20, steps=3)
    page.mouse.up()
    after = box.bounding_box()
    assert abs(before["width"] - after["width"] - 30) < 3
    assert abs(before["height"] - after["height"] - 20) < 3
    page.mouse.move(after["x"] + after["width"] / 2, after["y"] + after["height"] / 2)
    page.mouse.down()
    page.mouse.move(after["x"] + after["width"] / 2 + 25, after["y"] + after["height"] / 2, steps=3)
    page.mouse.up()
    moved = box.bounding_box()
    assert abs(moved["x"] - after["x"] - 25) < 3
    assert abs(moved["width"] - after["width"]) < 2


def test_a_finger_at_a_handle_resizes_and_does_not_scroll(visit):
    page = visit("/similar?id=7&crop=100,100,200,200", viewport={"width": 390, "height": 844}, has_touch=True)
    box = page.locator(".crop-box")
    before = box.bounding_box()
    touch = page.context.new_cdp_session(page)
    x, y = before["x"] + before["width"], before["y"] + before["height"]
    for kind, along in (("touchStart", 0), ("touchMove", 15), ("touchMove", 30), ("touchEnd", None)):
        points = [] if along is None else [{"x": x - along, "y": y - along}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    settled(page, "crop=100%2C100%2C(?!200)")
    after = box.bounding_box()
    assert abs(before["width"] - after["width"] - 30) < 3
    assert abs(before["height"] - after["height"] - 30) < 3
    assert page.evaluate("scrollY") == 0


def test_a_photo_taken_upright_by_a_turned_phone_is_shown_and_cropped_upright(upload, visit, shop, tmp_path):
    with Image.open(shop / "images" / "bag-0024.jpg") as image:
        exif = image.getexif()
        exif[0x0112] = 6  # the camera was held upright: the pixels lie on their side
        image.rotate(90, expand=True).save(tmp_path / "phone.jpg", exif=exif)
        upright = image.size
    page = visit("/")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "phone.jpg")
    page.wait_for_url("**/similar?upload=*")
    frame = page.locator(".cropping")
    assert frame.evaluate("frame => [Number(frame.dataset.width), Number(frame.dataset.height)]") == list(upright)
    natural = frame.locator("img").evaluate(
        "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    )
    assert abs(natural[0] / natural[1] - upright[0] / upright[1]) < 0.02


def test_going_back_takes_the_crop_box_along(visit):
    page = visit("/similar?id=7&crop=100,100,200,200")
    box = page.locator(".crop-box")
    before = box.get_attribute("aria-label")
    page.get_by_role("link", name="Side by side").click()
    settled(page, "view=columns")
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda address: "crop=100%2C100" not in address)
    assert box.get_attribute("aria-label") != before
    page.go_back()
    page.wait_for_url(lambda address: "view=columns" not in address)
    page.wait_for_selector("#results:not([aria-busy]) > .cards")
    assert box.get_attribute("aria-label") == before


def test_a_click_on_a_result_searches_on_from_it_and_back_comes_back(visit):
    page = visit("/similar?id=7")
    first = page.locator(CARDS).first
    target, before = first.get_attribute("data-id"), ids(page)
    first.locator("a.well").click()
    page.wait_for_url(f"**/similar?id={target}*")
    assert target not in ids(page)
    page.go_back()
    page.wait_for_url("**/similar?id=7")
    assert ids(page) == before


def test_any_picture_of_the_random_sheet_is_a_start(visit):
    page = visit("/")
    assert page.locator(".sheet li").count() == 81
    page.locator(".sheet a").nth(4).click()
    page.wait_for_url("**/similar?id=*")
    assert page.locator(CARDS).count() >= 9


def test_scrolling_brings_more_until_all_or_200_are_there_each_once(visit):
    page = visit("/similar?id=7")
    more = page.locator("#results a[rel=next]")
    for step in range(2, 12):
        if not more.count():
            break
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.locator(CARDS).nth(24 * (step - 1)).wait_for()
    shown = ids(page)
    assert len(set(shown)) == len(shown)
    assert 110 < len(shown) <= 119  # of 120 pictures, without itself and its equals


def test_the_classic_fingerprints_stand_side_by_side(visit):
    page = visit("/similar?id=7")
    page.get_by_role("link", name="Side by side").click()
    settled(page, "view=columns")
    headings = page.locator(".columns h2").all_inner_texts()
    assert headings == ["whash", "colorhash", "look"]
    for number in range(len(headings)):
        assert page.locator(".columns section").nth(number).locator("li.card").count() == 9


def test_the_slider_weighs_shape_against_colour_and_ranks_anew(visit):
    page = visit("/similar?id=7")
    before = ids(page)
    page.get_by_label("Shape against colour").fill("0")
    settled(page, "shape=0")
    assert ids(page) != before
    assert "0 % shape, 100 % colour" in page.locator("#shape-words").inner_text()
    page.get_by_label("Shape against colour").fill("75")  # as it was: look's own weights ask for nothing
    page.wait_for_selector("#results:not([aria-busy])")
    page.wait_for_function("before => document.querySelector('#results .card').dataset.id === before", arg=before[0])
    assert ids(page) == before


def test_a_mirrored_part_of_a_picture_says_how_it_lies(visit, shop, tmp_path):
    with Image.open(shop / "images" / "bag-0024.jpg") as image:
        width, height = image.size
        image.crop((width // 8, height // 8, width * 7 // 8, height * 7 // 8)).save(tmp_path / "part.jpg")
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "mirrored.jpg")
    for name, words in (("part", "Part of this picture: the"), ("mirrored", "Mirrored")):
        page = visit("/")
        page.locator("input[type=file]").first.set_input_files(tmp_path / f"{name}.jpg")
        page.wait_for_url("**/similar?upload=*")
        assert page.locator(f"{CARDS} .worth").first.inner_text() == "Edited copy"
        assert words in page.locator(f"{CARDS} .lies").first.inner_text()


def test_a_pasted_and_a_dropped_picture_are_taken_like_a_picked_one(visit):
    for event, carrier in (("paste", "clipboardData"), ("drop", "dataTransfer")):
        page = visit("/")
        page.evaluate(
            """async ([event, carrier]) => {
                const blob = await (await fetch(document.querySelector('.sheet img').src)).blob();
                const transfer = new DataTransfer();
                transfer.items.add(new File([blob], 'seen.webp', {type: blob.type}));
                const kind = event === 'paste' ? ClipboardEvent : DragEvent;
                const options = {[carrier]: transfer, bubbles: true, cancelable: true};
                document.querySelector('h1').dispatchEvent(new kind(event, options));
            }""",
            [event, carrier],
        )
        page.wait_for_url("**/similar?upload=*")
        assert page.locator(CARDS).count() >= 9
