"""Animations are indexed, searched and compared among themselves; stills never meet them."""

import io

import numpy as np
import pytest
from PIL import Image

from lookalike import compare


def drawn(seed):
    """A picture of a few coloured boxes."""
    random = np.random.default_rng(seed)
    pixels = np.full((96, 128, 3), 200, np.uint8)
    for _ in range(6):
        top, left = random.integers(0, 70), random.integers(0, 100)
        pixels[top : top + 26, left : left + 28] = random.integers(0, 255, 3)
    return Image.fromarray(pixels)


def film(path, seeds, duration=100):
    frames = [drawn(seed) for seed in seeds]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=duration)
    return path


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "pictures"
    made.mkdir()
    drawn(1).save(made / "first-frame.png")
    drawn(9).save(made / "other.png")
    film(made / "film.gif", [1, 2, 3, 4])
    film(made / "elsewhere.gif", [1, 6, 7, 8])
    film(made / "same.webp", [1, 1, 2, 2, 3, 3, 4, 4], duration=50)
    return made


def names(result):
    return [match.path.rsplit("/", 1)[1] for match in result.matches]


@pytest.mark.parametrize("by", ["dhash", "phash,dhash", "crop_resistant"])
def test_a_film_finds_films_and_a_still_finds_stills(catalog, folder, by):
    catalog.index(folder, fingerprints="phash,dhash,crop_resistant")
    films = catalog.find(folder / "film.gif", by=by)
    if by != "crop_resistant":  # films that share one frame share its segments, which are as near as can be
        assert names(films)[0] == "same.webp"
    assert set(names(films)) == {"same.webp", "elsewhere.gif"}
    assert all(text.endswith("@frames8") for text in films.by)
    assert names(catalog.find(folder / "first-frame.png", by=by)) == ["other.png"]


def test_a_film_from_outside_is_asked_by_its_moments(catalog, folder, tmp_path):
    catalog.index(folder, fingerprints="dhash")
    outside = film(tmp_path / "copy.png", [1, 2, 3, 4], duration=400)
    matches = catalog.search(outside, by="dhash")
    assert {match.path.rsplit("/", 1)[1] for match in matches[:2]} == {"film.gif", "same.webp"}
    assert matches[0].distance <= matches[-1].distance / 4


def test_indexing_again_reads_no_film_again(catalog, folder):
    first = catalog.index(folder, fingerprints="phash,dhash")
    assert (first.indexed, first.failed) == (5, 0)
    assert catalog.index(folder).unchanged == 5
    assert {str(recipe) for recipe in catalog.recipes} == {"phash", "dhash"}
    added = catalog.index(folder, fingerprints="whash")
    assert added.indexed == 5
    assert catalog.index(folder).unchanged == 5


def test_a_catalog_of_films_alone_is_asked_as_any_other(catalog, tmp_path):
    made = tmp_path / "films"
    made.mkdir()
    film(made / "a.gif", [1, 2, 3])
    film(made / "b.gif", [1, 2, 4])
    catalog.index(made)
    assert names(catalog.find(made / "a.gif")) == ["b.gif"]
    drawn(1).save(tmp_path / "still.png")
    assert catalog.search(tmp_path / "still.png") == []
    assert "pdq" in {str(recipe) for recipe in catalog.recipes}


def test_films_are_compared_with_films_and_a_still_with_none(folder):
    alike = compare(folder / "film.gif", folder / "same.webp", by="dhash")
    assert [row.recipe for row in alike.rows] == ["dhash@frames8"]
    assert alike.rows[0].distance < 0.1 * alike.rows[0].width_bits
    mixed = compare(folder / "film.gif", folder / "first-frame.png", by="dhash")
    assert mixed.rows == ()
    assert any("is a still" in note for _, note in mixed.notes)


def test_a_film_that_ends_early_is_in_the_ledger_with_its_reason(catalog, folder):
    data = (folder / "film.gif").read_bytes()
    (folder / "cut.gif").write_bytes(data[: len(data) // 2])
    report = catalog.index(folder, fingerprints="dhash")
    assert report.reasons == {"cut-off": 1}


def test_a_one_frame_gif_is_a_still(catalog, folder):
    drawn(1).save(folder / "one.gif")
    catalog.index(folder, fingerprints="dhash")
    assert set(names(catalog.find(folder / "one.gif"))) == {"first-frame.png", "other.png"}


def test_pictures_in_a_stream_are_told_apart_too(catalog, folder):
    catalog.index(folder, fingerprints="dhash")
    stream = io.BytesIO((folder / "film.gif").read_bytes())
    assert catalog.search(stream, by="dhash")[0].distance == 0
