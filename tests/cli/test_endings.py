"""How commands end: which exit code, what is left behind, and what a terminal, a pipe or a closed pipe gets to see."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys

import apsw
import pytest


def on_a_terminal(words, environment, cwd):
    """Run the command with a terminal for stdout and stderr: exit code and all that the terminal was sent."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lookalike", *map(str, words)]
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, env=environment)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # Linux: the other end is closed
        pass
    finally:
        os.close(ours)
    return child.wait(60), seen.decode("utf-8", "surrogateescape")


@pytest.fixture(scope="module")
def environment(shop):
    return {**os.environ, "LOOKALIKE_CATALOG": str(shop / "cli.lookalike"), "COLUMNS": "100", "TERM": "xterm"}


@pytest.mark.parametrize(
    "words",
    [
        ["nowhere"],
        ["images", "--fingerprints", "wash"],
        ["images", "--attributes", "broken.json"],
        ["images", "--attributes", "items.csv", "--key", "sku"],
    ],
)
def test_an_indexing_run_that_cannot_begin_leaves_no_catalog(run, shop, tmp_path, words):
    (shop / "broken.json").write_text('[{"file": ')
    done = run("index", *words, "--catalog", tmp_path / "new" / "c.lookalike")
    assert done.code in (2, 3)
    assert done.err.startswith("lookalike: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["index", ""], ["search", ""], ["compare", "", ""], ["ledger", "--under", ""]])
def test_an_empty_path_is_wrong_use_and_not_the_current_folder(run, shop, words):
    done = run(*words)
    assert done.code == 2
    assert "is empty; give a path" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["search", "--help"],
        ["search", "images/bag-0003.jpg"],
        ["search", "images/bag-0003.jpg", "--json"],
        ["search", "nowhere.jpg"],
        ["compare", "images/bag-0001.jpg", "images/bag-0002.jpg", "--by", "whash"],
        ["sample"],
        ["doctor"],
        ["engines"],
        ["index", "images"],
    ],
    ids=" ".join,
)
def test_a_closed_pipe_ends_a_command_as_it_ends_any_other_without_a_word(indexed, environment, shop, words):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "lookalike", *words]
    to_stderr = words[-1] == "nowhere.jpg"  # what it says, it says there
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE if to_stderr else writing,
        stderr=writing if to_stderr else subprocess.PIPE,
        cwd=shop,
        env=environment,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 141
    assert not done.stderr
    assert not done.stdout


