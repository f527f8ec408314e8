"""What each page shows, drawn from a shop of plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from lookalike.catalog import Facet
from lookalike.fingerprints.look import Look
from lookalike.model import Crop, Match, Reason, Region
from lookalike.web.pages.detail import part_of, picture_page
from lookalike.web.pages.question import Question
from lookalike.web.pages.shop import Found, Known, Likeness, Subject
from lookalike.web.pages.views import similar_page, start_page

pytest.importorskip("jinja2", reason="the pages need the extra web")
NASTY = """"><script>alert('1')</script><img src=x onerror=alert(2)>{{ 7 * 7 }}&amp;'"""
FRAME = {"private": False, "max_bytes": 20_000_000, "max_words": "20 MB", "keeps": "an hour"}


@dataclass
class PlainShop:
    """Answers with the same matches to every question, and remembers the questions."""

    brand: str = "Acme"
    verdict: str = "edited copy"
    attributed: bool = True
    held: tuple[str, ...] = ("whash", "colorhash")
    max_bytes: int = 20_000_000
    keeps_s: float = 900
    body_s: float = 30
    asked: list = field(default_factory=list)

    def known(self, picture):
        attributes = {"brand": self.brand, "title": f"{self.brand} {picture}", "price": 100.0 + picture}
        return Known(picture, 400, 500, (f"/a/{self.brand}/{picture}.jpg",), attributes if self.attributed else {})

    def count_pictures(self):
        return 100

    def sample(self, count, seed):
        return [self.known(number) for number in range(seed, seed + 3)]

    def recipes(self):
        return self.held

    def attributes(self):
        brand = Facet("brand", "text", 100, ((self.brand, 60), ("Bolt", 40)))
        return [brand, Facet("price", "number", 100, least=1, most=900)] if self.attributed else []

    def subject(self, picture, upload):
        return Subject(800, 600, None, upload) if upload else Subject(400, 500, self.known(picture))

    def search(self, subject, **question):
        self.asked.append(question)
        reason = Reason("whash", 3, 64, "mirror", Region(0.5, 0, 0.5, 1), expected=0.01)
        matches = tuple(
            Match(one.id, one.paths[0], 3, {"whash": 3}, 0.1, dict(one.attributes), one.paths, 90, (), "mirror",
                  reason.region, 0.01, self.verdict, (reason,))
            for one in map(self.known, range(1, 1 + min(question["k"], 5)))
        )  # fmt: skip
        return Found(matches, {match.id: (400, 500) for match in matches}, ("whash",), {"whash": 64}, "next 1")

    def compare(self, subject, picture, *, crop=None, by=""):
        return Likeness((Reason("whash", 3, 64, "mirror"),), "mirror", Region(0.25, 0, 0.5, 1), 0.01, "edited copy")

    def picture_address(self, picture, side, crop=None):
        return f"/thumbnails/{picture}?width={side}" + (
            f"&crop={crop.x},{crop.y},{crop.width},{crop.height}" if crop else ""
        )

    def upload_address(self, upload, side, crop=None):
        return f"/uploads/{upload}?width={side}"


