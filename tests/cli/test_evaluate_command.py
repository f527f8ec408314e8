"""``lookalike evaluate`` as a user runs it."""

from __future__ import annotations

import pytest

FEW = ("--pictures", 3, "--attacks", "jpeg,mirror", "--by", "dhash,phash")


def test_evaluate_prints_one_json_object_and_writes_a_page(run, indexed, tmp_path):
    done = run("evaluate", *FEW, "--seed", 4, "--html", tmp_path / "e.html", "--json")
    assert (done.code, done.err) == (0, "")
    assert [figures["asker"] for figures in done.json["askers"]] == ["default search", "dhash", "phash"]
    assert (done.json["pictures"], done.json["seed"], list(done.json["attacks"])) == (3, 4, ["jpeg", "mirror"])
    page = (tmp_path / "e.html").read_text(encoding="utf-8")
    assert "default search" in page
    assert "mirror" in page


def test_evaluate_prints_a_table_of_attacks_and_recipes(run, indexed):
    done = run("evaluate", *FEW, "--progress", "json")
    assert done.code == 0, done.err
    assert '"stage": "attacking"' in done.err
    rows = {line.split("│")[1].strip(): line for line in done.out.splitlines() if line.startswith("│")}
    assert set(rows) == {"jpeg", "mirror", "all", "all, found first", "limit"}
    assert rows["jpeg"].count("%") == 3
    assert "3 pictures, each among 29 others" in done.out


def test_labels_are_measured_beside_chance(run, indexed, tmp_path):
    done = run("evaluate", "--truth", "brand", "--by", "dhash", "-k", 3, "--html", tmp_path / "l.html", "--json")
    assert done.code == 0, done.err
    assert (done.json["truth"], done.json["k"], done.json["recipes"]) == ("brand", 3, ["dhash"])
    assert 0 < done.json["whole"]["chance"] < 1
    assert "mean of labels" in (tmp_path / "l.html").read_text(encoding="utf-8")
    table = run("evaluate", "--truth", "brand", "--not-same", "colour", "--by", "dhash").out
    assert "chance" in table
    assert "same colour left out" in " ".join(table.split())


def test_attacks_are_listed_with_their_steps(run):
    lines = run("evaluate", "--list-attacks").out.splitlines()
    assert lines[0].split(maxsplit=1) == ["jpeg", "JPEG of quality 90/70/50/30/10"]
    assert len(lines) >= 30


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--attacks", "melt"), 2, "no attack is called 'melt'"),
        (("--by", "ahash"), 3, "has no ahash"),
        (("--truth", "weight"), 2, "'weight'"),
        (("--not-same", "brand"), 2, "--truth"),
        (("--html", "nowhere/e.html"), 2, "no folder"),
        (("--false-per-million", "-1"), 2, "false-per-million"),
        (("--catalog", "none.lookalike"), 3, "none.lookalike"),
    ],
)
def test_what_cannot_be_evaluated_has_its_exit_code(run, indexed, words, code, message):
    done = run("evaluate", *words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "Traceback" not in done.err
