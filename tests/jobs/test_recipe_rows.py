"""The index folder beside a catalog makes a search faster and changes no answer, whatever becomes of the folder."""

from __future__ import annotations

import os
import shutil
import stat

import numpy as np
import pytest

from lookalike.assembly import Catalog
from lookalike.fingerprints import parse_recipe
from lookalike.jobs import recipe_rows
from lookalike.jobs.recipe_rows import RecipeRows, index_path, load_recipe_rows
from lookalike.search import pack_words

BY = ("whash", "colorhash", "crop_resistant")


@pytest.fixture
def filled(catalog, own_copy):
    catalog.index(own_copy, fingerprints=",".join(BY))
    return catalog


@pytest.fixture
def queries(shop):
    return sorted((shop / "images").iterdir())[:3]


def answers(catalog, queries):
    """What was found and how near; what that is worth is counted once, and holds until a tenth has changed."""
    found = [catalog.search(query, k=10, by=by) for query in queries for by in (*BY, "whash,colorhash")]
    return [[(match.id, match.path, match.distances, match.score) for match in matches] for matches in found]


def folder_of(catalog):
    return catalog.path.with_name(catalog.path.name + "-index")


def truth(catalog, recipe):
    """The rows as the catalog alone tells them."""
    owners, _, codes, _ = catalog.store.codes(recipe)
    return owners, pack_words(codes, recipe.width_bits)


@pytest.fixture
def reads_of_the_catalog(filled, monkeypatch):
    """The recipes whose codes were read out of the catalog, as they are read."""
    seen = []
    read = filled.store.codes

    def watch(recipe):
        seen.append(str(recipe))
        return read(recipe)

    monkeypatch.setattr(filled.store, "codes", watch)
    return seen


def test_the_first_search_makes_the_file_and_later_ones_read_it(filled, queries, reads_of_the_catalog):
    first = answers(filled, queries)
    assert sorted(reads_of_the_catalog) == sorted(BY)
    files = sorted(name for name in os.listdir(folder_of(filled)) if name.endswith(".idx"))
    assert files == ["colorhash.idx", "crop_resistant.idx", "whash.idx"]
    assert answers(filled, queries) == first
    assert len(reads_of_the_catalog) == len(BY)


def test_rows_out_of_the_file_are_those_of_the_catalog(filled):
    for by in BY:
        recipe = parse_recipe(by)
        for _ in range(2):
            rows = load_recipe_rows(filled.store, recipe)
            for ours, theirs in zip(rows, truth(filled, recipe), strict=True):
                np.testing.assert_array_equal(ours, theirs)


def damage_last_byte(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))


@pytest.mark.parametrize(
    "harm",
    [
        damage_last_byte,
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-3]),
        lambda path: path.write_bytes(path.read_bytes() + b"more"),
        lambda path: shutil.copy(path.with_name("colorhash.idx"), path),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: shutil.rmtree(path.parent),
        lambda path: (shutil.rmtree(path.parent), path.parent.write_bytes(b"a file, not a folder")),
    ],
)
def test_damage_changes_no_answer(filled, queries, harm):
    expected = answers(filled, queries)
    harm(folder_of(filled) / "whash.idx")
    assert answers(filled, queries) == expected
    assert answers(filled, queries) == expected


def test_what_changes_the_catalog_changes_the_answers(filled, queries, own_copy, shop, reads_of_the_catalog):
    before = answers(filled, queries)
    newcomer = sorted((shop / "images").iterdir())[20]
    shutil.copy(newcomer, own_copy / "new.jpg")
    filled.index(own_copy)
    found = filled.search(newcomer, k=1, by="whash")
    assert (found[0].path, found[0].distance) == (str(own_copy / "new.jpg"), 0)
    (own_copy / "new.jpg").unlink()
    filled.index(own_copy)
    assert answers(filled, queries) == before
    assert reads_of_the_catalog.count("whash") == 1, "a small change is followed, not read whole"


def test_a_copied_catalog_doesnt_believe_the_index_of_the_one_it_was_copied_from(
    filled, queries, own_copy, tmp_path, shop
):
    answers(filled, queries)
    filled.close()
    copy = tmp_path / "copy.lookalike"
    shutil.copy(filled.path, copy)
    with Catalog(copy) as other:
        shutil.copy(sorted((shop / "images").iterdir())[20], own_copy / "new.jpg")
        other.index(own_copy)
        expected = answers(other, queries)
        shutil.copytree(folder_of(filled), folder_of(other), dirs_exist_ok=True)
        assert answers(other, queries) == expected


def test_a_folder_that_cant_be_written_is_done_without(filled, queries, monkeypatch):
    def refuse(*arguments, **more):
        raise PermissionError(13, "Permission denied")

    expected = answers(filled, queries)
    shutil.rmtree(folder_of(filled))
    monkeypatch.setattr(recipe_rows.os, "makedirs", refuse)
    assert answers(filled, queries) == expected
    assert not folder_of(filled).exists()


def test_index_files_are_as_private_as_the_catalog(filled, queries):
    filled.path.chmod(0o600)
    answers(filled, queries)
    folder = folder_of(filled)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_each_recipe_has_a_file_name_of_its_own():
    recipes = [parse_recipe(text) for text in ("phash", "phash:16", "whash:db4", "phash@full,imagehash")]
    names = [os.path.basename(index_path("/c", recipe)) for recipe in recipes]
    assert names == ["phash.idx", "phash%3A16.idx", "whash%3Adb4.idx", "phash@full,imagehash.idx"]


@pytest.mark.parametrize(("owners", "most"), [([], 1), ([4], 1), ([4, 5], 1), ([1, 1, 1, 2, 5, 5], 3), ([1, 3, 3], 2)])
def test_the_most_codes_of_one_content_are_counted(owners, most):
    rows = RecipeRows(np.array(owners, np.int64), np.zeros((len(owners), 1), np.uint64))
    assert rows.most_parts == most
