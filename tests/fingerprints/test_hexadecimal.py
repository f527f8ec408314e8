from __future__ import annotations

import imagehash
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import FingerprintError
from lookalike.fingerprints import fingerprint_from_hex, parse_recipe

TEXTS = ("ahash", "phash:3", "dhash:5", "whash:db4", "colorhash", "colorhash:1")


@given(text=st.sampled_from(TEXTS), number=st.integers(0), upper=st.booleans())
def test_hex_of_any_width_survives_being_read_and_printed(text, number, upper):
    recipe = parse_recipe(text)
    digits = f"{number % (1 << recipe.width_bits):0{(recipe.width_bits + 3) // 4}x}"
    fingerprint = fingerprint_from_hex(recipe, digits.upper() if upper else digits)
    assert fingerprint.hex == digits
    digits_of_two = f"{number % (1 << recipe.width_bits):0{recipe.width_bits}b}"
    assert [str(int(bit)) for bit in fingerprint.bits] == list(digits_of_two)


def test_the_bits_read_are_those_that_imagehash_reads():
    text = "c3f0a5960f1e2d3c"
    bits = fingerprint_from_hex(parse_recipe("whash"), text).bits
    assert (bits == imagehash.hex_to_hash(text).hash.ravel()).all()
    flat = "0123456789a"
    bits = fingerprint_from_hex(parse_recipe("colorhash"), flat).bits
    assert (bits == imagehash.hex_to_flathash(flat, 14).hash.ravel()[-42:]).all()


def test_codes_of_segments_are_read_and_printed_with_commas():
    text = "00000000000000ff,ff00000000000000"
    fingerprint = fingerprint_from_hex(parse_recipe("crop_resistant"), text, quality=7, marks=("flat",))
    assert (fingerprint.hex, len(fingerprint.parts)) == (text, 2)
    assert (fingerprint.quality, fingerprint.marks) == (7, ("flat",))


@pytest.mark.parametrize(
    ("recipe", "text", "said"),
    [
        ("whash", "", "16"),
        ("whash", "ff", "2 hex digits"),
        ("whash", "0" * 17, "17 hex digits"),
        ("whash", "0" * 15 + "g", "isn't hexadecimal"),
        ("whash", "0x" + "0" * 14, "isn't hexadecimal"),
        ("whash", "+" + "0" * 15, "isn't hexadecimal"),
        ("whash", "٣" * 16, "isn't hexadecimal"),
        ("whash", "0" * 16 + "," + "0" * 16, "2 codes"),
        ("colorhash", "4" + "0" * 10, "beyond the 42"),
        ("crop_resistant", "0" * 16 + ",", "0 hex digits"),
    ],
)
def test_malformed_hex_is_refused_with_what_is_expected(recipe, text, said):
    with pytest.raises(FingerprintError) as refusal:
        fingerprint_from_hex(parse_recipe(recipe), text)
    assert said in str(refusal.value)
