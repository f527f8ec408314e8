"""What goes wrong says what to do, and leaves a way on."""

from __future__ import annotations

import html
import time
import zlib
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

CARDS = "#results .cards > li"


def huge_png(width, height):
    """A PNG whose header announces so many pixels; what follows is never read."""

    def chunk(kind, content):
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "heading", "advice"),
    [
        ("text", "That is no picture we can open", "Take a photo"),
        ("pixels", "That picture has too many pixels", "Make it smaller"),
        ("cut", "That picture is cut off", "download or copy it again"),
        ("nothing", "That can't be understood", "Start again"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(visit, shop, tmp_path, kind, heading, advice):
    photo = (shop / "images" / "bag-0024.jpg").read_bytes()
    content = {
        "text": b"name,price\nbag,3\n",
        "pixels": huge_png(10_000, 6_000),
        "cut": photo[: len(photo) // 2],
        "nothing": b"",
    }
    (tmp_path / "photo.jpg").write_bytes(content[kind])
    page = visit("/")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "photo.jpg")
    page.wait_for_selector(".problem")
    assert page.locator("h1").inner_text() == heading
    assert advice in page.locator(".problem").inner_text()
    page.get_by_role("link", name="Try another picture").click()
    page.wait_for_selector(".drop")
    visit.complaints.clear()  # the console tells of the status, as it should


def test_a_file_of_25_mb_is_refused_before_it_is_sent(visit, tmp_path):
    (tmp_path / "large.jpg").write_bytes(b"\xff\xd8\xff" + bytes(25_000_000))
    page = visit("/")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "large.jpg")
    note = page.locator("[data-intake-note]")
    assert "has 25 MB; at most 21 MB can be taken" in note.inner_text()
    assert page.url.endswith("/")


def test_a_text_dropped_on_the_results_is_refused_there(visit):
    page = visit("/similar?id=7")
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["name,price"], "items.csv", {type: "text/csv"}));
            const options = {dataTransfer: transfer, bubbles: true, cancelable: true};
            document.querySelector("h1").dispatchEvent(new DragEvent("drop", options));
        }"""
    )
    assert "“items.csv” is no picture" in page.locator("[data-intake-note]").inner_text()
    assert page.url.endswith("/similar?id=7")


def test_a_file_of_25_mb_that_is_sent_gets_our_page_not_the_browsers(visit, tmp_path):
    (tmp_path / "large.jpg").write_bytes(b"\xff\xd8\xff" + bytes(25_000_000))
    page = visit("/", java_script_enabled=False)
    page.get_by_label("Picture (JPEG").set_input_files(tmp_path / "large.jpg")
    page.get_by_role("button", name="Find what looks like it").click()
    page.wait_for_selector(".problem")
    assert page.locator("h1").inner_text() == "That file is too large"
    assert "21 MB" in page.locator(".problem").inner_text()
    visit.complaints.clear()


def test_an_upload_that_was_forgotten_says_so(visit):
    page = visit("/similar?upload=never-was", expect=410)
    assert page.locator("h1").inner_text() == "This picture has been forgotten"
    assert page.get_by_role("link", name="Try another picture").is_visible()
    visit.complaints.clear()


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/similar?id=x", 400, "That can't be understood"),
        ("/similar?id=7&crop=1,2,3", 400, "That part isn't inside the picture"),
        ("/similar?id=7&crop=9000,0,10,10", 400, "That part isn't inside the picture"),
        ("/similar?id=7&by=nonsense", 400, "That way to compare isn't known"),
        ("/similar?id=7&is.nonsense=1", 400, "That filter doesn't fit this catalog"),
        ("/similar?id=999999", 404, "That picture is not here any more"),
        ("/pictures/999999", 404, "That picture is not here any more"),
        ("/nonsense/deep", 404, "There is nothing here"),
    ],
)
def test_an_address_that_means_nothing_is_explained(site, address, status, heading):
    with pytest.raises(HTTPError) as answer:
        urlopen(Request(site + address, headers={"Accept": "text/html"}))
    page = answer.value.read().decode()
    assert answer.value.code == status
    assert f"<h1>{html.escape(heading)}</h1>" in page.replace("&#39;", "&#x27;")
    assert "Try another picture" in page


def test_a_busy_server_is_told_beside_the_results_that_stay_and_can_be_asked_again(visit):
    page = visit("/similar?id=7")
    busy = '<div class="problem"><h1>Many people are looking just now</h1><p>Try again in a few seconds.</p></div>'
    page.route(
        "**/similar?*by=colorhash*", lambda route: route.fulfill(status=429, content_type="text/html", body=busy)
    )
    page.get_by_label("Compare by").select_option("colorhash")
    note = page.locator("#results .note.wrong")
    note.wait_for()
    assert note.inner_text().startswith("Many people are looking just now Try again in a few seconds.")
    assert page.locator(CARDS).count() == 24
    assert "by=colorhash" not in page.url
    page.unroute("**/similar?*by=colorhash*")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url("**by=colorhash*")
    visit.complaints.clear()


def test_a_server_that_is_gone_is_told(visit):
    page = visit("/similar?id=7")
    page.route("**/similar?*", lambda route: route.abort())
    page.get_by_label("Compare by").select_option("colorhash")
    page.locator("#results .note.wrong").wait_for()
    assert "can't be reached" in page.locator("#results .note.wrong").inner_text()
    visit.complaints.clear()


def refused(address, accept):
    """Status, headers and text of a refusal."""
    with pytest.raises(HTTPError) as answer:
        urlopen(Request(address, headers={"Accept": accept}))
    return answer.value.code, answer.value.headers, answer.value.read().decode()


def test_uploads_end_and_who_asks_too_often_waits_in_words_for_people_and_for_programs(serving, shop):
    photo = (shop / "images" / "bag-0024.jpg").read_bytes()
    form = b'--b\r\nContent-Disposition: form-data; name="picture"; filename="a.jpg"\r\n\r\n' + photo + b"\r\n--b--\r\n"
    limits = {"UPLOAD_TTL_S": "2", "RATE_PER_S": "0.1", "RATE_BURST": "3"}
    with serving(**{f"LOOKALIKE_SERVE_{name}": value for name, value in limits.items()}) as site:
        with urlopen(Request(f"{site}/similar", form, {"Content-Type": "multipart/form-data; boundary=b"})) as answer:
            assert answer.status == 200  # the results, after a redirection
            address = answer.url
        assert "upload=" in address
        time.sleep(2.1)
        status, _, page = refused(address, "text/html")
        assert (status, "This picture has been forgotten" in page) == (410, True)
        for accept, kind in (("text/html", "text/html; charset=utf-8"), ("*/*", "application/problem+json")):
            status, headers, page = refused(address, accept)
            assert (status, headers["content-type"]) == (429, kind)
            assert int(headers["retry-after"]) >= 1
            assert ("Many people are looking just now" in page) == (accept == "text/html")
