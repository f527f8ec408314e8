"""An explanation as a picture: differing bits stand out, equal pixels are white."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import RenderingError
from lookalike.rendering import BitPanel, Tile, draw_explanation
from lookalike.rendering.explanation import SET_APART, UNSET_APART, difference, draw_bits


def colours(image):
    return {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in image.getcolors(image.width * image.height)}


def test_each_bit_that_differs_is_marked_and_no_other():
    first = np.zeros((8, 8), bool)
    second = first.copy()
    second[2, 3] = True
    assert colours(draw_bits(first, first != second, 20)) & {SET_APART, UNSET_APART} == {UNSET_APART}
    drawn = draw_bits(second, first != second, 20)
    assert drawn.getpixel((3 * 20 + 5, 2 * 20 + 5)) == (0xC2, 0x41, 0x0C)
    assert not colours(draw_bits(second, second != second, 20)) & {SET_APART, UNSET_APART}


def test_the_difference_is_white_where_pixels_are_equal_and_darker_the_more_they_differ():
    one = Image.new("RGB", (40, 30), "gray")
    other = one.copy()
    other.paste((150, 128, 128), (0, 0, 10, 30))
    other.paste("white", (10, 0, 20, 30))
    apart = difference(one, other).convert("L")
    assert apart.getpixel((35, 5)) == 255
    assert 255 > apart.getpixel((5, 5)) > apart.getpixel((15, 5))
    assert difference(one.resize((80, 60)), other).size == (40, 30)


@pytest.mark.parametrize("shape", [(8, 8), (3, 14), (32, 32), (1, 40)])
def test_a_page_is_drawn_for_codes_of_any_shape_and_grows_with_them(shape):
    picture = Image.new("RGB", (50, 80), "gray")
    bits = np.random.default_rng(0).random(shape) < 0.5
    panel = BitPanel("recipe", ("3 of 64 bits differ", "1 in 20"), bits, ~bits)
    one = draw_explanation(Tile(picture, ("a",)), Tile(picture, ("b",)), [panel], title="Edited copy", subtitle="Why")
    four = draw_explanation(Tile(picture, ("a",)), Tile(picture, ("b",)), [panel] * 4, title="Edited copy")
    assert one.width == four.width
    assert four.height > one.height
    assert {SET_APART, UNSET_APART} <= colours(one)


def test_nothing_to_explain_is_an_error():
    with pytest.raises(RenderingError, match="at least one fingerprint"):
        draw_explanation(Tile(Image.new("RGB", (9, 9))), Tile(Image.new("RGB", (9, 9))), [], title="")
