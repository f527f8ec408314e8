"""A catalog that was cut off or has wrong bits opens and works, or explains itself; nothing else ever comes out."""

import random

import apsw
import pytest
from catalog_samples import COLORHASH, CROPS, WHASH, make_failure, make_result

from lookalike.catalog import Store, read_attributes
from lookalike.errors import CatalogDamaged, CatalogError, NotInCatalog, WhereError

FILES = 40


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The bytes of a small catalog with something in every table."""
    folder = tmp_path_factory.mktemp("sound")
    table = folder / "items.csv"
    table.write_text("file,price,brand\n" + "".join(f"{place},{place},Acme\n" for place in range(FILES)))
    with Store.open(folder / "c.lookalike") as store:
        number = store.begin_scan([folder])
        store.record(
            number,
            [make_result(folder / str(place), b"text %d" % place, WHASH, COLORHASH, CROPS) for place in range(FILES)]
            + [make_failure(folder / "broken")],
        )
        store.apply_attributes(read_attributes(table))
        store.mark_vanished(number, [folder])
    return (folder / "c.lookalike").read_bytes()


def use_everything(path, options):
    """Whatever a store can be asked; the error that says it is damaged, or None."""
    try:
        with Store.open(path, **options) as store:
            store.check()
            store.statistics()
            list(store.ledger())
            for recipe in (WHASH, COLORHASH, CROPS):
                ids, _, codes, _ = store.codes(recipe)
                assert len(ids) == len(codes)
            for record in store.contents(store.present_contents()):
                store.fingerprint(record.id, WHASH)
            store.known_files("/", [WHASH])
            store.contents_where("price < 5 and brand like 'a%'")
            store.random_contents(3, seed=1)
            if not options:
                number = store.begin_scan(["/nowhere"])
                store.record(number, [make_result("/nowhere/new", b"new", WHASH)])
                store.mark_vanished(number, ["/nowhere"])
    except CatalogError as error:
        return error
    except (NotInCatalog, WhereError) as error:
        # A lost row or name: SQLite can't know, and neither can we.
        return error
    return None


def test_a_sound_catalog_gives_no_error(sound, catalog):
    catalog.write_bytes(sound)
    assert use_everything(catalog, {}) is None


def test_a_catalog_cut_off_at_any_page_is_told_as_damaged(sound, catalog):
    lengths = {*range(0, len(sound), 4096), 1, 50, 99, 100, 4095, len(sound) - 1}
    for length in sorted(lengths - {0}):
        catalog.write_bytes(sound[:length])
        for options in ({}, {"read_only": True}):
            with pytest.raises(CatalogDamaged, match="lookalike doctor"):
                Store.open(catalog, **options)


@pytest.mark.parametrize("seed", range(6))
def test_wrong_bits_give_a_working_catalog_or_an_error_of_ours(sound, tmp_path, seed):
    chance = random.Random(seed)
    for attempt in range(25):
        data = bytearray(sound)
        for _ in range(chance.choice([1, 1, 8, 64])):
            place = chance.choice([chance.randrange(len(data)), chance.randrange(100), chance.randrange(4096)])
            data[place] ^= 1 << chance.randrange(8)
        path = tmp_path / f"{attempt}.lookalike"
        path.write_bytes(data)
        use_everything(path, chance.choice([{}, {"read_only": True}]))


def test_a_page_of_zeros_is_found_by_the_check_or_at_once(sound, tmp_path):
    found = 0
    pages = range(1, len(sound) // 4096)
    for page in pages:
        path = tmp_path / f"{page}.lookalike"
        path.write_bytes(sound[: page * 4096] + bytes(4096) + sound[(page + 1) * 4096 :])
        try:
            with Store.open(path, read_only=True) as store:
                found += not store.check().ok
        except CatalogDamaged:
            found += 1
    assert found == len(pages)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE fingerprints SET code = x'00' WHERE content_id = 3 AND recipe_id = 1", "has a code of 1 bytes"),
        ("UPDATE fingerprints SET code = x'ffffffffffff' WHERE content_id = 3 AND recipe_id = 2", "beyond its 42"),
        ("UPDATE fingerprints SET part = 4 WHERE content_id = 3 AND recipe_id = 1", "lacks some of its parts"),
        ("UPDATE contents SET notes = '{}' WHERE id = 3", "content 3 has notes or marks"),
        ("UPDATE contents SET quality = 101 WHERE id = 3", "quality 101"),
        ("UPDATE attributes SET json = '[]' WHERE file_id = 3", "file 3 has attributes that aren't"),
        ("DELETE FROM sightings WHERE file_id = 3", "file 3 was never seen"),
        ("UPDATE files SET path = x'41' WHERE id = 3", "file 3 has no absolute path"),
        ("DELETE FROM contents WHERE id = 3", "refers to a row of contents that isn't there"),
    ],
)
def test_the_check_tells_what_does_not_hold_between_the_tables(sound, catalog, statement, told):
    catalog.write_bytes(sound)
    raw = apsw.Connection(str(catalog))
    raw.execute(statement)
    raw.close()
    with Store.open(catalog) as store:
        problems = store.check().problems
    assert len(problems) >= 1
    assert any(told in problem for problem in problems), problems


def test_codes_of_a_wrong_length_are_never_served(sound, catalog):
    catalog.write_bytes(sound)
    raw = apsw.Connection(str(catalog))
    raw.execute("UPDATE fingerprints SET code = x'00112233445566' WHERE content_id = 3 AND recipe_id = 1")
    raw.execute("UPDATE fingerprints SET code = x'001122334455667788' WHERE content_id = 4 AND recipe_id = 1")
    raw.close()
    with Store.open(catalog) as store:
        with pytest.raises(CatalogDamaged, match="2 codes of whash"):
            store.codes(WHASH)
        with pytest.raises(CatalogDamaged, match="fingerprint of it is malformed"):
            store.fingerprint(3, WHASH)


def test_rows_that_make_no_sense_are_damage(sound, catalog):
    catalog.write_bytes(sound)
    raw = apsw.Connection(str(catalog))
    raw.execute("UPDATE contents SET notes = 'no json' WHERE id = 3; PRAGMA ignore_check_constraints = 1")
    raw.execute("UPDATE attributes SET json = '[1]' WHERE file_id = 4")
    raw.close()
    with Store.open(catalog) as store:
        for content_id in (3, 4):
            with pytest.raises(CatalogDamaged, match="makes no sense"):
                store.content(content_id)