@pytest.mark.parametrize("closing", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize(("words", "code"), [(["search", "nowhere.jpg"], 3), (["search", "--wrong"], 2)])
def test_an_error_that_nobody_can_be_told_of_has_its_exit_code(environment, tmp_path, words, code, closing):
    command = [sys.executable, "-m", "lookalike", *words, "--catalog", str(tmp_path / "none.lookalike")]
    shell = ["sh", "-c", f'"$@" {closing}', "sh", *command]
    done = subprocess.run(shell, stdout=subprocess.PIPE, cwd=tmp_path, env=environment, check=False)
    assert (done.returncode, done.stdout) == (code, b"")


def test_a_picture_that_fails_ends_alike_in_every_command(run, indexed, shop, tmp_path):
    whole = (shop / "images" / "bag-0001.jpg").read_bytes()
    cut, broken = tmp_path / "cut.jpg", tmp_path / "broken.png"
    cut.write_bytes(whole[:3000])
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    for bad in (cut, broken):
        for words in (["search", bad], ["compare", bad, "images/bag-0001.jpg"], ["compare", cut, bad]):
            done = run(*words)
            assert (done.code, done.out) == (1, ""), words
            assert str(bad) in done.err or str(cut) in done.err
        assert run("index", bad, "--catalog", tmp_path / f"{bad.stem}.lookalike").code == 1
    for words in (["search", "items.csv"], ["compare", "items.csv", "images/bag-0001.jpg"]):
        assert run(*words).code == 2  # no picture at all: the ledger would call it skipped
    assert run("compare", "nowhere.jpg", "images/bag-0001.jpg").code == 3


def test_too_many_pixels_fail_as_they_do_in_the_ledger(run, indexed):
    assert run("search", "images/bag-0001.jpg", "--crop", "1,1,99,99", LOOKALIKE_MAX_PIXELS="50").code == 1
    assert run("compare", "images/bag-0001.jpg", "images/bag-0002.jpg", LOOKALIKE_MAX_PIXELS="50").code == 1


def test_a_sample_of_an_empty_catalog_says_so(run, tmp_path):
    (tmp_path / "empty").mkdir()
    catalog = tmp_path / "c.lookalike"
    assert run("index", tmp_path / "empty", "--catalog", catalog).code == 0
    done = run("sample", "--catalog", catalog)
    assert (done.code, done.out) == (0, "")
    assert "the catalog is empty" in done.err
    done = run("sample", "--catalog", catalog, "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json == {"seed": 0, "count": 0, "images": [], "sheets": []}
    assert run("sample", "--catalog", catalog, "--sheet", tmp_path / "s.png").code == 3
    assert not (tmp_path / "s.png").exists()


def test_recipes_of_an_older_version_are_told_and_made_anew(run, indexed, shop, tmp_path):
    catalog = tmp_path / "old.lookalike"
    shutil.copy(shop / "cli.lookalike", catalog)
    with apsw.Connection(str(catalog)) as database:
        database.execute("UPDATE recipes SET version = 0")  # as if each had been made before its bits changed
    words = ("search", "images/bag-0003.jpg", "--by", "whash", "--catalog", catalog)
    done = run(*words)
    assert done.code == 3
    assert "older version, 0" in done.err
    assert "index again: lookalike index FOLDER" in done.err
    told = run("doctor", "--catalog", catalog)
    assert told.out.count("30 pictures have it of an older version only") == 4
    assert run("index", "images", "--catalog", catalog).code == 0
    assert run(*words).code == 0
    assert "older version" not in run("doctor", "--catalog", catalog).out


ODD_NAME = "bag \x1b[31mred\x07\u202e\n.jpg"
ESCAPED = r"bag \x1b[31mred\x07\u202e\n.jpg"


@pytest.fixture(scope="module")
def odd(shop, run, tmp_path_factory):
    """A catalog of pictures whose names hold terminal commands, a line break and a byte that is no text."""
    folder = tmp_path_factory.mktemp("odd")
    pictures = folder / "pictures"
    pictures.mkdir()
    shutil.copy(shop / "images" / "bag-0001.jpg", pictures / ODD_NAME)
    shutil.copy(shop / "images" / "bag-0002.jpg", os.fsdecode(os.fsencode(pictures) + b"/caf\xe9.jpg"))
    (pictures / "torn\x1b[2J.jpg").write_bytes((shop / "images" / "bag-0003.jpg").read_bytes()[:2000])
    return folder


def test_a_terminal_is_sent_no_commands_out_of_names(odd, environment, shop):
    environment = {**environment, "LOOKALIKE_CATALOG": str(odd / "c.lookalike")}
    code, seen = on_a_terminal(["index", odd / "pictures"], environment, odd)
    assert code == 1
    assert r"torn\x1b[2J.jpg" in seen
    assert "\x1b[2J" not in seen
    for words in (["sample"], ["search", shop / "images" / "bag-0003.jpg"]):
        code, seen = on_a_terminal(words, environment, odd)
        assert code == 0
        assert ESCAPED in seen
        assert r"caf\xe9.jpg" in seen
        assert not {"\x1b", "\x07", "\u202e"} & set(seen)
    code, seen = on_a_terminal(["search", f"no\x1b[2J{ODD_NAME}"], environment, odd)
    assert code == 3
    assert "\x1b" not in seen


def test_a_pipe_gets_names_byte_for_byte_and_json_is_exact(odd, environment, shop):
    environment = {**environment, "LOOKALIKE_CATALOG": str(odd / "c.lookalike")}
    command = [sys.executable, "-m", "lookalike"]
    subprocess.run([*command, "index", odd / "pictures"], env=environment, capture_output=True, check=False)
    piped = subprocess.run([*command, "sample"], env=environment, capture_output=True, check=True).stdout
    folder = os.fsencode((odd / "pictures").resolve())
    assert sorted(piped.split(b".jpg\n")) == sorted(
        [b"", folder + b"/caf\xe9", folder + b"/" + os.fsencode(ODD_NAME.removesuffix(".jpg"))]
    )
    code, seen = on_a_terminal(["sample", "--json"], environment, odd)
    assert code == 0
    assert r'bag \u001b[31mred\u0007\u202e\n.jpg"' in seen
    assert "\x1b" not in seen


def test_a_terminal_sees_a_bar_that_rises_and_makes_way_for_the_report(environment, shop, tmp_path):
    pictures = tmp_path / "many"
    pictures.mkdir()
    whole = (shop / "images" / "bag-0001.jpg").read_bytes()
    for number in range(150):
        (pictures / f"{number:03}.jpg").write_bytes(whole + bytes([number]))
    words = ["index", pictures, "--catalog", tmp_path / "bar.lookalike", "--workers", 1]
    code, seen = on_a_terminal(words, environment, shop)
    assert code == 0
    steps = [int(done) for done in re.findall(r"(\d+)/150", seen)]
    assert len(set(steps)) >= 3
    assert steps == sorted(steps)
    assert "150 files in" in seen.split("\x1b")[-1]
