"""The pages over the real server, without a browser."""

from __future__ import annotations

import html
import re

import httpx
import pytest

pytest.importorskip("jinja2", reason="the pages need the extra web")


@pytest.fixture(scope="module")
def people(served):
    """Asks as a browser does, and follows where it is sent."""
    address = f"http://127.0.0.1:{served.port}"
    with httpx.Client(
        base_url=address, headers={"Accept": "text/html"}, follow_redirects=True, timeout=60, trust_env=False
    ) as client:
        yield client


@pytest.fixture(scope="module")
def uploaded(people, picture):
    answer = people.post("/similar", files={"picture": ("photo.jpg", picture)})
    assert answer.status_code == 200
    return answer


def cards(page):
    return re.findall(r'<li class="card" data-id="(\d+)">', page)


def test_an_upload_leads_to_results_under_an_address_that_cannot_be_guessed(uploaded):
    token = uploaded.url.params["upload"]
    assert uploaded.url.path == "/similar"
    assert len(token) >= 20
    assert cards(uploaded.text)[0] == "7"  # bag-0007.jpg itself
    assert "Like your picture" in uploaded.text
    assert 'name="robots" content="noindex"' in uploaded.text


def test_a_crop_of_an_upload_ranks_anew_and_the_page_shows_its_outline(people, uploaded):
    token = uploaded.url.params["upload"]
    page = people.get("/similar", params={"upload": token, "crop": "60,200,200,150"}).text
    assert cards(page) != cards(uploaded.text)
    assert '<rect x="60" y="200" width="200" height="150"/>' in page


def test_all_pages_of_results_together_hold_every_other_picture_once(people):
    address, seen = "/similar?id=7", []
    while address:
        page = people.get(address).text
        seen += cards(page)
        more = re.search(r'rel="next" href="\./([^"]+)"', page)
        address = "/" + html.unescape(more[1]) if more else ""
    assert sorted(map(int, seen)) == [number for number in range(1, 31) if number != 7]


def test_a_picture_is_compared_with_an_upload_by_every_recipe_and_with_a_crop_anew(people, uploaded):
    token = uploaded.url.params["upload"]
    whole = people.get("/pictures/7", params={"upload": token}).text
    assert re.findall(r"<td>(\d+) of \d+ bits apart", whole) == ["0"] * 5  # all but parts, which are counted
    part = people.get("/pictures/7", params={"upload": token, "crop": "0,0,150,150"}).text
    assert re.findall(r"<td>(\d+) of \d+ bits apart", part)[:5] != ["0"] * 5
    assert "crop=0%2C0%2C150%2C150" in part or "crop=0,0,150,150" in part


def test_a_filter_of_the_page_is_the_filter_of_the_search(people):
    page = people.get("/similar", params={"id": 7, "max.price": "60"}).text
    prices = [float(price.replace(",", "")) for price in re.findall(r'<p class="facts"><b>([\d,.]+)', page)]
    assert prices
    assert max(prices) <= 60
    assert "Price to 60" in page


def test_the_folders_of_the_pictures_are_told_to_nobody(people, web_shop, uploaded):
    pages = [people.get(path).text for path in ("/", "/similar?id=7", "/pictures/7?id=3", "/pictures/999")]
    assert not [page for page in [*pages, uploaded.text] if str(web_shop) in page]


def test_pages_below_a_path_lead_to_each_other(serve, web_shop):
    with (
        serve(web_shop / "shop.lookalike", root_path="/pictures") as running,
        httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=60, trust_env=False) as client,
    ):
        page = client.get("/pictures/pictures/7")  # the page about picture 7, below /pictures
        found = re.search(r'class="button" href="([^"]+)"', page.text)
        assert page.url.join(html.unescape(found[1])).path == "/pictures/similar"
        style = re.search(r'rel="stylesheet" href="([^"]+)"', page.text)[1]
        assert client.get(page.url.join(style)).headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("theme.css", "text/css"), ("page.js", "text/javascript"), ("fonts/instrument-sans.woff2", "font/woff2")],
)
def test_static_files_come_with_their_kind_and_may_be_kept_for_ever(people, name, kind):
    root = re.search(r'href="\./(static/[0-9a-f]+)/', people.get("/").text)[1]
    answer = people.get(f"/{root}/{name}")
    assert answer.headers["content-type"].startswith(kind)
    assert "immutable" in answer.headers["cache-control"]
    assert people.get(f"/{root}/../pages/routes.py").status_code == 404
    assert people.get(f"/{root}/..%2fpages%2froutes.py").status_code == 404


def test_what_is_nowhere_is_a_page_for_people_and_a_problem_for_programs(people):
    page = people.get("/a/b/c")
    assert (page.status_code, "There is nothing here" in page.text) == (404, True)
    assert '<a class="mark" href="../../"' in page.text
    assert people.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"
