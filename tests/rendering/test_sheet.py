import os
import stat

import numpy as np
import pytest
from PIL import Image, ImageColor

from lookalike.errors import RenderingError
from lookalike.rendering import (
    RecipeDistance,
    Tile,
    draw_sheet,
    draw_side_by_side,
    save_report,
    save_sheet,
    split_into_sheets,
    theme,
)
from lookalike.rendering.lettering import Lettering

TEAL = (0, 128, 128)


def tiles(count, **rest):
    return [Tile(Image.new("RGB", (60, 40), TEAL), (f"img-{number}.jpg",), **rest) for number in range(count)]


def pixels_of(sheet, colour):
    wanted = np.array(ImageColor.getrgb(colour) if isinstance(colour, str) else colour)
    return (np.asarray(sheet) == wanted).all(axis=2)


def patches_of(mask):
    """How many separate stretches of columns, and of rows, hold a marked pixel."""
    return [int(np.count_nonzero(np.diff(np.r_[0, mask.any(axis=axis).astype(int)]) == 1)) for axis in (0, 1)]


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (9, 3, 3), (10, 5, 2), (81, 9, 9), (200, 20, 10)]
)
def test_every_number_of_tiles_gets_a_grid_that_shows_them_all(count, columns, rows):
    sheet = draw_sheet(tiles(count), scale=1, tile_size=64)
    assert patches_of(pixels_of(sheet, TEAL)) == [columns, rows]


@pytest.mark.parametrize("count", [1, 9, 30, 101])
def test_tiles_are_split_in_order_into_sheets_that_fit(count):
    several = tiles(count)
    for max_pixels in (1_000_000, 3_000_000, 80_000_000):
        parts = split_into_sheets(several, title="A sample", max_pixels=max_pixels)
        assert [tile for part in parts for tile in part] == several
        assert max(map(len, parts)) - min(map(len, parts)) <= len(parts)
        if max_pixels > 1_000_000 and count < 200:
            for part in parts:
                draw_sheet(part, title="A sample", max_pixels=max_pixels)  # raises where it doesn't fit
    assert split_into_sheets(several) == [several]


def test_thousands_of_tiles_need_few_sheets():
    assert len(split_into_sheets(tiles(2000))) == 3


def test_columns_are_as_asked():
    assert patches_of(pixels_of(draw_sheet(tiles(6), columns=6, scale=1), TEAL)) == [6, 1]


def test_a_picture_keeps_its_shape_in_its_square_cell():
    for size in ((200, 50), (50, 200), (120, 80)):
        sheet = draw_sheet([Tile(Image.new("RGB", size, TEAL))], scale=1, tile_size=200)
        mask = pixels_of(sheet, TEAL)
        width, height = int(mask.any(axis=0).sum()), int(mask.any(axis=1).sum())
        assert width / height == pytest.approx(size[0] / size[1], rel=0.03)


