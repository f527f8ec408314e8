"""`RemoteCatalog` answers as `Catalog` does."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest
from PIL import Image

import lookalike
from lookalike import errors
from lookalike.model import ImageId
from lookalike.remote import ERRORS
from lookalike.remote_runs import follow_run, read_events
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


def test_whatever_a_catalog_has_a_remote_one_has_or_says_where_it_is_to_be_had(remote):
    public = {name for name in dir(lookalike.Catalog) if not name.startswith("_")}
    missing = public - set(dir(lookalike.RemoteCatalog))
    assert {"search", "find", "sample", "index", "index_events", "draw_matches", "write_report"} <= public - missing
    for name in missing:
        assert not hasattr(remote, name)
        with pytest.raises(errors.NotServed, match="on its machine"):
            getattr(remote, name)


def test_two_pictures_are_compared_as_here(remote, local, picture, web_shop):
    seven, other = web_shop / "images" / "bag-0007.jpg", web_shop / "images" / "bag-0003.jpg"
    for asked in ((ImageId(7), ImageId(3)), (ImageId(7), other), (seven, ImageId(3))):
        here = local.compare(*asked, by="whash,phash")
        assert here.rows == local.compare(seven, other, by="whash,phash").rows
        assert remote.compare(*asked, by="whash,phash").rows == here.rows
    told = remote.compare(seven, ImageId(3))
    assert (told.first, told.second) == (str(seven), "image 3")
    assert remote.compare(picture, other) == lookalike.compare(picture, other)  # needs no server
    assert local.compare(seven, ImageId(3)) == remote.compare(seven, ImageId(3))
    for catalog in (remote, local):
        with pytest.raises(errors.NotInCatalog):
            catalog.compare(ImageId(10**9), other)


def test_sheets_and_reports_are_drawn_of_the_servers_copies(remote, web_shop, tmp_path):
    path = web_shop / "images" / "bag-0007.jpg"
    found = remote.find(path, k=4)
    elsewhere = dataclasses.replace(
        found, matches=tuple(dataclasses.replace(match, path="/nowhere/x.jpg") for match in found.matches)
    )
    written = remote.draw_matches(path, elsewhere, tmp_path / "matches.png")
    written += remote.draw_matches(ImageId(7), elsewhere, tmp_path / "again.png")
    written += remote.draw_sample(remote.sample(9), tmp_path / "sample.png")
    for sheet in written:
        with Image.open(sheet) as opened:
            assert np.asarray(opened.convert("L")).std() > 20
    remote.write_report(path, elsewhere, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/") >= 5
    assert "file-missing" not in page


def test_a_folder_is_indexed_over_there_with_progress_and_a_report(serve, own_shop, web_shop):
    more = own_shop / "images" / "more"
    more.mkdir()
    for path in sorted((web_shop / "images").iterdir())[5:8]:
        shutil.copy2(path, more)
    with (
        serve(own_shop / "own.lookalike") as running,
        lookalike.RemoteCatalog(f"http://127.0.0.1:{running.port}", token=running.token) as catalog,
    ):
        told = []
        report = catalog.index(own_shop / "images", progress=told.append)
        assert (report.files, report.indexed, report.unchanged, report.stopped) == (8, 3, 5, False)
        assert all(one.total <= 8 for one in told)
        assert catalog.index().unchanged == 8
        with pytest.raises(errors.ServerError, match="not inside those"):
            catalog.index("/etc")
        with pytest.raises(errors.NotServed, match="attributes"):
            catalog.index(own_shop / "images", attributes="items.csv")
    with (
        lookalike.RemoteCatalog("http://127.0.0.1:9", token="x") as nowhere,
        pytest.raises(errors.ServerError),
    ):
        nowhere.index()


def test_a_run_that_is_stopped_or_broken_off_is_told():
    lines = ["event: progress", 'data: {"done": 1, "total": 4, "unchanged": 0}', "", ": still there", ""]
    with pytest.raises(errors.ServerError, match="before the run"):
        list(follow_run([], ERRORS))
    assert [name for name, _ in read_events(lines)] == ["progress"]
    failed = {"type": "urn:lookalike:problem:bad-recipe", "detail": "no such recipe"}
    with pytest.raises(errors.RecipeError, match="no such recipe"):
        list(follow_run([("failed", failed)], ERRORS))
