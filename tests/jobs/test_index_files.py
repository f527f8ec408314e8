"""What lies in the index folder is told by the doctor, and what nobody reads any more is removed: nothing else is."""

from __future__ import annotations

import os

import pytest

from lookalike.fingerprints import parse_recipe
from lookalike.jobs.index_files import list_index_files, remove_unused_index_files
from lookalike.jobs.recipe_rows import load_recipe_rows
from lookalike.settings import Settings
from lookalike.standalone import check_installation

BY = ("whash", "colorhash")


@pytest.fixture
def filled(catalog, own_copy):
    catalog.index(own_copy, fingerprints=",".join(BY))
    for by in BY:
        load_recipe_rows(catalog.store, parse_recipe(by))
    return catalog


@pytest.fixture
def folder(filled):
    return filled.path.with_name(filled.path.name + "-index")


def conditions(catalog):
    return {one.name: one.condition for one in list_index_files(catalog.store)}


def flip(path, place):
    whole = bytearray(path.read_bytes())
    whole[place] ^= 1
    path.write_bytes(whole)


def test_each_file_is_told_with_its_condition(filled, folder, own_copy):
    assert conditions(filled) == {"colorhash.idx": "up to date", "whash.idx": "up to date"}
    (folder / "phash%3A32.idx").write_bytes((folder / "whash.idx").read_bytes())
    flip(folder / "whash.idx", -1)
    next(own_copy.iterdir()).unlink()
    scan = filled.store.begin_scan([own_copy])
    filled.store.mark_vanished(scan, [own_copy])
    assert conditions(filled) == {"colorhash.idx": "behind", "phash%3A32.idx": "unused", "whash.idx": "damaged"}
    (folder / "colorhash.idx").write_bytes((folder / "phash%3A32.idx").read_bytes())
    assert conditions(filled)["colorhash.idx"] == "stale"


def test_the_doctor_tells_of_index_files_and_finds_no_problem_in_any_state_of_them(filled, folder):
    flip(folder / "whash.idx", -1)
    (folder / "phash%3A32.idx").write_bytes((folder / "colorhash.idx").read_bytes())
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    findings = {one.subject: one for one in check_installation(Settings(catalog=filled.path))}
    assert "up to date" in findings["index file colorhash.idx"].words
    assert "checksum" in findings["index file whash.idx"].words
    assert "the next lookalike index removes it" in findings["index file phash%3A32.idx"].words
    assert {one.state for one in findings.values()} <= {"ok", "missing"}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_indexing_run_removes_what_nobody_reads_any_more(filled, folder, own_copy):
    (folder / "phash%3A32.idx").write_bytes((folder / "colorhash.idx").read_bytes())
    flip(folder / "whash.idx", 8)  # the version
    filled.index(own_copy)
    assert os.listdir(folder) == ["colorhash.idx"]
    assert conditions(filled) == {"colorhash.idx": "up to date"}


def test_what_is_no_index_file_of_ours_is_never_touched(filled, folder, tmp_path):
    real = (folder / "whash.idx").read_bytes()
    (folder / "notes.idx").write_bytes(b"somebody's own")
    (folder / "empty.idx").touch()
    (folder / "copy.bak").write_bytes(real)
    (folder / "inner.idx").mkdir()
    (tmp_path / "elsewhere.idx").write_bytes(real)
    (folder / "link.idx").symlink_to(tmp_path / "elsewhere.idx")
    before = sorted(os.listdir(folder))
    assert remove_unused_index_files(filled.store) == []
    assert sorted(os.listdir(folder)) == before
    assert (tmp_path / "elsewhere.idx").read_bytes() == real


def test_a_folder_that_is_a_link_to_another_one_is_left_alone(filled, folder, tmp_path):
    (folder / "phash%3A32.idx").write_bytes((folder / "whash.idx").read_bytes())
    folder.rename(tmp_path / "shared")
    folder.symlink_to(tmp_path / "shared")
    assert remove_unused_index_files(filled.store) == []
    assert "phash%3A32.idx" in os.listdir(tmp_path / "shared")


def test_a_catalog_without_an_index_folder_has_no_index_files(catalog):
    assert list_index_files(catalog.store) == []
    assert remove_unused_index_files(catalog.store) == []