def test_only_the_query_is_marked():
    plain = draw_sheet(tiles(4), scale=1)
    marked = draw_sheet([*tiles(1, emphasis="query"), *tiles(3)], scale=1)
    assert not pixels_of(plain, theme.EMPHASIS_INK["query"]).any()
    mask = pixels_of(marked, theme.EMPHASIS_INK["query"])
    assert mask.any()
    assert mask[:, : marked.width // 2].sum() == mask.sum()


def test_the_distance_and_the_caption_are_drawn_under_the_picture():
    picture = Image.new("RGB", (60, 60), TEAL)
    bare = draw_sheet([Tile(picture)], scale=1)
    told = draw_sheet([Tile(picture, ("img-24.jpg",), distances=(RecipeDistance("whash", 3, 64),))], scale=1)
    assert told.height > bare.height
    bottom_of_picture = int(np.flatnonzero(pixels_of(told, TEAL).any(axis=1)).max())
    below = np.asarray(told.convert("L"))[bottom_of_picture + 4 : told.height - theme.MARGIN]
    assert (below < 80).sum() > 100
    assert pixels_of(told, theme.likeness_ink(1 - 6 / 64))[bottom_of_picture:].any()


def test_the_bar_shrinks_with_the_distance_and_is_gone_at_chance():
    lengths = []
    for bits in (0, 3):
        sheet = draw_sheet([Tile(None, distances=(RecipeDistance("whash", bits, 64),))], scale=1)
        lengths.append(int(pixels_of(sheet, theme.likeness_ink(1.0)).sum()))
    assert lengths[0] > lengths[1] > 0
    chance = draw_sheet([Tile(None, distances=(RecipeDistance("whash", 32, 64),))], scale=1)
    assert not any(pixels_of(chance, ink).any() for _, ink in theme.LIKENESS_STEPS)


def test_a_picture_that_is_missing_or_damaged_is_drawn_as_a_placeholder_that_says_so(tmp_path):
    path = tmp_path / "cut.jpg"
    Image.effect_noise((400, 300), 90).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with Image.open(path) as damaged:
        sheet = draw_sheet([Tile(None, problem="the file is gone"), Tile(damaged), *tiles(1)], columns=3, scale=1)
    wells = pixels_of(sheet, theme.PROBLEM_WELL)
    inks = pixels_of(sheet, theme.PROBLEM_INK)
    assert patches_of(wells)[0] == 2
    assert inks[:, : sheet.width // 3].any()
    assert inks[:, sheet.width // 3 : 2 * sheet.width // 3].any()
    assert pixels_of(sheet, TEAL).any()


def test_the_reason_on_a_placeholder_changes_what_is_drawn():
    one, other = (draw_sheet([Tile(None, problem=words)], scale=1) for words in ("file is gone", "cut off"))
    assert one.tobytes() != other.tobytes()


@pytest.mark.parametrize("name", ["x\n\x1b[31m", "\udcff.jpg", "中文名字" * 40, "👜.png", "שלום.jpg", "a" * 10_000, ""])
def test_no_name_breaks_a_sheet(name):
    usual = draw_sheet([Tile(None, ("img.jpg",), badge="3 bits")], scale=1)
    nasty = draw_sheet([Tile(None, (name,), badge=name or "0")], scale=1, title=name, footer="f")
    assert nasty.width == usual.width


def test_twice_the_scale_is_twice_the_size():
    once, twice = (draw_sheet(tiles(2), title="Two", subtitle="bags", footer="made", scale=scale) for scale in (1, 2))
    assert twice.width == 2 * once.width
    assert abs(twice.height - 2 * once.height) <= 10


def test_panels_stand_side_by_side_and_a_single_query_takes_one_column():
    sheet = draw_side_by_side([("Query", tiles(1)), ("whash", tiles(9)), ("colorhash", tiles(9))], scale=1)
    assert patches_of(pixels_of(sheet, TEAL)) == [7, 3]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"tiles": []}, "at least one tile"),
        ({"tiles": tiles(1), "columns": 0}, "column"),
        ({"tiles": tiles(1), "scale": 9}, "scale"),
        ({"tiles": tiles(1), "tile_size": 3}, "tile"),
        ({"tiles": tiles(9), "max_pixels": 10_000}, "fewer tiles"),
        ({"tiles": tiles(4000), "tile_size": 2000}, "fewer tiles"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_advice(arguments, says):
    with pytest.raises(RenderingError, match=says):
        draw_sheet(arguments.pop("tiles"), **arguments)


def test_a_side_by_side_sheet_without_any_tile_is_refused():
    with pytest.raises(RenderingError, match="at least one tile"):
        draw_side_by_side([("whash", []), ("colorhash", [])])


@pytest.mark.parametrize(("bits", "width_bits"), [(-1, 64), (65, 64), (0, 0)])
def test_an_impossible_distance_is_refused(bits, width_bits):
    with pytest.raises(RenderingError, match="whash"):
        RecipeDistance("whash", bits, width_bits)


def test_likeness_is_one_for_equal_codes_and_zero_from_half_of_the_bits_on():
    assert [RecipeDistance("whash", bits, 64).likeness for bits in (0, 16, 32, 64)] == [1.0, 0.5, 0.0, 0.0]
    assert [RecipeDistance("whash", bits, 64).words for bits in (0, 1, 2)] == ["0 bits", "1 bit", "2 bits"]


def test_a_saved_sheet_opens_again_and_leaves_nothing_beside_it(tmp_path):
    sheet = draw_sheet(tiles(2), scale=1)
    path = tmp_path / "out.png"
    path.write_bytes(b"older")
    save_sheet(sheet, path)
    with Image.open(path) as again:
        assert again.format == "PNG"
        assert again.tobytes() == sheet.tobytes()
    assert os.listdir(tmp_path) == ["out.png"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o400


def test_a_sheet_goes_only_where_a_png_file_can_be(tmp_path):
    sheet = draw_sheet(tiles(1), scale=1)
    for path, says in (
        (tmp_path / "out.jpg", ".png"),
        (tmp_path / "nowhere" / "out.png", "folder"),
        (tmp_path / "folder.png", "regular file"),
    ):
        (tmp_path / "folder.png").mkdir(exist_ok=True)
        with pytest.raises(RenderingError, match=says):
            save_sheet(sheet, path)
    assert os.listdir(tmp_path) == ["folder.png"]


def test_a_write_that_fails_keeps_the_older_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("older")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RenderingError, match="No space left"):
        save_report("<p>newer</p>", path)
    assert path.read_text() == "older"
    assert os.listdir(tmp_path) == ["report.html"]


def test_saving_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "link.html").symlink_to(tmp_path / "target.html")
    save_report("<p>é</p>", os.fsencode(tmp_path / "link.html"))
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "target.html").read_text("utf-8") == "<p>é</p>"


def test_a_badge_of_several_distances_shrinks_and_drops_its_bar_rather_than_losing_a_name(monkeypatch):
    drawn = []
    draw = Lettering.draw

    def note(self, canvas, place, text, size, **rest):
        drawn.append((text, size))
        return draw(self, canvas, place, text, size, **rest)

    monkeypatch.setattr(Lettering, "draw", note)
    near = (RecipeDistance("pdq", 28, 256),)
    draw_sheet([Tile(None, ("a.jpg",), badge="pdq 28", distances=near)] * 2, scale=1, tile_size=120)
    draw_sheet([Tile(None, ("a.jpg",), badge="pdq 28  look 123  parts 0", distances=near)] * 2, scale=1, tile_size=120)
    sizes = dict(drawn)
    assert "pdq 28  look 123  parts 0" in sizes
    assert 0.7 <= sizes["pdq 28  look 123  parts 0"] / sizes["pdq 28"] < 1
