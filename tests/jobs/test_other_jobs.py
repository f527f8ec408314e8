"""Comparing, sampling, checking, and the demo's copies."""

from __future__ import annotations

from PIL import Image

from lookalike.errors import MissingExtra
from lookalike.fingerprints import ALGORITHMS
from lookalike.jobs.draw_matches import tiles_of_sample, write_sheets
from lookalike.settings import Settings
from lookalike.standalone import check_installation, compare


def test_compare_states_every_fingerprints_distance(shop):
    first, second = sorted((shop / "images").iterdir())[:2]
    comparison = compare(first, second)
    assert [row.recipe for row in comparison.rows] == list(ALGORITHMS)
    assert any(row.distance for row in comparison.rows)
    assert all(row.distance == 0 for row in compare(first, first).rows)


def test_compare_can_be_asked_for_some(shop):
    first, second = sorted((shop / "images").iterdir())[:2]
    assert [row.recipe for row in compare(first, second, by="phash:16,whash:db4").rows] == ["phash:16", "whash:db4"]


def test_a_sample_is_the_same_for_the_same_seed_and_fits_its_filter(shop_catalog):
    assert shop_catalog.sample(9, seed=1) == shop_catalog.sample(9, seed=1)
    assert shop_catalog.sample(9, seed=1) != shop_catalog.sample(9, seed=2)
    assert len({item.id for item in shop_catalog.sample(40)}) == 40
    assert len(shop_catalog.sample(500)) == 40
    cheap = shop_catalog.sample(500, where="price < 300")
    assert cheap
    assert all(item.attributes["price"] < 300 for item in cheap)


def test_the_doctor_finds_a_sound_catalog_sound(shop_catalog):
    findings = check_installation(Settings(catalog=shop_catalog.path))
    about = {finding.subject: finding for finding in findings}
    assert about[f"catalog {shop_catalog.path}"].state == "ok"
    assert "40 pictures" in about["in it"].words


def test_the_doctor_names_what_is_damaged_and_what_is_not_there(tmp_path):
    bad = tmp_path / "bad.lookalike"
    bad.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert [f.state for f in check_installation(Settings(catalog=bad)) if "bad.lookalike" in f.subject] == ["problem"]
    none = check_installation(Settings(catalog=tmp_path / "none.lookalike"))
    assert [f.state for f in none if "none.lookalike" in f.subject] == ["missing"]


def test_planted_copies_are_found_again(shop_catalog):
    copies = shop_catalog.find_planted_copies(k=9)
    assert sum(copies.planted.values()) == 3
    assert set(copies.found) == {"whash", "colorhash", "phash", "crop_resistant", "default search"}
    assert all(found[t] <= copies.planted[t] for found in copies.found.values() for t in found)


def test_the_tour_draws_every_stop_and_says_what_it_left_out(shop_catalog, tmp_path, monkeypatch):
    def no_extra(module, *, extra):
        raise MissingExtra(f"install it with: pip install 'lookalike[{extra}]'")

    monkeypatch.setattr("lookalike.search.annoy_engine.import_extra", no_extra)
    stops = list(shop_catalog.tour(tmp_path))
    assert len(stops) == 7
    left_out = [stop for stop in stops if stop.skipped]
    assert len(left_out) == 1
    assert "lookalike[annoy]" in left_out[0].skipped
    assert all((tmp_path / stop.file).stat().st_size > 20_000 for stop in stops if not stop.skipped)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.count("<img") >= 9 * 3 + 40


def test_more_pictures_than_one_sheet_holds_go_on_several_numbered_ones(shop_catalog, tmp_path):
    sample = shop_catalog.sample(40)
    asked = {"title": "All of it", "subtitle": "", "limits": shop_catalog.limits}
    one = write_sheets(tiles_of_sample(sample), tmp_path / "all.png", **asked)
    assert one == [tmp_path / "all.png"]
    with Image.open(one[0]) as sheet:
        limit = sheet.width * sheet.height // 3
    several = write_sheets(tiles_of_sample(sample), tmp_path / "all.png", **asked, max_pixels=limit)
    assert len(several) >= 4  # a heading on each, and larger tiles
    digits = len(str(len(several)))  # so that names sort as the sheets do
    assert several == [tmp_path / f"all-{number:0{digits}}.png" for number in range(1, len(several) + 1)]
    for path in several:
        with Image.open(path) as sheet:
            assert sheet.width * sheet.height <= limit
