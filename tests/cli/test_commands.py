"""The command line: one documented shape on stdout, messages on stderr, and exit codes that mean something."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image

from lookalike.cli.main import COMMANDS

MATCH_FIELDS = {
    "id", "path", "distance", "distances", "score", "attributes", "paths", "quality", "marks",
    "transform", "region", "expected", "verdict", "reasons",
}  # fmt: skip


def test_index_prints_its_counts_as_json_and_nothing_else(indexed):
    report = indexed.json
    counts = ("files", "indexed", "unchanged", "duplicate", "skipped", "failed", "vanished", "moved")
    assert [report[name] for name in counts] == [30, 30, 0, 0, 0, 0, 0, 0]
    assert report["attributes"]["matched"] == 30
    assert indexed.err == ""


def test_search_turned_names_how_each_match_lies(run, indexed, shop):
    mirrored = shop / "mirrored.png"
    with Image.open(shop / "images" / "bag-0013.jpg") as image:
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored)
    done = run("search", "mirrored.png", "--by", "phash", "--turned")
    assert "images/bag-0013.jpg  [mirror]" in done.out
    result = run("search", "mirrored.png", "--by", "phash", "--turned", "--json").json
    assert result["turned"]
    match = next(match for match in result["matches"] if match["path"].endswith("bag-0013.jpg"))
    assert (match["distance"], match["transform"], match["reasons"][0]["transform"]) == (0, "mirror", "mirror")


def test_index_tells_people_what_happened(run, indexed):
    done = run("index", "images")
    assert done.code == 0
    assert "30 files" in done.out
    assert "unchanged" in done.out


def test_search_prints_the_documented_shape(run, indexed, shop):
    done = run("search", "images/bag-0013.jpg", "-k", 4, "--by", "whash,colorhash", "--json")
    assert done.code == 0, done.err
    result = done.json
    assert result["query"] == "images/bag-0013.jpg"
    assert result["by"] == ["whash", "colorhash"]
    assert result["engine"] == "exact"
    assert len(result["matches"]) == 4
    assert set(result["matches"][0]) == MATCH_FIELDS
    assert set(result["matches"][0]["distances"]) == {"whash", "colorhash"}
    scores = [match["score"] for match in result["matches"]]
    assert scores == sorted(scores)


def test_search_shows_distances_side_by_side(run, indexed):
    lines = run("search", "images/bag-0013.jpg", "-k", 3, "--by", "whash,colorhash").out.splitlines()
    assert lines[0].split() == ["whash", "colorhash", "worth"]
    assert all(" by chance" in line for line in lines[1:])
    assert len(lines) == 4
    assert lines[1].endswith(".jpg")


def test_search_crops_filters_and_draws(run, indexed, shop, tmp_path):
    done = run(
        "search", "images/bag-0013.jpg", "--crop", "50,60,200,220", "--where", "price < 500 and brand != 'Nobody'",
        "--sheet", tmp_path / "a.png", "--html", tmp_path / "a.html", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.json["crop"] == {"x": 50, "y": 60, "width": 200, "height": 220}
    assert all(match["attributes"]["price"] < 500 for match in done.json["matches"])
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "bag-" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_compare_lists_every_fingerprint(run, shop):
    done = run("compare", "images/bag-0001.jpg", "images/bag-0002.jpg")
    assert done.code == 0
    for name in ("ahash", "phash", "whash", "colorhash", "crop_resistant"):
        assert name in done.out
    assert set(run("compare", "images/bag-0001.jpg", "images/bag-0002.jpg", "--json").json["distances"]) >= {"whash"}


def test_compare_says_what_a_distance_is_worth_and_by_whose_numbers(run, indexed):
    pair = ("images/bag-0001.jpg", "images/bag-0002.jpg", "--by", "phash,ahash")
    shipped = run("compare", *pair, "--json", LOOKALIKE_CATALOG="none.lookalike").json["rows"]
    assert [row["source"] for row in shipped] == ["default", "default"]
    assert all(0 < row["expected_per_million"] <= 1e6 for row in shipped)
    own = run("compare", *pair, "--json").json["rows"]
    assert own[0]["expected_per_million"] != shipped[0]["expected_per_million"]
    assert own[1] == shipped[1]  # the catalog has no ahash
    assert "as measured in" in run("compare", *pair).out


def test_search_ends_at_a_radius_and_says_how_many_it_left_out(run, indexed):
    done = run("search", "images/bag-0013.jpg", "-k", 20, "--by", "phash", "--radius", 12)
    assert all(int(line.split()[0]) <= 12 for line in done.out.splitlines()[1:])
    assert "left out: the list ends 12 bits away" in done.err
    result = run("search", "images/bag-0013.jpg", "-k", 20, "--by", "phash,dhash", "--radius", "auto", "--json").json
    assert all(match["expected"] <= 1 for match in result["matches"])
    assert result["left_out"] == 20 - len(result["matches"])


def test_explain_shows_what_differs_and_draws_it(run, shop, tmp_path):
    pair = ("images/bag-0001.jpg", "images/bag-0002.jpg")
    done = run("explain", *pair, "--sheet", tmp_path / "why.png")
    assert done.code == 0, done.err
    assert "unrelated pictures" in done.out
    assert (tmp_path / "why.png").stat().st_size > 20_000
    told = run("explain", *pair, "--by", "phash", "--json").json
    assert len(told["recipes"][0]["differing"]) == told["recipes"][0]["distance"]
    assert told["transform"] == "identity"


def test_sample_draws_a_sheet(run, indexed, tmp_path):
    done = run("sample", "-n", 9, "--sheet", tmp_path / "s.png", "--json")
    assert done.code == 0, done.err
    assert done.json["count"] == 9
    assert (tmp_path / "s.png").stat().st_size > 20_000


def test_doctor_reports_all_well(run, indexed):
    done = run("doctor", "--json")
    by_subject = {finding["subject"]: finding["state"] for finding in done.json["findings"]}
    assert by_subject["numpy"] == "ok"
    assert by_subject["search kernel"] == "ok"
    assert "problem" not in {state for subject, state in by_subject.items() if subject != "lookalike"}


def test_engines_are_listed(run):
    lines = run("engines").out.splitlines()
    assert lines[1].split() == ["exact", "exact", "installed"]
    assert {"name": "exact", "exact": True, "install": None} in run("engines", "--json").json["engines"]


def test_engines_are_measured_on_the_catalog(run, indexed):
    done = run("engines", "--bench", "--by", "whash", "--engine", "exact", "--engine", "reference", "-k", 3)
    assert done.code == 0, done.err
    assert [line.split()[0] for line in done.out.splitlines()] == ["whash,", "engine", "exact", "reference"]
    result = run("engines", "--bench", "--by", "whash", "--engine", "exact", "--json").json
    assert (result["by"], result["width_bits"], result["k"]) == ("whash", 64, 9)
    assert [(row["engine"], row["rows"], row["recall"]) for row in result["engines"]] == [("exact", 24, 1.0)]


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_every_command_explains_itself(run, command):
    done = run(*([command] if command else []), "--help")
    assert done.code == 0
    assert "Usage:" in done.out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["search", "nowhere.jpg"], 3, "can't be read"),
        (["index", "nowhere"], 3, "is not there"),
        (["search", "images/bag-0001.jpg", "--catalog", "none.lookalike"], 3, "none.lookalike"),
        (["search", "images/bag-0001.jpg", "--by", "ahash"], 3, "has no ahash"),
        (["search", "images/bag-0001.jpg", "--by", "wash"], 2, "whash"),
        (["search", "images/bag-0001.jpg", "--where", "price <"], 2, "price <"),
        (["search", "images/bag-0001.jpg", "--where", "prize < 3"], 2, "price"),
        (["search", "images/bag-0001.jpg", "--crop", "1,2,3"], 2, "four whole numbers"),
        (["search", "images/bag-0001.jpg", "--crop", "0,0,9999,9"], 2, "9999"),
        (["search", "images/bag-0001.jpg", "--engine", "magic"], 2, "no engine"),
        (["search", "images/bag-0001.jpg", "-k", "0"], 2, "-k"),
        (["search", "images/bag-0001.jpg", "--radius", "far"], 2, "or auto"),
        (["search", "images/bag-0001.jpg", "--fusion", "best"], 2, "best"),
        (["explain", "images/bag-0001.jpg", "nowhere.jpg"], 3, "can't be read"),
        (["explain", "images/bag-0001.jpg", "images/bag-0002.jpg", "--by", "wash"], 2, "whash"),
        (["engines", "--bench", "--engine", "magic"], 2, "no engine"),
        (["engines", "--bench", "--catalog", "none.lookalike"], 3, "none.lookalike"),
        (["search", "items.csv"], 2, "items.csv"),
        (["doctor", "--catalog", "items.csv"], 4, ""),
        (["index", "images", "--catalog", "items.csv"], 4, "items.csv"),
        (["sing"], 2, "sing"),
    ],
)
def test_what_goes_wrong_has_its_exit_code_and_says_what_to_do(run, indexed, words, code, message):
    done = run(*words)
    assert (done.code, done.out if code != 4 else "") == (code, ""), done.err
    assert message in done.err
    assert "Traceback" not in done.err


def test_failures_in_the_ledger_give_exit_code_1(run, shop, tmp_path):
    shutil.copy(shop / "images" / "bag-0001.jpg", tmp_path / "good.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "good.jpg").read_bytes()[:3000])
    for _ in range(2):  # also when the failure is remembered
        done = run("index", tmp_path, "--catalog", tmp_path / "c.lookalike", "--fingerprints", "whash", "--json")
        assert done.code == 1
        assert done.json["reasons"] == {"cut-off": 1}


def test_a_setting_of_the_wrong_kind_is_told(run, indexed):
    done = run("search", "images/bag-0001.jpg", LOOKALIKE_MAX_PIXELS="many")
    assert done.code == 2
    assert "LOOKALIKE_MAX_PIXELS is 'many'" in done.err


def test_a_search_by_default_asks_every_way_and_prints_what_each_match_is_worth(run, shop):
    catalog = ("--catalog", shop / "default.lookalike")
    assert run("index", "images", *catalog).code == 0
    done = run("search", "images/bag-0013.jpg", "-k", 4, *catalog)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].split() == ["pdq", "parts", "look", "worth"]
    assert len(done.out.splitlines()) == 5
    found = run("search", "images/bag-0013.jpg", "-k", 4, "--json", *catalog).json
    assert found["by"] == ["pdq", "parts", "look"]
    assert found["fusion"] == "best"
