"""Scanning: every path comes out once, in order, as a file or with the reason why it was passed by."""

from __future__ import annotations

import os
import stat

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lookalike.errors import ImageUnreadable, RulesError
from lookalike.jobs.scan_folders import NO_RULES, FoundFile, resolve_roots, scan_folder, scan_folders
from lookalike.jobs.scan_rules import (
    IGNORE_FILE,
    ODD_STARTS,
    SYSTEM_BEGINNINGS,
    SYSTEM_NAMES,
    IgnoreScope,
    ScanRules,
)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def make(root, *names):
    """Empty files; a name that ends with a slash is a folder."""
    for name in names:
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.touch()


def scan(root, place=None, **rules):
    """What came out by path relative to the root: None for files, the reason for what was passed by."""
    folder = os.fsencode(root)
    place = None if place is None else os.fsencode(root / place)
    told = {}
    for one in scan_folder(folder, ScanRules(**rules).compile(), place=place):
        name = os.fsdecode(os.path.relpath(one.path, folder))
        assert name not in told, "each path comes once"
        told[name] = None if isinstance(one, FoundFile) else one.reason
    return told


def reference(root):
    """All regular files by `os.walk`, sorted by path."""
    names = [os.path.join(folder, name) for folder, _, files in os.walk(os.fsencode(root)) for name in files]
    return sorted(name for name in names if stat.S_ISREG(os.lstat(name).st_mode))


def test_without_anything_to_leave_out_it_sees_what_os_walk_sees_in_the_order_of_paths(root):
    make(root, "b/x", "b-c", "b0", "b/y/z", "a", "b/y-z", "c/", "é/ü", "B")
    assert [one.path for one in scan_folder(os.fsencode(root))] == reference(root)


def test_hidden_names_cost_one_line_each_and_are_looked_at_when_asked_for(root):
    make(root, ".secret/a", ".secret/b/c", ".one", "two")
    assert scan(root) == {".one": "hidden", ".secret": "hidden", "two": None}
    assert scan(root, hidden=True) == {".one": None, ".secret/a": None, ".secret/b/c": None, "two": None}


@pytest.mark.parametrize(
    "name",
    ["@eaDir/", ".thumbnails/", "Thumbs.db", "THUMBS.DB", ".Trash/", ".Trash-1000/", "$RECYCLE.BIN/", "#recycle/",
     "System Volume Information/", "lost+found/", ".DS_Store", "__MACOSX/", ".git/", "._photo.jpg"],
)  # fmt: skip
def test_what_systems_keep_for_themselves_is_passed_by_even_when_hidden_names_are_asked_for(root, name):
    make(root, name, *([f"{name}inside.jpg"] if name.endswith("/") else []))
    assert scan(root, hidden=True) == {name.rstrip("/"): "system"}


def test_the_folder_that_was_named_is_scanned_whatever_it_is_called(root):
    make(root, ".thumbnails/a", ".thumbnails/.b")
    assert scan(root / ".thumbnails") == {"a": None, ".b": "hidden"}


def test_ignore_files_hold_below_their_folder_and_the_inner_one_decides(root):
    make(root, "a.psd", "keep.psd", "drafts/x", "sub/b.psd", "sub/deep/c.psd", "sub/drafts/y", "tmp/z")
    (root / ".lookalikeignore").write_text("# by hand\n*.psd\n!keep.psd\n/drafts/\ntmp\n")
    (root / "sub" / ".lookalikeignore").write_text("!b.psd\n")
    assert scan(root) == {
        ".lookalikeignore": "system",
        "a.psd": "ignored",
        "drafts": "ignored",
        "keep.psd": None,
        "sub/.lookalikeignore": "system",
        "sub/b.psd": None,
        "sub/deep/c.psd": "ignored",
        "sub/drafts/y": None,
        "tmp": "ignored",
    }


def test_an_ignore_file_that_can_not_be_understood_is_told_and_its_other_lines_hold(root, monkeypatch):
    make(root, "a.psd", "b")
    (root / ".lookalikeignore").write_text("*.psd\n!\n")
    assert scan(root) == {".lookalikeignore": "bad-ignore-file", "a.psd": "ignored", "b": None}
    (root / ".lookalikeignore").unlink()
    os.mkfifo(root / ".lookalikeignore")
    assert scan(root) == {".lookalikeignore": "bad-ignore-file", "a.psd": None, "b": None}