class Tags(HTMLParser):
    """Every tag with its attributes, and the text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag, key):
        return [attrs[key] for name, attrs in self.tags if name == tag and key in attrs]


def draw(template, values, root="./"):
    from lookalike.web.pages.rendering import render

    return render(template, {**FRAME, **values}, root)


def pages(shop, question):
    yield draw("start.html", start_page(shop, 0))
    yield draw("similar.html", similar_page(shop, question))
    yield draw("picture.html", picture_page(shop, 3, question, ""), "../")


def test_a_name_that_is_code_stays_a_name_everywhere():
    shop = PlainShop(brand=NASTY)
    for page in pages(shop, Question(picture=2, chosen=(("brand", (NASTY,)),), by=NASTY)):
        tags = Tags(page)
        assert [attrs for tag, attrs in tags.tags if tag == "script"] == [
            {"type": "module", "src": next(iter(tags.all("script", "src")))}
        ]
        assert "alert" not in "".join(tags.all("script", "src"))
        assert not [attrs for _, attrs in tags.tags if any(name.startswith("on") for name in attrs)]
        assert "49" not in tags.text
        assert NASTY in tags.text + "".join(tags.all("img", "alt"))


def test_every_address_is_relative_so_that_the_pages_may_lie_below_a_path():
    for page in pages(PlainShop(), Question(picture=2, crop=Crop(1, 2, 30, 40))):
        tags = Tags(page)
        addresses = [
            value for _, attrs in tags.tags for key, value in attrs.items() if key in {"href", "src", "action"}
        ]
        assert len(addresses) > 8
        assert not [address for address in addresses if address.startswith("/") or ":" in address.split("?")[0]]


def test_no_tag_carries_style_or_code_of_its_own():
    for page in pages(PlainShop(), Question(picture=2, crop=Crop(1, 2, 30, 40))):
        assert not [attrs for tag, attrs in Tags(page).tags if tag == "style" or "style" in attrs]


def test_a_card_shows_worth_chance_reason_and_the_part_that_was_found():
    page = draw("similar.html", similar_page(PlainShop(), Question(picture=9)))
    text = " ".join(Tags(page).text.split())
    assert "Mirrored, part of this picture: the right 50 % 3 of 64 bits apart" in text
    assert "Edited copy Acme 1 101" in text
    assert "by chance once in 100 searches" in text
    tags = Tags(page).tags
    part = tags[[attrs.get("class") for _, attrs in tags].index("part") + 1][1]
    assert [float(part[key]) for key in ("x", "y", "width", "height")] == [200, 0, 200, 500]


def test_a_folder_without_attributes_has_no_filters_votes_or_prices():
    shop = PlainShop(attributed=False)
    similar = similar_page(shop, Question(picture=9))
    assert (similar["filters"], similar["guesses"], similar["band"]) == ([], [], None)
    assert picture_page(shop, 3, Question(), "")["rows"] == []
    assert "3.jpg" in draw("picture.html", picture_page(shop, 3, Question(), ""), "../")
    assert "your pictures look like it" in draw("start.html", start_page(shop, 0))


def test_the_slider_is_there_only_where_the_catalog_has_look():
    assert similar_page(PlainShop(), Question(picture=9))["shape"] is None
    shop = PlainShop(held=("look", "whash"))
    assert similar_page(shop, Question(picture=9, shape=70))["shape"] == 70
    assert shop.asked[0]["shape"] == 70
    assert similar_page(shop, Question(picture=9, by="whash"))["shape"] is None


def test_a_slider_that_was_left_alone_asks_for_nothing():
    own = 100 * Look.code_parts[0].width_bits // sum(part.width_bits for part in Look.code_parts)
    shop = PlainShop(held=("look", "whash"))
    assert similar_page(shop, Question(picture=9))["shape"] == own
    page = similar_page(shop, Question(picture=9, shape=own))
    assert [question["shape"] for question in shop.asked] == [None, None]
    assert "shape" not in page["columns_address"]


def test_who_filters_by_a_brand_is_not_told_that_it_is_probably_that_brand():
    shop = PlainShop()
    similar_page(shop, Question(picture=9, chosen=(("brand", ("Bolt",)),)))
    first, second = [question.get("where") for question in shop.asked]
    assert "\"brand\" in ('Bolt')" in first
    assert second is None


def test_rows_of_prices_leave_no_gap_and_do_not_overlap():
    shop = PlainShop()
    picture_page(shop, 100, Question(), "")
    assert [question["where"] for question in shop.asked] == [
        '"price" <= 169.99',
        '"price" >= 170 and "price" <= 230',
        '"price" >= 230.01',
    ]


def test_the_parts_that_match_are_laid_over_each_other():
    page = picture_page(PlainShop(), 3, Question(picture=2, crop=Crop(10, 20, 30, 40)), "")
    assert "crop=10,20,30,40" in page["asked_part"].src
    assert "crop=100,0,200,500" in page["shown_part"].src


def test_of_a_cropped_query_the_part_that_was_found_lies_within_the_crop():
    subject = Subject(800, 600, None, "t0ken")
    assert part_of(Crop(100, 200, 400, 200), Region(0.5, 0, 0.5, 1), subject) == Crop(300, 200, 200, 200)
    assert part_of(None, Region(0.5, 0, 0.5, 1), subject) == Crop(400, 0, 400, 600)
    assert part_of(Crop(1, 2, 3, 4), None, subject) == Crop(1, 2, 3, 4)


def test_what_may_be_chance_claims_no_turn_and_no_part():
    shop = PlainShop(verdict="chance")
    page = draw("similar.html", similar_page(shop, Question(picture=9)))
    assert "Perhaps chance" in page
    assert "Mirrored" not in page
    assert 'class="part"' not in page


def test_the_copies_a_browser_may_choose_from_say_their_own_width():
    shown = start_page(PlainShop(), 0)["sheet"][0][0]
    assert [wide for wide, _ in shown.choices] == [128, 256, 400]  # 400 x 500: the longer side is 160, 320, 640 at most
