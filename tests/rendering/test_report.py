import base64
import io
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from lookalike.errors import RenderingError
from lookalike.rendering import RecipeDistance, Section, Tile, render_report

EVIL = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&$title ${x} \u202e\udcff"
VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """Reads a page: its elements in order, whether they nest, and its visible words."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.words = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def evil_tile(emphasis=None, image=None):
    return Tile(
        image,
        (EVIL, EVIL),
        badge=EVIL,
        emphasis=emphasis,
        distances=(RecipeDistance(EVIL, 3, 64),),
        attributes={EVIL: EVIL, "price": 49.9, "sold": None, "new": True},
        path=EVIL,
        problem=EVIL,
    )


def picture(size=(600, 400), colour="teal"):
    return Image.new("RGB", size, colour)


def test_no_text_from_outside_becomes_markup():
    sections = [Section(EVIL, EVIL, (evil_tile(), evil_tile(image=picture()))), Section(EVIL)]
    html = render_report(EVIL, sections, query=evil_tile("query"), introduction=EVIL, footer=EVIL)
    html.encode("utf-8")
    page = Page(html)
    assert page.open == []
    assert not page.all("script")
    assert all(not name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert all(image["src"].startswith("data:image/webp;base64,") for image in page.all("img"))
    assert len(page.all("img")) == 1
    shown = EVIL.replace("\u202e", r"\u202e").replace("\udcff", r"\xff")
    assert page.words.count(shown) >= 14
    assert page.all("img")[0]["alt"].startswith(shown)


def test_a_report_needs_nothing_from_elsewhere_and_forbids_scripts():
    page = Page(render_report("Tour", [Section("One", "words", (Tile(picture(), ("a.jpg",)),))]))
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    assert not page.all("link")
    assert not [attributes for _, attributes in page.elements if "http" in str(attributes.get("href", ""))]


def test_a_tile_shows_its_distances_bars_attributes_and_path():
    distances = (RecipeDistance("whash", 3, 64), RecipeDistance("colorhash", 21, 42))
    tile = Tile(picture(), ("img.jpg",), distances=distances, attributes={"brand": "Acme"}, path="images/img.jpg")
    html = render_report("Tour", [Section("One", "", (tile,))])
    text = "|".join(Page(html).words)
    for words in ("3 bits", "whash", "3 of 64", "colorhash", "21 of 42", "brand", "Acme", "images/img.jpg"):
        assert words in text
    assert re.findall(r'class="bar (\w+)"><span style="width:(\d+)%"', html) == [("near", "91"), ("chance", "0")]


def test_headings_are_in_order_and_links_lead_to_their_sections():
    page = Page(
        render_report("Tour", [Section("One"), Section("Two")], query=Tile(picture(), ("q.jpg",), emphasis="query"))
    )
    headings = [tag for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert headings == ["h1", "h2", "h2"]
    targets = {attributes["id"] for attributes in page.all("section")}
    assert {link["href"].removeprefix("#") for link in page.all("a")} == targets
    assert page.all("html")[0]["lang"] == "en"


def test_every_picture_has_words_for_those_who_cannot_see_it():
    tile = Tile(picture(), ("q.jpg",), emphasis="query", distances=(RecipeDistance("whash", 1, 64),))
    page = Page(render_report("Tour", [Section("One", "", (tile, Tile(picture(), path="b.jpg")))]))
    assert [image["alt"] for image in page.all("img")] == ["q.jpg, query, 1 bit", "b.jpg"]


def test_thumbnails_are_small_sized_and_of_the_format_asked():
    html = render_report(
        "T",
        [
            Section(
                "One",
                "",
                (
                    Tile(
                        picture(),
                    ),
                ),
            )
        ],
        thumbnail_side=120,
        image_format="jpeg",
    )
    (image,) = Page(html).all("img")
    assert (image["width"], image["height"]) == ("120", "80")
    content = base64.b64decode(image["src"].removeprefix("data:image/jpeg;base64,"))
    with Image.open(io.BytesIO(content)) as small:
        assert (small.format, small.size) == ("JPEG", (120, 80))


def test_a_missing_or_damaged_picture_is_told_and_does_not_cost_the_page(tmp_path):
    path = tmp_path / "cut.jpg"
    Image.effect_noise((400, 300), 90).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with Image.open(path) as damaged:
        tiles = (Tile(None, problem="the file is gone"), Tile(damaged), Tile(None), Tile(picture()))
        page = Page(render_report("Tour", [Section("One", "", tiles)]))
    text = "|".join(page.words)
    assert "the file is gone" in text
    assert "could not be drawn" in text
    assert "no picture" in text
    assert len(page.all("img")) == 1


def test_paragraphs_are_kept_apart():
    page = Page(render_report("Tour", [Section("One", "first\nstill first\n\nsecond")]))
    assert "first still first" in page.words
    assert "second" in page.words


@pytest.mark.parametrize("side", [0, 5000])
def test_a_thumbnail_size_out_of_range_is_refused(side):
    with pytest.raises(RenderingError, match="thumbnails"):
        render_report("Tour", [], thumbnail_side=side)
