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


def test_below_a_path_every_link_picture_style_script_and_form_leads_to_what_is_there(serve, web_shop, picture):
    with (
        serve(web_shop / "shop.lookalike", root_path="/shop") as running,
        httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=60, trust_env=False) as client,
    ):
        sent = client.post("/shop/similar", files={"picture": ("photo.jpg", picture)})
        upload = str(sent.url.join(sent.headers["location"]))
        assert sent.status_code == 303
        found = {}  # one address for each place that it leads to from each kind of page
        for address in ("/shop/", upload, "/shop/similar?id=7&view=columns", "/shop/pictures/7?id=3", "/shop/a/b"):
            page = client.get(address, headers={"Accept": "text/html"})
            links = re.findall(r' (?:href|src|action)="([^"#]+)"', page.text)
            links += [one.split()[0] for many in re.findall(r' srcset="([^"]+)"', page.text) for one in many.split(",")]
            for link in links:
                leads = page.url.join(html.unescape(link))
                found.setdefault((address, re.sub(r"/\d+", "/7", leads.path)), leads)
        for style in [leads for (_, path), leads in found.items() if path.endswith(".css")]:
            for link in re.findall(r'url\("([^"]+)"\)', client.get(style).text):
                found["", style.join(link).path] = style.join(link)
        for script in [leads for (_, path), leads in found.items() if path.endswith(".js")]:
            for link in re.findall(r' from "([^"]+)"', client.get(script).text):
                found["", script.join(link).path] = script.join(link)
        paths = {path for _, path in found}
        assert {"/shop/", "/shop/similar", "/shop/pictures/7", "/shop/api/v1/images/7/thumbnail"} <= paths
        assert sum(path.endswith((".css", ".js", ".woff2", ".svg")) for path in paths) >= 12
        for leads in set(found.values()):
            assert leads.path.startswith("/shop/"), leads
            assert client.get(leads).status_code == 200, leads


def test_elements_of_lists_are_choices_and_filters(serve, own_shop):
    with serve(own_shop / "own.lookalike") as running:
        for number, tags in (
            (1, ["redder"]),
            (2, ["red"]),
            (3, ["red", "redder"]),
            (4, ["redder", "red"]),
            (5, "redder"),
        ):
            told = running.http.patch(f"images/{number}/attributes", json={"tags": tags}, headers=running.bearer)
            assert told.status_code == 200
        site = f"http://127.0.0.1:{running.port}"
        page = httpx.get(f"{site}/similar?id=3&is.tags=red", timeout=60, trust_env=False).text
        assert sorted(cards(page)) == ["2", "4"]
        assert 'name="is.tags" value="red" checked><span>red</span><span>3</span>' in page
        assert 'name="is.tags" value="redder"><span>redder</span><span>4</span>' in page
        page = httpx.get(f"{site}/similar?id=3&is.tags=redder", timeout=60, trust_env=False).text
        assert sorted(cards(page)) == ["1", "4", "5"]  # the text of 5 too


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
    static = people.get("/static/no-such-word/theme.css")
    assert (static.status_code, "There is nothing here" in static.text) == (404, True)
    for path in ("/a/b/c", "/static/no-such-word/theme.css", "/static/no-such-word/"):
        problem = people.get(path, headers={"Accept": "text/css,*/*;q=0.1"})
        assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
        assert problem.json()["type"] == "urn:lookalike:problem:not-found"


def test_things_of_one_kind_are_not_told_as_the_same_picture_for_their_parts_in_common(people):
    for page in (people.get("/similar?id=2").text, people.get("/pictures/2").text):
        told = page.split('<li class="card"')[1:]
        assert len(told) >= 9
        assert not [card for card in told if "Same picture" in card]  # 2 has no copy in the shop
