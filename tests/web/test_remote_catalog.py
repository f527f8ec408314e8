"""`RemoteCatalog` answers as `Catalog` does."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

import lookalike
from lookalike import errors
from lookalike.model import ImageId
from lookalike.settings import Settings


@pytest.fixture(scope="module")
def local(web_shop):
    settings = Settings(fingerprints="whash,phash,colorhash")  # as the server's
    with lookalike.Catalog(web_shop / "shop.lookalike", create=False, settings=settings) as catalog:
        yield catalog


@pytest.fixture(scope="module")
def remote(served):
    with lookalike.RemoteCatalog(f"http://127.0.0.1:{served.port}", token=served.token) as catalog:
        yield catalog


def unverified(match):
    """*match* without what comparing pixels adds: a server's own process decodes nothing, so it compares none."""
    reasons = tuple(dataclasses.replace(reason, verified=False) for reason in match.reasons)
    return dataclasses.replace(match, verdict=None, reasons=reasons)


def equal(there, here):
    return list(map(unverified, there)) == list(map(unverified, here))


def test_a_search_gives_equal_matches_whatever_the_picture_came_as(local, remote, picture, web_shop):
    path = web_shop / "images" / "bag-0007.jpg"
    with Image.open(path) as opened:
        array = np.asarray(opened)
    for source in (picture, array, ImageId(3), lookalike.fingerprint(path, "whash")):
        asked = {"k": 5, "by": "whash", "where": "price < 150"}
        assert equal(remote.search(source, **asked), local.search(source, **asked))
    asked = {"by": "phash", "with_self": True, "radius_bits": 30}
    assert equal(remote.search(path, **asked), local.search(path, **asked))


def test_the_whole_result_is_equal(local, remote, picture):
    here, there = local.find(picture, crop=(1, 2, 99, 98)), remote.find(picture, crop=(1, 2, 99, 98))
    assert equal(there.matches, here.matches)
    assert dataclasses.replace(there, matches=()) == dataclasses.replace(here, matches=())


def test_samples_and_recipes_are_equal(local, remote):
    assert remote.sample(7, seed=3) == local.sample(7, seed=3)
    assert set(remote.recipes) == set(local.recipes)
    assert remote.default_recipe() == local.default_recipe()


def test_more_than_a_server_gives_at_once_is_asked_page_by_page(remote, local, picture, monkeypatch):
    monkeypatch.setattr("lookalike.remote.PAGE", 4)
    assert equal(remote.search(picture, k=11, by="whash"), local.search(picture, k=11, by="whash"))


def test_errors_are_those_of_the_library(remote, picture):
    with pytest.raises(errors.WhereError):
        remote.search(picture, where="nonsense =")
    with pytest.raises(errors.CropError):
        remote.search(picture, crop=(0, 0, 99999, 1))
    with pytest.raises(errors.NotInCatalog):
        remote.search(ImageId(99999))
    with pytest.raises(errors.UnsupportedFormat):
        remote.search(b"no picture at all")


def test_who_has_no_token_learns_no_folder(served, picture):
    with lookalike.RemoteCatalog(f"http://127.0.0.1:{served.port}") as stranger:
        assert not any("/" in path for match in stranger.search(picture) for path in match.paths)


def test_a_server_that_is_not_there_or_is_none_is_told(served):
    with pytest.raises(errors.ServerError, match="no address"):
        lookalike.RemoteCatalog("pictures.example")
    with lookalike.RemoteCatalog("http://127.0.0.1:9") as nowhere, pytest.raises(errors.ServerError):
        nowhere.sample(1)
