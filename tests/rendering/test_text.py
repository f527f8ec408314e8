import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lookalike.errors import RenderingError
from lookalike.rendering.lettering import ELLIPSIS, Lettering
from lookalike.rendering.text import visible_text

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=80)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("photo\u202egpj.exe", r"photo\u202egpj.exe"),
        ("\udcff\udc80.jpg", r"\xff\x80.jpg"),
        ("\ud800.jpg", r"\ud800.jpg"),
        ("cafe\u0301", "caf\u00e9"),
        ("中文 👜 שלום", "中文 👜 שלום"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
    ],
)
def test_what_nobody_can_see_is_escaped_and_the_rest_is_kept(text, shown):
    assert visible_text(text) == shown


@given(ANY_TEXT)
def test_visible_text_can_always_be_encoded_and_holds_no_control_characters(text):
    shown = visible_text(text)
    shown.encode("utf-8")
    assert not any(ord(character) < 32 or 0x202A <= ord(character) <= 0x202E for character in shown)


@given(ANY_TEXT, st.integers(30, 400))
@settings(max_examples=60, deadline=None)
def test_a_cut_text_never_gets_wider_than_asked(text, max_width):
    lettering = Lettering(2)
    assert lettering.width(lettering.cut_middle(text, 12, max_width), 12) <= max_width


def slow_cut(lettering, text, size, max_width):
    """The oracle: take away one letter after the other, the middle first."""
    if lettering.width(text, size) <= max_width:
        return text
    for kept in range(len(text) - 1, 0, -1):
        head = (kept + 1) // 2
        candidate = text[:head] + ELLIPSIS + text[len(text) - (kept - head) :]
        if lettering.width(candidate, size) <= max_width:
            return candidate
    return ELLIPSIS


@pytest.mark.parametrize("text", ["IMG_20240131_142233 (copy 2).jpeg", "i" * 90 + "W" * 9 + ".png", "short.jpg", ""])
@pytest.mark.parametrize("max_width", [20, 60, 61, 140, 333])
def test_a_name_is_cut_as_the_slow_cut_does(text, max_width):
    lettering = Lettering(1)
    assert lettering.cut_middle(text, 12, max_width) == slow_cut(lettering, text, 12, max_width)


def test_a_cut_name_keeps_its_beginning_and_its_ending():
    cut = Lettering(1).cut_middle("begin" + "x" * 5000 + "end.jpg", 12, 150)
    assert cut.startswith("begin")
    assert cut.endswith("end.jpg")
    assert cut.count(ELLIPSIS) == 1


def test_letters_that_no_font_draws_are_escaped_and_an_escape_is_never_torn_apart():
    lettering = Lettering(1)
    assert lettering.cut_middle("中.jpg", 12, 500) == r"\u4e2d.jpg"
    cut = lettering.cut_middle("中" * 30, 12, 120)
    assert cut.replace(r"\u4e2d", "") == ELLIPSIS


def test_prices_in_euros_stay_readable():
    assert Lettering(1).cut_middle("€49 \u2013 59", 12, 500) == "EUR49 - 59"


def test_wrapped_text_keeps_every_word_while_it_fits():
    lettering = Lettering(1)
    text = "whash looks at light and dark, colorhash at colours"
    lines = lettering.wrap(text, 12, 150, max_lines=9)
    assert " ".join(lines) == text
    assert len(lines) > 1
    assert all(lettering.width(line, 12) <= 150 for line in lines)
    assert len(lettering.wrap(text, 12, 150, max_lines=1)) == 1


def test_text_is_drawn_where_it_was_asked_for():
    picture = Image.new("L", (200, 40), 0)
    written = Lettering(1).draw(ImageDraw.Draw(picture), (10, 30), "Hamming", 20, fill="white")
    left, top, right, bottom = picture.getbbox()
    assert left >= 9
    assert right <= 10 + written + 2
    assert top >= 8
    assert bottom <= 38


def test_a_font_that_is_not_there_is_refused_with_its_name():
    with pytest.raises(RenderingError, match=r"nowhere\.ttf"):
        Lettering(1, "/nowhere.ttf")
