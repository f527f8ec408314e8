"""The default search: whole pictures however they lie, parts that pixels prove, things of a kind; each by its worth."""

from __future__ import annotations

import os
import shutil

import pytest
from PIL import Image, ImageOps

import lookalike
from lookalike.model import ImageId


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    for _ in lookalike.standalone.draw_demo_shop(folder / "images", 60):
        pass
    with lookalike.Catalog(folder / "shop.lookalike") as catalog:
        catalog.index(folder / "images", fingerprints="pdq,parts,look")
        yield folder / "images", catalog


@pytest.fixture(scope="module")
def picture(shop):
    path = sorted(path for path in shop[0].rglob("*.jpg"))[7]
    with Image.open(path) as image:
        return str(path), image.convert("RGB")


def first(catalog, query, **options):
    return catalog.find(query, k=5, **options).matches[0]


def test_by_default_every_way_that_the_catalog_has_is_asked(shop, picture):
    result = shop[1].find(picture[0])
    assert result.by == ("pdq", "parts", "look")
    assert result.fusion == "best"


@pytest.mark.parametrize(
    ("lay", "transform"),
    [(ImageOps.mirror, "mirror"), (ImageOps.flip, "flip"), (lambda image: image.rotate(90, expand=True), "rotate-270")],
)
def test_a_copy_that_lies_otherwise_comes_first_and_says_how(shop, picture, lay, transform):
    match = first(shop[1], lay(picture[1]))
    assert match.path == picture[0]
    assert match.transform == transform
    assert match.verdict == "edited copy"


def test_a_crop_finds_its_picture_and_names_the_region(shop, picture):
    width, height = picture[1].size
    box = (width // 5, height // 5, width * 9 // 10, height * 9 // 10)
    match = first(shop[1], picture[1].crop(box))
    assert match.path == picture[0]
    reason = next(reason for reason in match.reasons if reason.recipe == "parts")
    assert reason.verified
    assert reason.region.left == pytest.approx(0.2, abs=0.03)
    assert reason.region.top == pytest.approx(0.2, abs=0.03)
    assert reason.region.width == pytest.approx(0.7, abs=0.05)
    assert reason.region.height == pytest.approx(0.7, abs=0.05)


def test_a_candidate_whose_file_is_gone_is_told_as_not_verified(shop, picture, tmp_path):
    folder = tmp_path / "few"
    folder.mkdir()
    for path in sorted(shop[0].rglob("*.jpg"))[5:12]:
        shutil.copy(path, folder)
    with lookalike.Catalog(tmp_path / "few.lookalike") as catalog:
        catalog.index(folder, fingerprints="pdq,parts,look")
        gone = folder / os.path.basename(picture[0])
        gone.unlink()
        width, height = picture[1].size
        result = catalog.find(picture[1].crop((width // 5, height // 5, width * 9 // 10, height * 9 // 10)), k=7)
        match = next(match for match in result.matches if match.path == str(gone))
        parts = [reason for reason in match.reasons if reason.recipe == "parts"]
        assert parts
        assert not any(reason.verified for reason in parts)


def test_matches_come_by_what_chance_expects_the_least_first(shop, picture):
    matches = shop[1].find(picture[0], k=20).matches
    assert [match.score for match in matches] == sorted(match.score for match in matches)
    for match in matches:
        assert match.expected == match.score
        assert match.score == pytest.approx(3 * min(reason.expected for reason in match.reasons))


def test_the_k_best_are_the_first_of_more(shop, picture):
    few = shop[1].find(picture[1].crop((5, 5, 200, 200)), k=5).matches
    many = shop[1].find(picture[1].crop((5, 5, 200, 200)), k=15).matches
    assert [match.id for match in few] == [match.id for match in many[:5]]


def test_an_image_named_by_its_id_is_asked_without_its_file(shop, picture):
    catalog = shop[1]
    content = catalog.store.find_content(os.fsencode(picture[0]))
    result = catalog.find(ImageId(content), k=5)
    assert content not in [match.id for match in result.matches]
    assert [match.id for match in catalog.find(ImageId(content), k=1, with_self=True).matches] == [content]


def test_only_what_fits_the_filter_is_answered(shop, picture, tmp_path):
    with pytest.raises(lookalike.LookalikeError):
        shop[1].find(picture[0], where="colour = 'red'")  # the catalog has no attributes: said, not ignored


def test_a_look_alone_is_no_copy(shop, picture):
    for match in shop[1].find(picture[0], k=30).matches:
        if match.reasons[0].recipe == "look" and len(match.reasons) == 1:
            assert match.verdict in ("similar look", "chance")