def test_globs_include_files_and_exclude_files_and_folders(root):
    make(root, "a.jpg", "a.png", "raw/b.jpg", "raw/c.dng")
    assert scan(root, include=("*.jpg",)) == {
        "a.jpg": None, "a.png": "not-included", "raw/b.jpg": None, "raw/c.dng": "not-included"
    }  # fmt: skip
    assert scan(root, exclude=("raw/",)) == {"a.jpg": None, "a.png": None, "raw": "excluded"}
    assert scan(root, include=("*.jpg",), exclude=("/a.*",)) == {
        "a.jpg": "excluded", "a.png": "excluded", "raw/b.jpg": None, "raw/c.dng": "not-included"
    }  # fmt: skip


@pytest.mark.parametrize("rules", [{"include": ("!",)}, {"exclude": ("!",)}, {"exclude": "*.psd"}])
def test_a_glob_that_can_not_be_understood_is_an_error(rules):
    with pytest.raises(RulesError):
        ScanRules(**rules).compile()


def test_links_are_passed_by_and_followed_when_asked_for_without_ever_looping(root, tmp_path):
    outside = tmp_path / "outside"
    make(outside, "far/o.jpg")
    make(root, "in/i.jpg")
    (root / "again").symlink_to(outside)
    (root / "file.jpg").symlink_to(root / "in" / "i.jpg")
    (root / "gone.jpg").symlink_to(root / "nowhere")
    (root / "in" / "up").symlink_to(root)
    (root / "inner").symlink_to(root / "in")
    (root / "other").symlink_to(outside)
    (outside / "far" / "loop").symlink_to(outside)
    (outside / "self").symlink_to("self")
    assert set(scan(root).values()) == {None, "symbolic-link"}
    assert scan(root, follow_links=True) == {
        "again/far/loop": "link-loop",
        "again/far/o.jpg": None,
        "again/self": "unreadable",
        "file.jpg": None,
        "gone.jpg": "dangling-link",
        "in/i.jpg": None,
        "in/up": "link-loop",
        "inner": "symbolic-link",
        "other": "symbolic-link",
    }


def test_names_of_any_bytes_and_the_longest_ones_come_out_as_they_are(root):
    names = [b"caf\xe9.jpg", b"new\nline", b" lead", b"-rf", b"\xf0\x9f\x98\x80", b"n" * 255]
    for name in names:
        with open(os.fsencode(root) + b"/" + name, "wb"):
            pass
    assert [os.path.basename(one.path) for one in scan_folder(os.fsencode(root))] == sorted(names)


def test_a_path_longer_than_the_system_takes_costs_one_line(root):
    descriptor = os.open(root, os.O_RDONLY)
    for _ in range(20):  # 20 names of 250 bytes are more than the 4,096 that a path may have
        os.mkdir(b"d" * 250, dir_fd=descriptor)
        deeper = os.open(b"d" * 250, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = deeper
    os.close(descriptor)
    make(root, "z.jpg")
    told = scan(root)
    assert sorted(map(str, told.values())) == ["None", "unreadable-folder"]


def test_special_files_are_passed_by_without_being_opened(root):
    os.mkfifo(root / "pipe.jpg")
    assert scan(root) == {"pipe.jpg": "not-a-file"}


def test_a_place_below_the_root_is_judged_as_if_the_walk_had_come_there(root):
    make(root, "a/b/x.jpg", "a/b/y.psd", "a/.h/z.jpg", "c.jpg")
    (root / "a" / ".lookalikeignore").write_text("*.psd\n")
    assert scan(root, "a/b") == {"a/b/x.jpg": None, "a/b/y.psd": "ignored"}
    assert scan(root, "a/b/y.psd") == {"a/b/y.psd": "ignored"}
    assert scan(root, "a/b/x.jpg") == {"a/b/x.jpg": None}
    assert scan(root, "a/.h") == {"a/.h": "hidden"}
    assert scan(root, "a/.h/z.jpg") == {}, "the folder's own line stands"
    assert scan(root, "a/gone/x.jpg") == scan(root, "c.jpg/x") == {}
    everything = scan(root)
    assert {**scan(root, "a"), **scan(root, "c.jpg")} == everything
    places = [os.fsencode(root / "a"), os.fsencode(root / "c.jpg"), b"/elsewhere"]
    told = scan_folders([os.fsencode(root)], ScanRules().compile(), places)
    assert len(list(told)) == len(everything)


def test_a_place_behind_a_link_is_not_entered_unless_links_are_followed(root, tmp_path):
    make(tmp_path, "outside/o.jpg")
    (root / "link").symlink_to(tmp_path / "outside")
    assert scan(root, "link/o.jpg") == {}
    assert scan(root, "link/o.jpg", follow_links=True) == {"link/o.jpg": None}


def test_a_place_below_a_followed_link_knows_that_it_lies_outside_of_the_root(root, tmp_path):
    make(tmp_path, "outside/far/o.jpg")
    make(root, "in/i.jpg")
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "inner").symlink_to(root / "in")
    (tmp_path / "outside" / "far" / "loop").symlink_to(tmp_path / "outside" / "far")
    (tmp_path / "outside" / "back").symlink_to(root)
    everything = scan(root, follow_links=True)
    assert everything["link/far/loop"] == everything["link/back"] == "link-loop"
    below = {name: told for name, told in everything.items() if name.startswith("link/far")}
    assert scan(root, "link/far", follow_links=True) == below
    assert scan(root, "link/back/in/i.jpg", follow_links=True) == {}, "it is seen by its own path"
    assert scan(root, "inner/i.jpg", follow_links=True) == {}


