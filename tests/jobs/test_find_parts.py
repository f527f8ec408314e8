"""Copies that show a part are found, with the region; what isn't one is not claimed."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike import HammingIndex
from lookalike.catalog import ContentFacts, FileResult, FileStat, Store
from lookalike.errors import FingerprintError, SearchError
from lookalike.fingerprints import fingerprint_picture, parse_recipe
from lookalike.fingerprints.asked_parts import ask_by_fingerprint, ask_parts
from lookalike.images import load_picture
from lookalike.jobs.alignment import Alignment
from lookalike.jobs.find_parts import find_parts, most_supported
from lookalike.jobs.overlap import extent_of, find_overlap
from lookalike.jobs.recipe_index import RecipeIndex
from lookalike.jobs.verify_match import verify_match
from lookalike.model import Picture, Region

PARTS = parse_recipe("parts")
COUNT = 12


def picture_of(image: Image.Image) -> Picture:
    return load_picture(image, channels="luminance")


@pytest.fixture(scope="module")
def store(tmp_path_factory, scene):
    folder = tmp_path_factory.mktemp("parts")
    with Store.open(str(folder / "shop.lookalike")) as opened:
        scan = opened.begin_scan([])
        results = []
        for seed in range(COUNT):
            picture = picture_of(scene(seed))
            facts = ContentFacts(bytes([seed]) * 32, 1, picture.width, picture.height, "PNG", "RGB", 1, 1, ())
            made = fingerprint_picture(picture, [PARTS])
            results.append(
                FileResult(b"/%d.png" % seed, FileStat(1, 1, 1, 1, seed), "indexed", content=facts, fingerprints=made)
            )
        opened.record(scan, results)
        yield opened


@pytest.fixture(scope="module")
def index(store):
    return RecipeIndex.load(store, PARTS, HammingIndex(width_bits=PARTS.distance_bits))


def near(region: Region, expected: tuple[float, float, float, float]) -> bool:
    return np.allclose([region.left, region.top, region.width, region.height], expected, atol=0.03)


COPIES = {
    "a tenth cut off each side": (lambda image: image.crop((48, 36, 432, 324)), (0.1, 0.1, 0.8, 0.8), (0, 0, 1, 1)),
    "a quarter cut off each side": (
        lambda image: image.crop((120, 90, 360, 270)),
        (0.25, 0.25, 0.5, 0.5),
        (0, 0, 1, 1),
    ),
    "cut unevenly and resized": (
        lambda image: image.crop((150, 0, 480, 250)).resize((264, 200)),
        (0.3125, 0, 0.6875, 0.6944),
        (0, 0, 1, 1),
    ),
    "framed": (lambda image: framed(image), (0, 0, 1, 1), (0.2, 0.25, 0.6, 0.5)),
}


def framed(image: Image.Image) -> Image.Image:
    frame = Image.new("RGB", (800, 720), (20, 90, 160))
    frame.paste(image, (160, 180))
    return frame


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_found_first_with_the_regions_that_both_show_and_proved(index, kind, scene):
    make, region, query_region = COPIES[kind]
    for seed in range(4):
        query = picture_of(make(scene(seed)))
        best = find_parts(ask_parts(query), index)[0]
        assert best.id == seed + 1  # the catalog numbers contents from 1
        proof = verify_match(query, picture_of(scene(seed)), best.alignment)
        assert proof.verified
        assert near(proof.overlap.region, region)
        assert near(proof.overlap.query_region, query_region)


def test_pictures_that_the_catalog_does_not_hold_are_not_claimed(index, scene):
    for seed in range(100, 110):
        query = picture_of(scene(seed))
        for candidate in find_parts(ask_parts(query), index):
            assert not verify_match(query, picture_of(scene(candidate.id - 1)), candidate.alignment).verified


def test_only_allowed_contents_are_answered(index, scene):
    asked = ask_parts(picture_of(scene(3).crop((48, 36, 432, 324))))
    assert [one.id for one in find_parts(asked, index, allow=np.array([1, 2, 3], np.int64))] == []
    assert find_parts(asked, index, allow=np.array([1, 4], np.int64))[0].id == 4


def test_a_stored_fingerprint_alone_finds_its_copies(store, index):
    found = find_parts(ask_by_fingerprint(store.fingerprint(5, PARTS)), index)
    assert found[0].id == 5
    assert abs(found[0].alignment.zoom - 1) < 0.01


def test_indexes_and_fingerprints_without_places_are_refused(store, scene):
    whash = parse_recipe("whash")
    other = RecipeIndex(whash, HammingIndex(width_bits=64), np.empty(0, np.int64), np.empty((0, 1), np.uint64), 1)
    with pytest.raises(SearchError, match="an index of whash came"):
        find_parts(ask_parts(picture_of(scene(0))), other)
    with pytest.raises(FingerprintError, match="a whash fingerprint came"):
        ask_by_fingerprint(fingerprint_picture(picture_of(scene(0)), [whash])[0])


def test_an_index_read_again_from_its_file_is_the_same(store, index):
    again = RecipeIndex.load(store, PARTS, HammingIndex(width_bits=PARTS.distance_bits))
    assert np.array_equal(again.owners, index.owners)
    assert np.array_equal(again.places, index.places)
    assert np.array_equal(again.words, index.words)


def test_overlaps_are_fractions_of_each_picture():
    overlap = find_overlap(Alignment(2.0, 0.0, -2048.0, 0.0, 2.0, -1024.0), extent_of(400, 200), extent_of(100, 50))
    assert overlap.region == Region(0.25, 0.25, 0.5, 0.5)
    assert overlap.query_region == Region(0.0, 0.0, 1.0, 1.0)


def test_the_best_supported_contents_are_fitted_each_in_two_ways():
    rng = np.random.default_rng(4)
    for _ in range(50):
        support, owners = rng.integers(0, 20, 60), rng.integers(0, 12, 60)
        expected, tried = [], {}
        for number in np.argsort(-support, kind="stable").tolist():
            content = int(owners[number])
            if tried.get(content, 0) < 2 and (content in tried or len(tried) < 8):
                tried[content] = tried.get(content, 0) + 1
                expected.append(number)
        assert most_supported(support, owners, 8).tolist() == expected
    assert most_supported(np.array([3]), np.array([7]), 8).tolist() == [0]