def test_a_line_of_an_ignore_file_ends_at_a_newline_alone(root):
    make(root, "a\x0bb.psd", "b.psd", "c\u2028d", "d", "e\x85", "f.gif", "h\x1di", "i")
    (root / ".lookalikeignore").write_bytes("a\x0bb.psd\r\nc\u2028d\n*.gif\r\nh\x1di\n".encode())
    ignored = {name for name, told in scan(root).items() if told == "ignored"}
    assert ignored == {"a\x0bb.psd", "c\u2028d", "f.gif", "h\x1di"}


def test_two_names_of_one_folder_are_one_root(tmp_path, monkeypatch):
    make(tmp_path, "photos/a", "other/b")
    assert resolve_roots([tmp_path / "photos", tmp_path / "other" / ".." / "photos"]) == [
        os.fsencode(tmp_path / "photos")
    ]
    real = os.stat(tmp_path / "photos")
    with monkeypatch.context() as patched:  # a disk that doesn't tell cases apart gives one inode for both names
        patched.setattr(os, "stat", lambda *_, **__: real)
        assert resolve_roots([tmp_path / "photos", tmp_path / "Photos"]) == [os.fsencode(tmp_path / "Photos")]


def test_a_root_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ImageUnreadable, match="is not there"):
        resolve_roots([tmp_path / "nowhere"])


def test_a_root_that_went_gives_nothing_and_one_that_can_not_be_seen_one_line(root, monkeypatch):
    assert list(scan_folder(os.fsencode(root / "gone"))) == []
    make(root, "a/b.jpg")

    def refuse(path, **_):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "lstat", refuse)
    for place in (None, "a/b.jpg"):
        (only,) = scan_folder(os.fsencode(root), place=None if place is None else os.fsencode(root / place))
        assert (only.path, only.reason) == (os.fsencode(root / (place or "")), "unreadable-folder")


def test_a_name_that_went_between_the_listing_and_the_look_is_no_failure(root, monkeypatch):
    make(root, "a", "b")
    real = os.lstat

    def vanish(path, **options):
        if os.path.basename(path) == b"a":
            raise FileNotFoundError(2, "No such file or directory", path)
        return real(path, **options)

    monkeypatch.setattr(os, "lstat", vanish)
    told = list(scan_folder(os.fsencode(root)))
    assert [(type(one).__name__, getattr(one, "reason", ""), getattr(one, "failed", False)) for one in told] == [
        ("PassedBy", "gone-meanwhile", False),
        ("FoundFile", "", False),
    ]


@given(name=st.binary(min_size=1, max_size=6).filter(lambda name: not {0, ord("/")} & set(name)))
@example(name=b"THUMBS.DB")
@example(name=b"@EADIR")
def test_names_that_no_rule_begins_like_are_let_through_by_every_rule(name):
    verdict = NO_RULES.judge(IgnoreScope(b"/pictures/"), b"/pictures/", name, is_folder=False)
    assert verdict is None or name[0] in ODD_STARTS


def test_every_system_name_begins_with_an_odd_start_in_either_case():
    for name in (*SYSTEM_NAMES, *SYSTEM_BEGINNINGS, IGNORE_FILE):
        assert {name[0], name.upper()[0]} <= ODD_STARTS
